import { itemOf, logIds, Principal, seenHeadOf } from '@medguard/client'
import {
  type EvidencePolicy,
  type EvidenceTrust,
  evidenceLogId,
  type HistoryOf,
  isOfLog,
  type Verdict,
  verifyEvidence,
  witnessKeys,
  type WitnessPolicy,
} from '@medguard/verifier'
import type { Arguments } from '../arguments.ts'
import type { CommandGroup, Context } from '../command.ts'
import { UsageError } from '../exit-code.ts'
import { readText } from '../files.ts'
import { toTime } from '../format.ts'
import { fileHeadMemory } from '../heads.ts'
import type { Identities } from '../identities.ts'
import { itemTable } from './log.ts'

export const evidenceCommands: CommandGroup = {
  usage: `\
  verify FILE [--latest] [--witness KEY… [--needed N]]
                                    check evidence without a network; --latest: that it is
                                    no older than five minutes, and of the log this device saw`,
  commands: {
    verify: {
      args: 1,
      options: ['latest', 'witness', 'needed'],
      async run(context) {
        const { network, identities, args } = context
        const file = readText(args.subject)
        const logs = logIds(network).map((id) => Principal.fromText(id).toUint8Array())
        // Evidence is of one canister of the log. Of one that is not pinned nothing is believed: it is then judged as of the first.
        const log =
          logs.find((each) => isOfLog(file, each)) ?? Principal.fromText(network.canisters.audit).toUint8Array()
        const trust = { rootKey: network.rootKey, log }
        const verdict = verifyEvidence(file, trust, await policyOf(context, trust))
        return {
          value: valueOf(verdict, logs.length),
          words: wordsOf(verdict, identities, logs.length),
          verificationFailed: verdict.kind === 'failed',
          cannotTell: verdict.kind === 'cannotTell',
        }
      },
    },
  },
}

async function policyOf({ args, stateDir, identities }: Context, trust: EvidenceTrust): Promise<EvidencePolicy> {
  const { options } = args
  const witnesses = witnessesOf(options)
  const who = knownPrincipal(identities, options.as ?? 'default')
  const seen = who === null ? null : seenHeadOf(await fileHeadMemory(stateDir, who).read(evidenceLogId(trust)))
  return {
    seen,
    ...(options.latest === true ? { latest: { nowNs: BigInt(Date.now()) * 1_000_000n } } : {}),
    ...(witnesses === null ? {} : { witnesses }),
  }
}

/** Null when there is no such identity on this machine: then it has seen nothing, and none is made for it. */
function knownPrincipal(identities: Identities, name: string): string | null {
  try {
    return identities.resolve(name)
  } catch (error) {
    if (error instanceof UsageError) return null
    throw error
  }
}

function witnessesOf({ witness: keys, needed }: Arguments['options']): WitnessPolicy | null {
  if (keys === undefined) {
    if (needed !== undefined) throw new UsageError('--needed goes with --witness')
    return null
  }
  const count = needed === undefined ? keys.length : Number(needed)
  if (!Number.isInteger(count) || count < 1 || count > keys.length)
    throw new UsageError('--needed is a number of the witnesses that are named')
  try {
    witnessKeys(keys)
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'not a witness', { cause: error })
  }
  return { keys, needed: count }
}

const itemsOf = (verdict: Extract<Verdict, { kind: 'verified' }>) =>
  verdict.entries.map((entry) => itemOf(entry, { compartments: [] }))

/** Whether what is whole is whole in one part of the log only: a patient's history is in one, an organisation's and the service's in all. */
const isOfPart = (historyOf: HistoryOf | null, logCount: number): boolean =>
  historyOf !== null && historyOf.kind !== 'patient' && logCount > 1

function valueOf(verdict: Verdict, logCount: number): unknown {
  if (verdict.kind !== 'verified') return verdict
  const { kind, historyOf, certifiedNs, treeSize, checked, witnesses } = verdict
  const of = historyOf === null ? null : { kind: historyOf.kind, id: Buffer.from(historyOf.id).toString('hex') }
  return {
    kind,
    historyOf: of,
    isOfPart: isOfPart(historyOf, logCount),
    certifiedNs,
    treeSize,
    checked,
    witnesses,
    items: itemsOf(verdict),
  }
}

function wholeOf({ kind, id }: HistoryOf, isPart: boolean): string {
  const of = id.every((byte) => byte === 0) ? 'the service itself' : `${kind} ${Buffer.from(id).toString('hex')}`
  if (kind === 'patient') return `This is the whole history of ${of}`
  // A network file from before the log grew names one: what is whole there need not be whole.
  return `This is the whole history of ${of} in ${isPart ? 'this part of the log' : 'the one log that the network file names'}`
}

function wordsOf(verdict: Verdict, identities: Identities, logCount: number): string {
  if (verdict.kind === 'failed') return `NOT VERIFIED: ${verdict.what} (${verdict.code}).`
  if (verdict.kind === 'cannotTell') return `CANNOT TELL: ${verdict.why}.`
  const { historyOf, certifiedNs, treeSize, witnesses, checked } = verdict
  const isPart = isOfPart(historyOf, logCount)
  const what = historyOf === null ? 'These entries are in the log' : wholeOf(historyOf, isPart)
  const said = [
    `Verified. ${what}, as the network certified at ${toTime(certifiedNs)} (${treeSize} entries in the log).`,
  ]
  if (witnesses.length > 0) said.push(`Cosigned by ${witnesses.join(', ')}.`)
  if (checked.includes('consistency')) said.push('It is the log that this device saw before.')
  if (historyOf === null) said.push('It says nothing of other entries.')
  if (isPart) said.push('It says nothing of the other parts.')
  return `${itemTable(itemsOf(verdict), identities)}\n${said.join(' ')}`
}
