import { type MedGuardClient, printable, type Profile, type RecordSummary, RECORD_RELATIONS } from '@medguard/client'
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { CommandGroup } from '../command.ts'
import { UsageError, valueOf } from '../exit-code.ts'
import { openFile } from '../file-source.ts'
import { expectFree, save } from '../files.ts'
import { table, toTime } from '../format.ts'
import type { Identities } from '../identities.ts'
import { mediaTypeOf } from '../media-type.ts'
import { createProgress } from '../progress.ts'
import { byPrefix, clinicalDateOf, expectPrefix, recordsOf, short } from './lookup.ts'

export const changeCommands: CommandGroup = {
  usage: `\
  amend ID --file FILE [--title TITLE] [--type MEDIA/TYPE] [--date DATE] [--of PATIENT]
                                    store a new version; older ones stay
  versions ID [--of PATIENT]        every version, who stored it and when
  delete ID                         delete a record of yours, everywhere and for good
  annotate ID --text TEXT [--correct] [--of PATIENT]
                                    add a note, which goes along where the record is shared
  profile [--set FILE]              your profile; --set takes it from a JSON file
  usage                             how much room you have
  uploads                           what you began to store and did not finish
  abandon ID                        give one of these up
  erase VAULT --out RECEIPT         erase your whole vault, for good; VAULT as whoami says it
                                    (for a dependant: a week after announce-erasure)
  announce-erasure, stop-erasure    for a dependant, with --for-patient: whoever manages may stop it within the week`,
  commands: {
    amend: {
      args: 1,
      options: ['for-patient', 'file', 'title', 'type', 'of', 'date'],
      async run({ client, identities, args: { subject, options } }) {
        const { file: path } = options
        expectPrefix(subject, 'record')
        if (path === undefined) throw new UsageError('amend ID --file FILE')
        const date = clinicalDateOf(options.date)
        const file = await openFile(path)
        try {
          const record = await recordOf(client, identities, subject, options.of)
          const fileName = basename(path)
          const mediaType = options.type ?? mediaTypeOf(fileName, new Uint8Array())
          const amended = valueOf(
            await client.amend(
              record,
              {
                bytes: file,
                fileName,
                title: options.title ?? record.title,
                mediaType: mediaType === 'application/octet-stream' ? record.mediaType : mediaType,
                clinicalDate: date ?? record.clinicalDate,
                subject: record.subject,
              },
              createProgress(options.json === true),
            ),
          )
          return { value: amended, words: `stored version ${amended.version} of ${printable(amended.title)}` }
        } finally {
          await file.close()
        }
      },
    },
    versions: {
      args: 1,
      options: ['for-patient', 'of'],
      async run({ client, identities, args: { subject, options } }) {
        const record = await recordOf(client, identities, subject, options.of)
        const versions = valueOf(await client.versions(record))
        const rows = versions.map(({ summary, storedBy, storedNs }) => [
          String(summary.version),
          storedNs === null ? '' : toTime(storedNs),
          storedBy === null ? '' : (identities.nameOf(storedBy) ?? storedBy),
          `${summary.sizeBytes} B`,
          summary.title,
        ])
        return { value: versions, words: table(rows) }
      },
    },
    delete: {
      args: 1,
      options: ['for-patient'],
      async run({ client, identities, args: { subject } }) {
        const record = await recordOf(client, identities, subject, undefined)
        valueOf(await client.deleteRecord(record.recordId))
        return { value: { recordId: record.recordId }, words: `deleted ${printable(record.title)}` }
      },
    },
    annotate: {
      args: 1,
      options: ['for-patient', 'text', 'correct', 'of'],
      async run({ client, identities, args: { subject, options } }) {
        const { text } = options
        if (text === undefined || text.trim() === '') throw new UsageError('annotate ID --text TEXT')
        const record = await recordOf(client, identities, subject, options.of)
        const [annotates, corrects] = RECORD_RELATIONS
        const note = valueOf(
          await client.annotate(record, { text, relation: options.correct === true ? corrects : annotates }),
        )
        return { value: note, words: `noted as ${note.recordId}` }
      },
    },
    profile: {
      args: 0,
      options: ['for-patient', 'set'],
      async run({ client, args: { options } }) {
        const wanted = options.set === undefined ? null : readProfile(options.set)
        valueOf(await client.enrol())
        const profile = valueOf(await (wanted === null ? client.profile() : client.setProfile(wanted)))
        const rows = Object.entries(profile ?? {}).map(([field, value]) => [
          field,
          typeof value === 'string' ? value : JSON.stringify(value),
        ])
        return { value: profile, words: rows.length === 0 ? 'No profile.' : table(rows) }
      },
    },
    erase: {
      args: 1,
      options: ['for-patient', 'out'],
      async run({ client, args: { subject, options } }) {
        if (!/^[0-9a-f]{32}$/i.test(subject)) throw new UsageError('erase VAULT: all 32 digits that whoami says')
        const { out } = options
        if (out === undefined) throw new UsageError('erase VAULT --out RECEIPT: keep the receipt')
        expectFree(out)
        expectFree(`${out}.evidence`)
        const { text, evidence } = valueOf(await client.erase(subject.toLowerCase()))
        save(out, Buffer.from(text))
        if (evidence !== null) save(`${out}.evidence`, Buffer.from(evidence))
        const proof = evidence === null ? 'the log has the rest: medguard log --mine' : `proof in ${out}.evidence`
        return { value: { receipt: JSON.parse(text) as unknown, out }, words: `erased; receipt in ${out}, ${proof}` }
      },
    },
    'announce-erasure': {
      args: 0,
      options: ['for-patient'],
      async run({ client }) {
        const value = valueOf(await client.announceErasure())
        return { value, words: `this vault may be erased from ${toTime(value.readyNs)} on; until then: stop-erasure` }
      },
    },
    'stop-erasure': {
      args: 0,
      options: ['for-patient'],
      async run({ client }) {
        valueOf(await client.stopErasure())
        return { value: {}, words: 'stopped; it can be announced again' }
      },
    },
    uploads: {
      args: 0,
      options: ['for-patient'],
      onlyAsks: true,
      async run({ client }) {
        const open = valueOf(await client.uploads())
        const rows = open.map(({ recordId, sizeBytes, touchedNs, grantId, isResumable }) => [
          short(recordId),
          `${sizeBytes} B`,
          `last at ${toTime(touchedNs)}`,
          grantId === null ? '' : `by share ${short(grantId)}`,
          isResumable ? 'add the same file to go on' : '',
        ])
        return { value: open, words: open.length === 0 ? 'Nothing is on its way.' : table(rows) }
      },
    },
    abandon: {
      args: 1,
      options: ['for-patient'],
      async run({ client, args: { subject } }) {
        expectPrefix(subject, 'upload')
        const { recordId, version } = byPrefix(
          valueOf(await client.uploads()),
          subject,
          (each) => each.recordId,
          'upload',
        )
        valueOf(await client.abandon({ recordId, version }))
        return { value: { recordId, version }, words: 'given up' }
      },
    },
    usage: {
      args: 0,
      options: ['for-patient'],
      async run({ client }) {
        valueOf(await client.enrol())
        const usage = valueOf(await client.usage())
        const words = table([
          ['record versions', `${usage.versions} of ${usage.versionsMax}`],
          ['bytes', `${usage.sizeBytes} of ${usage.sizeBytesMax}`],
          ['uploads on their way', `${usage.openUploads} of ${usage.openUploadsMax}`],
        ])
        return { value: usage, words }
      },
    },
  },
}

async function recordOf(
  client: MedGuardClient,
  identities: Identities,
  prefix: string,
  of: string | undefined,
): Promise<RecordSummary> {
  expectPrefix(prefix, 'record')
  const records = await recordsOf({ client, identities, of, categories: [] })
  return byPrefix(records, prefix, (each) => each.recordId, 'record')
}

/** What is in it the client checks. */
function readProfile(path: string): Profile {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch (error) {
    throw new UsageError(`cannot read ${path} as JSON`, { cause: error })
  }
  throw new UsageError(`${path} holds no JSON object`)
}
