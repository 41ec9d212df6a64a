// Prepared modules beside the saved state: preparing takes 50 ms for a module of 3 MB, which each start would pay again for each one.
// Only a copy of what can be made anew, so nothing here is ever waited for, and nothing that fails here matters.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deserialize, serialize } from 'node:v8'
import type { ImportSignature, PreparedModule } from '../contracts.ts'

export type Prepare = (uploaded: Uint8Array, allowed: ReadonlyMap<string, ImportSignature>) => PreparedModule

const PREFIX = 'prepared-'
const CHECK_BYTES = 32
const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

export interface KeptModules {
  /** As the function it stands for. @throws InvalidModule */
  readonly prepare: Prepare
  /** Removes what was neither made nor asked for since opening. */
  forgetUnused(): void
}

/**
 * @param dir folder of the saved state, under its lock.
 * @param version names the program that prepares: what another made is not used.
 */
export function keepModules(dir: string, version: string, prepare: Prepare): KeptModules {
  const used = new Set<string>()
  return {
    prepare(uploaded, allowed) {
      const name = `${PREFIX}${moduleName(uploaded, allowed, version)}`
      used.add(name)
      const known = readModule(join(dir, name))
      if (known !== null) return known
      const prepared = prepare(uploaded, allowed)
      writeModule(join(dir, name), prepared)
      return prepared
    },
    forgetUnused() {
      for (const name of readdirSync(dir)) {
        if (name.startsWith(PREFIX) && !used.has(name)) rmSync(join(dir, name), { force: true })
      }
    },
  }
}

/** A name for what preparing makes of it. */
export function moduleName(uploaded: Uint8Array, allowed: ReadonlyMap<string, ImportSignature>, version = ''): string {
  const signatures = serialize([version, [...allowed].toSorted(([a], [b]) => (a < b ? -1 : 1))])
  return sha256(signatures, sha256(uploaded)).toString('hex')
}

/** A name for the code in the folder of a file, its own included: other code, other name. @param moduleUrl its `import.meta.url`. */
export function codeVersion(moduleUrl: string): string {
  const folder = dirname(fileURLToPath(moduleUrl))
  const files = readdirSync(folder).filter((name) => /\.m?[jt]s$/u.test(name))
  return sha256(...files.toSorted().map((name) => readFileSync(join(folder, name)))).toString('hex')
}

function readModule(path: string): PreparedModule | null {
  try {
    const file = readFileSync(path)
    const content = file.subarray(CHECK_BYTES)
    if (!sha256(content).equals(file.subarray(0, CHECK_BYTES))) return null
    return withOwnBytes(deserialize(content) as PreparedModule)
  } catch {
    return null // absent, unreadable or torn: it is made again
  }
}

/** Deserialised byte arrays are views into the file's buffer, which each of them would keep alive. */
function withOwnBytes(prepared: PreparedModule): PreparedModule {
  return {
    ...prepared,
    moduleHash: new Uint8Array(prepared.moduleHash),
    wasm: new Uint8Array(prepared.wasm),
    customSections: prepared.customSections.map((section) => ({
      ...section,
      content: new Uint8Array(section.content),
    })),
  }
}

function writeModule(path: string, prepared: PreparedModule): void {
  const draft = `${path}.new`
  try {
    const content = serialize(prepared)
    writeFileSync(draft, sha256(content), { mode: 0o600 })
    writeFileSync(draft, content, { flag: 'a' })
    renameSync(draft, path)
  } catch {
    rmSync(draft, { force: true }) // a full disk is for the storage to complain of
  }
}
