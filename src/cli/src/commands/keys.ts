import { printable, type Rewrapped } from '@medguard/client'
import { basename } from 'node:path'
import type { CommandGroup } from '../command.ts'
import { UsageError, valueOf } from '../exit-code.ts'
import { openFile } from '../file-source.ts'
import { mediaTypeOf } from '../media-type.ts'
import { createProgress } from '../progress.ts'
import { categoriesOf, clinicalDateOf } from './lookup.ts'

export const keyCommands: CommandGroup = {
  usage: `\
  deposit FILE --with PATIENT --kind KIND [--title TITLE] [--type MEDIA/TYPE] [--date DATE]
                                    store a record for a patient who lets you write; in their inbox, where
                                    they let you write to that and not to the kind
  rewrap [--with PATIENT]           change the keys of what somebody could read who may no more; in your own
                                    vault, or for a patient who lets you
  keep-up                           what the page does after each sign-in: change keys, and bring notes and
                                    later records into the shares they belong to`,
  commands: {
    deposit: {
      args: 1,
      options: ['with', 'kind', 'title', 'type', 'date'],
      async run({ client, identities, args: { subject, options } }) {
        const [category, ...others] = categoriesOf(options.kind)
        if (options.with === undefined || category === undefined || others.length > 0)
          throw new UsageError('deposit FILE --with PATIENT --kind KIND')
        const date = clinicalDateOf(options.date)
        const patient = identities.resolve(options.with)
        valueOf(await client.enrol())
        const grants = valueOf(await client.sharesReceived()).filter(
          ({ patient: of, state, rights, scope }) =>
            of === patient &&
            state === 'live' &&
            rights.includes('write') &&
            (scope.includes(category) || scope.includes('inbox')),
        )
        const [grant] = grants
        if (grant === undefined) throw new UsageError(`${options.with} lets you write nothing of that kind`)
        const file = await openFile(subject)
        try {
          const fileName = basename(subject)
          const record = valueOf(
            await client.deposit(
              grant.grantId,
              {
                bytes: file,
                fileName,
                title: options.title ?? fileName,
                mediaType: options.type ?? mediaTypeOf(fileName, new Uint8Array()),
                category,
                clinicalDate: date,
              },
              createProgress(options.json === true),
            ),
          )
          return { value: record, words: `stored ${printable(record.title)} as ${record.recordId}` }
        } finally {
          await file.close()
        }
      },
    },
    'keep-up': {
      args: 0,
      options: ['for-patient'],
      async run({ client }) {
        const kept = valueOf(await client.keepUp())
        const { rewrapped, records } = kept
        const lines = [
          rewrapped === null ? 'The keys could not be looked at.' : rewrapWords(rewrapped),
          records === null
            ? 'Shares could not all be looked through.'
            : `${records} records, later versions and notes joined shares.`,
        ]
        return { value: kept, words: lines.join('\n') }
      },
    },
    rewrap: {
      args: 0,
      options: ['for-patient', 'with'],
      async run({ client, identities, ward, args: { options } }) {
        if (options.with === undefined) {
          const rewrapped = valueOf(await client.rewrap(createProgress(options.json === true)))
          return { value: rewrapped, words: rewrapWords(rewrapped) }
        }
        const patient = identities.resolve(options.with)
        if (ward !== null) throw new UsageError('rewrap takes --with or --for-patient')
        valueOf(await client.enrol())
        const grants = valueOf(await client.sharesReceived()).filter(
          ({ patient: of, state, rights }) => of === patient && state === 'live' && rights.includes('rewrap'),
        )
        if (grants.length === 0) throw new UsageError(`${options.with} does not let you change keys`)
        const total = { records: 0, retired: 0, damaged: 0 }
        for (const { grantId } of grants) {
          const { records, damaged } = valueOf(await client.rewrapUnder(grantId))
          total.records += records
          total.damaged += damaged
        }
        const words = `Keys of ${total.records} records changed; the old ones end when the patient has looked them over.`
        return { value: total, words: total.records === 0 ? 'No keys are to be changed.' : words }
      },
    },
  },
}

export function rewrapWords({ records, retired, damaged }: Rewrapped): string {
  const lines = [
    retired === 0 && records === 0
      ? 'No keys are to be changed.'
      : `Keys of ${records} records changed; old keys ended in ${retired} categories.`,
  ]
  if (damaged > 0)
    lines.push(
      `${damaged} records are damaged and keep their old keys, and so does their category until they are deleted.`,
    )
  return lines.join('\n')
}
