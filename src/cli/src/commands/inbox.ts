import { type MedGuardClient, printable, type RecordSummary } from '@medguard/client'
import type { CommandGroup } from '../command.ts'
import { UsageError, valueOf } from '../exit-code.ts'
import { table } from '../format.ts'
import type { Identities } from '../identities.ts'
import { createProgress } from '../progress.ts'
import { signatureWords } from '../signature-words.ts'
import { byPrefix, categoriesOf, expectPrefix, short } from './lookup.ts'

export const inboxCommands: CommandGroup = {
  usage: `\
  inbox                             what others sent that you have not looked at; nobody else sees it
  inbox open ID                     read one of them
  inbox file ID --kind KIND         take it into your records, with a word of who sent it
  inbox reject ID                   delete it`,
  commands: {
    inbox: {
      args: 0,
      options: ['for-patient'],
      onlyAsks: true,
      async run({ client, identities, args: { options } }) {
        const records = valueOf(await client.inbox(createProgress(options.json === true)))
        return { value: records, words: records.length === 0 ? 'Nothing waits.' : inboxTable(records, identities) }
      },
    },
    'inbox open': {
      args: 1,
      options: ['for-patient'],
      async run({ client, identities, args: { subject, options } }) {
        const { recordId } = await waiting(client, subject)
        const opened = valueOf(await client.openFromInbox(recordId, createProgress(options.json === true)))
        const value = { ...opened.summary, leafIndex: opened.leafIndex, verified: opened.verified }
        const said = signatureWords(opened.summary.signature, identities)
        return options.json === true
          ? { value: { ...value, base64: Buffer.from(opened.bytes).toString('base64') }, words: '' }
          : { value, words: '', bytes: opened.bytes, ...(said === null ? {} : { aside: said }) }
      },
    },
    'inbox file': {
      args: 1,
      options: ['for-patient', 'kind'],
      async run({ client, args: { subject, options } }) {
        const [category, ...others] = categoriesOf(options.kind)
        if (category === undefined || others.length > 0) throw new UsageError('inbox file ID --kind KIND')
        const { recordId } = await waiting(client, subject)
        const filed = valueOf(await client.fileFromInbox(recordId, category, createProgress(options.json === true)))
        return { value: filed, words: `${printable(filed.title)} is in ${category} now, as ${filed.recordId}` }
      },
    },
    'inbox reject': {
      args: 1,
      options: ['for-patient'],
      async run({ client, args: { subject } }) {
        const { recordId } = await waiting(client, subject)
        valueOf(await client.rejectFromInbox(recordId))
        return { value: { recordId }, words: `deleted ${short(recordId)}` }
      },
    },
  },
}

async function waiting(client: MedGuardClient, prefix: string): Promise<RecordSummary> {
  expectPrefix(prefix, 'record')
  return byPrefix(valueOf(await client.inbox()), prefix, (each) => each.recordId, 'record in the inbox')
}

function inboxTable(records: readonly RecordSummary[], identities: Identities): string {
  return table(
    records.map(({ recordId, category, title, depositedBy, signature }) => [
      short(recordId),
      category === 'shared' ? '' : category,
      printable(title),
      depositedBy === undefined ? '' : `from ${identities.nameOf(depositedBy) ?? depositedBy}`,
      signatureWords(signature, identities) ?? '',
    ]),
  )
}
