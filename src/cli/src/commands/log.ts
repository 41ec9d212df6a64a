import type { LogReport } from '@medguard/client'
import type { CommandGroup } from '../command.ts'
import { valueOf } from '../exit-code.ts'
import { table, toTime } from '../format.ts'
import type { Identities } from '../identities.ts'
import { short } from './lookup.ts'

export const logCommands: CommandGroup = {
  usage: `\
  log [--verify] [--mine]           who did what with your records; --mine: what you did`,
  commands: {
    log: {
      args: 0,
      options: ['verify', 'mine'],
      async run({ client, identities, args: { options } }) {
        const report = valueOf(await client.log(options.mine === true ? 'actor' : 'patient'))
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

function logWords(report: LogReport, identities: Identities): string {
  const rows = report.items.map((item) => [
    toTime(item.timeNs),
    identities.nameOf(item.actor) ?? item.actor,
    item.failedOrWithheld ? `${item.event} (not given)` : item.event,
    item.category ?? '',
    short(item.objectId),
  ])
  const { verification } = report
  const verdict =
    verification.kind === 'verified'
      ? `Verified: ${verification.checked.includes('complete') ? 'complete and unaltered' : 'unaltered'}, in a log of ${verification.treeSize} entries certified at ${toTime(verification.certifiedNs)}.`
      : verification.kind === 'failed'
        ? `NOT VERIFIED: ${verification.what} (${verification.code}).`
        : `Could not be checked: ${verification.why}.`
  return `${table(rows)}\n${verdict}`
}
