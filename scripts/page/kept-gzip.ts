import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

import { gzipSync } from 'fflate'

import { ROOT } from '../project.ts'

const FOLDER = join(ROOT, 'node_modules/.cache/page')
const KEPT_MS = 86_400_000

/**
 * The same bytes on every machine, which is why JavaScript packs them: 3 s for a page, at each start. What was packed before is found beside the installed packages and
 * believed when it unpacks to the content.
 */
export function keptGzip(content: Uint8Array, folder = FOLDER): Uint8Array {
  const path = join(folder, `${createHash('sha256').update(content).digest('hex')}.gz`)
  const known = readKept(path, content)
  if (known !== null) return known
  const packed = gzipSync(content, { level: 9, mtime: 0 })
  keep(folder, path, packed)
  return packed
}

function readKept(path: string, content: Uint8Array): Uint8Array | null {
  try {
    const packed = new Uint8Array(readFileSync(path))
    const isWhole = gunzipSync(packed, { maxOutputLength: content.length }).equals(content)
    return isWhole ? packed : null
  } catch {
    return null // absent, torn or damaged: it is made again
  }
}

/** Whole or not at all, since others may look; where nothing can be written, nothing is kept. */
function keep(folder: string, path: string, packed: Uint8Array): void {
  const draft = `${path}.${randomUUID()}`
  try {
    mkdirSync(folder, { recursive: true })
    for (const name of readdirSync(folder))
      if (Date.now() - statSync(join(folder, name)).mtimeMs > KEPT_MS) rmSync(join(folder, name), { force: true })
    writeFileSync(draft, packed)
    renameSync(draft, path)
  } catch {
    if (existsSync(draft)) rmSync(draft)
  }
}
