import { printable, type RecordSummary } from '@medguard/client'
import { basename } from 'node:path'
import type { CommandGroup } from '../command.ts'
import { UsageError, valueOf } from '../exit-code.ts'
import { expectFree, readFile, save } from '../files.ts'
import { table } from '../format.ts'
import { mediaTypeOf } from '../media-type.ts'
import { byPrefix, categoriesOf, expectPrefix, recordsOf, short } from './lookup.ts'

export const recordCommands: CommandGroup = {
  usage: `\
  whoami                            who you are here, and your share code
  add FILE [--kind KIND] [--title TITLE] [--type MEDIA/TYPE] [--date DATE]
                                    seal a file and store it (kinds: summary labs imaging
                                    medicines documents vitals sensitive other)
  list [--kind KIND…] [--of PATIENT]  your records, or those a patient shares with you
  show ID [--out FILE] [--of PATIENT] open one record; without --out it is printed`,
  commands: {
    whoami: {
      args: 0,
      options: [],
      async run({ client }) {
        const account = valueOf(await client.account())
        const value = { principal: client.principal, enrolled: account !== null, patientId: account?.patientId ?? null }
        const state =
          account === null ? 'no records yet: add one, and your vault is opened' : `vault ${account.patientId}`
        return { value, words: `share code  ${client.principal}\n${state}` }
      },
    },
    add: {
      args: 1,
      options: ['kind', 'title', 'type', 'date'],
      async run({ client, args: { subject, options } }) {
        const bytes = readFile(subject)
        const category = categoriesOf(options.kind)
        if (category.length > 1) throw new UsageError('a record has one --kind')
        valueOf(await client.enrol())
        const fileName = basename(subject)
        const record = valueOf(
          await client.add({
            bytes,
            fileName,
            title: options.title ?? fileName,
            mediaType: options.type ?? mediaTypeOf(fileName, bytes),
            category: category[0] ?? 'documents',
            clinicalDate: clinicalDate(options.date),
            subject: options.as ?? null,
          }),
        )
        return { value: record, words: `stored ${printable(record.title)} as ${record.recordId}` }
      },
    },
    list: {
      args: 0,
      options: ['kind', 'of'],
      async run({ client, identities, args: { options } }) {
        const records = await recordsOf({ client, identities, of: options.of, categories: categoriesOf(options.kind) })
        return { value: records, words: records.length === 0 ? 'No records.' : recordTable(records) }
      },
    },
    show: {
      args: 1,
      options: ['out', 'of'],
      async run({ client, identities, args: { subject, options } }) {
        expectPrefix(subject, 'record')
        if (options.out !== undefined) expectFree(options.out)
        const records = await recordsOf({ client, identities, of: options.of, categories: [] })
        const record = byPrefix(records, subject, (each) => each.recordId, 'record')
        const opened = valueOf(await client.open(record))
        const value = { ...opened.summary, leafIndex: opened.leafIndex, verified: opened.verified }
        if (options.out !== undefined) {
          save(options.out, opened.bytes)
          return {
            value: { ...value, out: options.out },
            words: `wrote ${opened.bytes.length} bytes to ${options.out}`,
          }
        }
        return options.json === true
          ? { value: { ...value, base64: Buffer.from(opened.bytes).toString('base64') }, words: '' }
          : { value, words: '', bytes: opened.bytes }
      },
    },
  },
}

function clinicalDate(date: string | undefined): string | null {
  if (date === undefined) return null
  if (!/^\d{4}-\d{2}-\d{2}(T[0-9:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(date) || Number.isNaN(Date.parse(date)))
    throw new UsageError('--date is a day or a time, for instance 2026-03-14')
  return date
}

function recordTable(records: readonly RecordSummary[]): string {
  return table(records.map((r) => [short(r.recordId), r.category, r.clinicalDate ?? '', `${r.sizeBytes} B`, r.title]))
}
