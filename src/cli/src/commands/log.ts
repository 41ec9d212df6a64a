import { EVENT, type LogFilter, type LogItem, type LogOf, type LogReport } from '@medguard/client'
import type { Arguments } from '../arguments.ts'
import type { CommandGroup } from '../command.ts'
import { UsageError, valueOf } from '../exit-code.ts'
import { table, toTime } from '../format.ts'
import type { Identities } from '../identities.ts'
import { expectFree, readText, save } from '../files.ts'
import { expectPrefix, short } from './lookup.ts'

const EVENTS: readonly string[] = Object.keys(EVENT)

export const logCommands: CommandGroup = {
  usage: `\
  log [--verify] [--mine | --org ID | --patient ID | --system] [--record ID] [--person WHO] [--event EVENT]
                                    who did what with your records; --mine: what you did;
                                    --org: through an organisation that you administer;
                                    --patient: with the records of somebody you represent;
                                    --system: settings, code and controllers of the service
  log --evidence FILE [--cosigned FILE…] [--shard N]
                                    write it as evidence that anybody can check offline;
                                    --shard: what the Nth further part of the log has, with
                                    --org and --system
    EVENT is one of
${lines(EVENTS)}`,
  commands: {
    log: {
      args: 0,
      options: [
        'for-patient',
        'verify',
        'mine',
        'org',
        'patient',
        'system',
        'record',
        'person',
        'event',
        'evidence',
        'cosigned',
        'shard',
      ],
      onlyAsks: true,
      async run({ client, identities, args: { options } }) {
        const filter = filterOf(options, identities)
        const of = logOf(options)
        if (options.evidence !== undefined) {
          if (of === 'actor') throw new UsageError('log --evidence is of records, of an organisation or of the service')
          const notes = (options.cosigned ?? []).map(readText)
          expectFree(options.evidence)
          const isFiltered = Object.keys(filter).length > 0
          const made = valueOf(
            await client.logEvidence({ of, notes, shard: shardIn(options), ...(isFiltered ? { filter } : {}) }),
          )
          save(options.evidence, new TextEncoder().encode(made.file))
          const { isComplete, isOfPart, items } = made
          const whole = isOfPart ? 'the whole history in this part of the log' : 'the whole history'
          const what = isComplete ? whole : 'entries'
          return {
            value: { out: options.evidence, entries: items.length, isComplete, isOfPart },
            words: `wrote evidence of ${what}, ${items.length} in all, to ${options.evidence}; check it with: medguard verify ${options.evidence}`,
          }
        }
        if (options.shard !== undefined) throw new UsageError('--shard goes with --evidence')
        const report = valueOf(await client.log(of, filter))
        const { kind } = report.verification
        return {
          value: report,
          words: logWords(report, identities),
          verificationFailed: kind === 'failed' || (options.verify === true && kind !== 'verified'),
        }
      },
    },
  },
}

/** @throws UsageError for what is no number of a part, or where a part is nobody's to choose. */
function shardIn({ shard, org, system }: Arguments['options']): number {
  if (shard === undefined) return 0
  if (org === undefined && system !== true) throw new UsageError('--shard goes with --org or --system')
  if (!/^[0-9]{1,2}$/.test(shard)) throw new UsageError(`${shard} is not the number of a part of the log`)
  return Number(shard)
}

/** @throws UsageError for two of them, or an id that is none. */
function logOf({ mine, org, patient, system }: Arguments['options']): LogOf {
  const given = [mine, org, patient, system].filter((each) => each !== undefined)
  if (given.length > 1) throw new UsageError('log takes one of --mine, --org, --patient and --system')
  for (const id of [org, patient])
    if (id !== undefined && !/^[0-9a-f]{32}$/i.test(id)) throw new UsageError(`an id has 32 hexadecimal digits: ${id}`)
  if (org !== undefined) return { organisation: org.toLowerCase() }
  if (patient !== undefined) return { patient: patient.toLowerCase() }
  if (system === true) return 'system'
  return mine === true ? 'actor' : 'patient'
}

/** The lines that were asked for. @throws UsageError for an id or a person that is none. */
function filterOf(options: Arguments['options'], identities: Identities): LogFilter {
  const [object, ...more] = options.record ?? []
  if (more.length > 0) throw new UsageError('log takes one --record')
  if (object !== undefined) expectPrefix(object, 'record')
  if (options.event !== undefined && !EVENTS.includes(options.event))
    throw new UsageError(`--event is one of ${EVENTS.join(', ')}`)
  return {
    ...(object === undefined ? {} : { object }),
    ...(options.person === undefined ? {} : { person: identities.resolve(options.person) }),
    ...(options.event === undefined ? {} : { event: options.event }),
  }
}

/** One row for each line: when, who, what, to whom, which. */
export function itemTable(items: readonly LogItem[], identities: Identities): string {
  const nameOf = (principal: string | null) => (principal === null ? '' : (identities.nameOf(principal) ?? principal))
  return table(
    items.map((item) => [
      toTime(item.timeNs),
      nameOf(item.actor),
      item.failedOrWithheld ? `${item.event} (not given)` : item.event,
      item.category ?? '',
      nameOf(item.subject),
      item.reason ?? '',
      short(item.objectId),
    ]),
  )
}

function logWords(report: LogReport, identities: Identities): string {
  const { verification } = report
  const verdict =
    verification.kind === 'verified'
      ? `Verified: ${verification.checked.includes('complete') ? 'complete and unaltered' : 'unaltered'}, in a log of ${verification.treeSize} entries certified at ${toTime(verification.certifiedNs)}.`
      : verification.kind === 'failed'
        ? `NOT VERIFIED: ${verification.what} (${verification.code}).`
        : `Could not be checked: ${verification.why}.`
  return `${itemTable(report.items, identities)}\n${verdict}`
}

/** Words in lines of a hundred columns, under the text of the other commands. */
function lines(words: readonly string[]): string {
  const all: string[] = []
  for (const word of words) {
    const last = all.at(-1)
    if (last === undefined || last.length + word.length > 98) all.push(`      ${word}`)
    else all[all.length - 1] = `${last} ${word}`
  }
  return all.join('\n')
}
