import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Samples of others, which lie beside the project where somebody put them (their licences allow it; their size does not belong here). */
const FOLDER = join(import.meta.dirname, '../../../../shared/data')

/** The files of one kind; none, with a word on it, where they are not there. */
export function sharedData(kind: string): { readonly name: string; readonly path: string }[] {
  const folder = join(FOLDER, kind)
  if (!existsSync(folder)) {
    process.stderr.write(`${folder} is not there: what is read from it is not tested\n`)
    return []
  }
  return readdirSync(folder).map((name) => ({ name, path: join(folder, name) }))
}
