import {
  Fault,
  FILES_MEDIA_TYPE,
  type MedGuardClient,
  type OpenedRecord,
  printable,
  type RecordSummary,
} from '@medguard/client'
import { statSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import type { Answer, CommandGroup } from '../command.ts'
import { UsageError, valueOf } from '../exit-code.ts'
import { type FileSource, openFile } from '../file-source.ts'
import { expectFree } from '../files.ts'
import { openFolder } from '../folder.ts'
import { table } from '../format.ts'
import { mediaTypeOf } from '../media-type.ts'
import type { Identities } from '../identities.ts'
import { errorCodeOf } from '../new-file.ts'
import { openPart } from '../part-file.ts'
import { createProgress } from '../progress.ts'
import { signatureMark, signatureWords } from '../signature-words.ts'
import { byPrefix, categoriesOf, clinicalDateOf, expectPrefix, recordsOf, short } from './lookup.ts'

export const recordCommands: CommandGroup = {
  usage: `\
  whoami                            who you are here, and your share code
  add FILE [--kind KIND] [--title TITLE] [--type MEDIA/TYPE] [--date DATE]
                                    seal a file and store it (kinds: summary labs imaging
                                    medicines documents vitals sensitive other)
  add FOLDER …                      the files of a folder as one record, for instance a study
  list [--kind KIND…] [--of PATIENT]  your records, or those a patient shares with you
  show ID [--version N] [--out FILE] [--of PATIENT]
                                    open one record, the newest version unless told; without --out it is printed`,
  commands: {
    whoami: {
      args: 0,
      options: ['for-patient'],
      onlyAsks: true,
      async run({ client, ward }) {
        const account = valueOf(await client.account())
        const principal = ward?.patient ?? client.principal
        const value = { principal, enrolled: account !== null, patientId: account?.patientId ?? null }
        const state =
          account === null ? 'no records yet: add one, and your vault is opened' : `vault ${account.patientId}`
        return { value, words: `share code  ${principal}\n${state}` }
      },
    },
    add: {
      args: 1,
      options: ['for-patient', 'kind', 'title', 'type', 'date'],
      async run({ client, ward, args: { subject, options } }) {
        const category = categoriesOf(options.kind)
        if (category.length > 1) throw new UsageError('a record has one --kind')
        const clinical = clinicalDateOf(options.date)
        const isFolder = statSync(subject, { throwIfNoEntry: false })?.isDirectory() === true
        const { content, close, left } = isFolder
          ? await folderContent(subject)
          : await fileContent(subject, options.type)
        try {
          const name = basename(resolve(subject))
          valueOf(await client.enrol())
          const record = valueOf(
            await client.add(
              {
                ...content,
                title: options.title ?? name,
                category: category[0] ?? 'documents',
                clinicalDate: clinical,
                subject: ward === null ? (options.as ?? null) : null,
              },
              createProgress(options.json === true),
            ),
          )
          const leaving = left === 0 ? '' : `\nleft out ${left} that are hidden, links or no files`
          return { value: record, words: `stored ${printable(record.title)} as ${record.recordId}${leaving}` }
        } finally {
          await close()
        }
      },
    },
    list: {
      args: 0,
      options: ['for-patient', 'kind', 'of'],
      async run({ client, identities, args: { options } }) {
        const progress = createProgress(options.json === true)
        const categories = categoriesOf(options.kind)
        const records = await recordsOf({ client, identities, of: options.of, categories, progress })
        return { value: records, words: records.length === 0 ? 'No records.' : recordTable(records) }
      },
    },
    show: {
      args: 1,
      options: ['for-patient', 'out', 'of', 'version'],
      async run({ client, identities, args: { subject, options } }) {
        expectPrefix(subject, 'record')
        if (options.out !== undefined) expectFree(options.out)
        const version = versionOf(options.version)
        const progress = createProgress(options.json === true)
        const records = await recordsOf({ client, identities, of: options.of, categories: [], progress })
        const newest = byPrefix(records, subject, (each) => each.recordId, 'record')
        const record = version === null ? newest : await thatVersion(client, newest, version)
        if (options.out !== undefined)
          return saved(client, record, { out: options.out, isJson: options.json === true, identities })
        if (record.sizeBytes > PRINTED_BYTES_MAX) throw new UsageError('this record is large: use --out FILE')
        const opened = valueOf(await client.open(record, progress))
        const said = signatureWords(opened.summary.signature, identities)
        const value = { ...opened.summary, leafIndex: opened.leafIndex, verified: opened.verified }
        return options.json === true
          ? { value: { ...value, base64: Buffer.from(opened.bytes).toString('base64') }, words: '' }
          : { value, words: '', bytes: opened.bytes, ...(said === null ? {} : { aside: said }) }
      },
    },
  },
}

function versionOf(text: string | undefined): number | null {
  if (text === undefined) return null
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError('--version is a number, as medguard versions ID shows it')
  return Number(text)
}

async function thatVersion(client: MedGuardClient, newest: RecordSummary, version: number): Promise<RecordSummary> {
  const all = valueOf(await client.versions(newest))
  const found = all.find(({ summary }) => summary.version === version)
  if (found === undefined) throw new UsageError(`there is no version ${version} of it here`)
  return found.summary
}

/** Nothing of a content is printed before all of it verified, so it is in memory until then. */
const PRINTED_BYTES_MAX = 32 * 1024 * 1024
/** FHIR is told from other JSON by its content, if that is not too long to look at. */
const LOOKED_AT_BYTES_MAX = 4 * 1024 * 1024

async function fileContent(path: string, type: string | undefined) {
  const file = await openFile(path)
  const fileName = basename(path)
  const mediaType = type ?? mediaTypeOf(fileName, await beginningOf(file))
  return { content: { bytes: file, fileName, mediaType }, close: () => file.close(), left: 0 }
}

async function folderContent(path: string) {
  const { files, left, close } = await openFolder(path)
  const fileName = `${basename(resolve(path))}.zip`
  return { content: { bytes: { files }, fileName, mediaType: FILES_MEDIA_TYPE }, close, left }
}

const beginningOf = async (file: FileSource): Promise<Uint8Array> =>
  file.sizeBytes > LOOKED_AT_BYTES_MAX ? new Uint8Array(0) : file.read(0, file.sizeBytes)

/** Opens a record into a file, which gets its name when all of it verified. */
async function saved(
  client: MedGuardClient,
  record: RecordSummary,
  { out, isJson, identities }: { out: string; isJson: boolean; identities: Identities },
): Promise<Answer> {
  const part = await openPart(out, `${short(record.recordId)}-${record.version}`)
  let opened: Omit<OpenedRecord, 'bytes'>
  try {
    opened = valueOf(await client.openInto(record, part.sink, createProgress(isJson)))
  } catch (error) {
    await (error instanceof Fault && error.code === 'Tampered' ? part.discard() : part.leave())
    throw error
  }
  const { summary, leafIndex, verified } = opened
  try {
    await part.finish(summary.sizeBytes)
  } catch (error) {
    const isTaken = errorCodeOf(error) === 'EEXIST'
    throw new UsageError(isTaken ? `${out} is there already` : `cannot write ${out}`, { cause: error })
  }
  return {
    value: { ...summary, leafIndex, verified, out },
    words: [`wrote ${summary.sizeBytes} bytes to ${out}`, signatureWords(summary.signature, identities) ?? []]
      .flat()
      .join('\n'),
  }
}

function recordTable(records: readonly RecordSummary[]): string {
  return table(
    records.map((r) => [
      short(r.recordId),
      r.category,
      r.clinicalDate ?? '',
      `${r.sizeBytes} B`,
      signatureMark(r),
      r.title,
    ]),
  )
}
