import { Fault, type FileInRecord, type MedGuardClient, printable, type RecordSummary } from '@medguard/client'
import { createHash } from 'node:crypto'
import { createReadStream, lstatSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { Answer, CommandGroup } from '../command.ts'
import { UsageError, valueOf } from '../exit-code.ts'
import { expectFree } from '../files.ts'
import { table } from '../format.ts'
import type { Identities } from '../identities.ts'
import { errorCodeOf } from '../new-file.ts'
import { openPart } from '../part-file.ts'
import { createProgress } from '../progress.ts'
import { byPrefix, expectPrefix, recordsOf } from './lookup.ts'

// Records of several files, for instance an imaging study: `add FOLDER` stores one.

export const fileCommands: CommandGroup = {
  usage: `\
  files ID [--of PATIENT]           the files of a record that was added as a folder
  get ID --out FOLDER [--of PATIENT]
                                    all of them into a new folder; what an interrupted try left there is kept
  get ID --file NAME --out FILE [--of PATIENT]
                                    one of them: only the part that holds it is fetched and checked`,
  commands: {
    files: {
      args: 1,
      options: ['for-patient', 'of'],
      async run({ client, identities, args: { subject, options } }) {
        const { files } = await opened(client, identities, subject, options.of)
        return { value: files, words: table(files.map(({ name, sizeBytes }) => [`${sizeBytes} B`, name])) }
      },
    },
    get: {
      args: 1,
      options: ['for-patient', 'of', 'file', 'out'],
      async run({ client, identities, args: { subject, options } }) {
        const { file: name, out } = options
        if (out === undefined) throw new UsageError('get ID --out FOLDER, or get ID --file NAME --out FILE')
        if (name === undefined) expectFolder(out, 'may be new')
        else expectFree(out)
        const { record, files } = await opened(client, identities, subject, options.of)
        if (name === undefined) return allOf(client, record, files, { out, isJson: options.json === true })
        const file = files.find((each) => each.name === name)
        if (file === undefined) throw new UsageError(`there is no file ${printable(name)} in it: see medguard files ID`)
        await saved(client, record, file, out, () => {})
        return { value: { ...file, out }, words: `wrote ${file.sizeBytes} bytes to ${out}` }
      },
    },
  },
}

async function opened(
  client: MedGuardClient,
  identities: Identities,
  prefix: string,
  of: string | undefined,
): Promise<{ record: RecordSummary; files: readonly FileInRecord[] }> {
  expectPrefix(prefix, 'record')
  const records = await recordsOf({ client, identities, of, categories: [] })
  const record = byPrefix(records, prefix, (each) => each.recordId, 'record')
  if (record.hasFiles !== true) throw new UsageError('this record is one file: medguard show ID --out FILE')
  return { record, files: valueOf(await client.files(record)).files }
}

async function allOf(
  client: MedGuardClient,
  record: RecordSummary,
  files: readonly FileInRecord[],
  { out, isJson }: { out: string; isJson: boolean },
): Promise<Answer> {
  const progress = createProgress(isJson)
  const totalBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
  let doneBytes = 0
  const done = (bytes: number): void => {
    doneBytes += bytes
    progress({ step: 'downloading', doneBytes, totalBytes })
  }
  expectFolder(out, 'is made')
  for (const file of files) {
    // Names are somebody else's. They come as paths that stay inside (`safePaths`), and each folder on the way is one of ours.
    const segments = file.name.split('/')
    for (let i = 1; i < segments.length; i++) expectFolder(join(out, ...segments.slice(0, i)), 'is made')
    const path = join(out, ...segments)
    if (await isThere(path, file)) done(file.sizeBytes)
    else await saved(client, record, file, path, done)
  }
  return {
    value: { recordId: record.recordId, files: files.length, sizeBytes: totalBytes, out },
    words: `wrote ${files.length} files, ${totalBytes} bytes, to ${out}`,
  }
}

/** A folder that nobody else can put anything into. @throws UsageError */
function expectFolder(path: string, when: 'may be new' | 'is made'): void {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) {
    if (when === 'may be new') return expectFree(path)
    try {
      mkdirSync(path, { mode: 0o700 })
    } catch (error) {
      throw new UsageError(`cannot write ${path}`, { cause: error })
    }
  } else if (!stat.isDirectory()) throw new UsageError(`${path} is there already`)
  else if ((stat.mode & 0o022) !== 0) throw new UsageError(`others may write into ${path}: name a new folder`)
}

/** What an earlier try finished. @throws UsageError for another file of that name. */
async function isThere(path: string, { sizeBytes, sha256 }: FileInRecord): Promise<boolean> {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return false
  if (stat.isFile() && stat.size === sizeBytes) {
    const hash = createHash('sha256')
    await pipeline(createReadStream(path), hash)
    if (hash.digest('hex') === sha256) return true
  }
  throw new UsageError(`${path} is there already`)
}

/** One file, which gets its name when all of it verified. */
async function saved(
  client: MedGuardClient,
  record: RecordSummary,
  file: FileInRecord,
  out: string,
  done: (bytes: number) => void,
): Promise<void> {
  const part = await openPart(out, `${file.sha256.slice(0, 8)}-${file.index}`)
  const write = async (piece: Uint8Array, start: number): Promise<void> => {
    await part.sink.write(new Uint8Array(piece), start)
    done(piece.length)
  }
  try {
    valueOf(await client.openFileInto(record, file.index, { write }))
  } catch (error) {
    await part.discard()
    throw error instanceof Fault ? new Fault(error.code, `${printable(file.name)}: ${error.message}`) : error
  }
  try {
    await part.finish(file.sizeBytes)
  } catch (error) {
    const isTaken = errorCodeOf(error) === 'EEXIST'
    throw new UsageError(isTaken ? `${out} is there already` : `cannot write ${dirname(out)}`, { cause: error })
  }
}
