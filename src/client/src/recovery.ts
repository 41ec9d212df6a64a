import { newId } from './outcome.ts'
import type { RecoveryMethods } from './people-api.ts'
import { endInBoth, inBoth, principalOf } from './people.ts'
import type { Session } from './session.ts'

/** How an account is brought back: each canister waits for itself, so the later of two times is the one that counts. */
export function recoveryMethodsOf({ canisters, unlocked, actsFor }: Session): RecoveryMethods {
  const patientId: [] | [Uint8Array] = actsFor === null ? [] : [actsFor]
  return {
    setRecovery: ({ kit, guardians, threshold }) =>
      unlocked(async () => {
        const named = kit === null ? [] : [principalOf(kit, 'kit')]
        const all = guardians.map((each) => principalOf(each, 'guardians'))
        const set = await inBoth((canister) => {
          const settings = { kit: named.slice(0, 1) as [] | [(typeof named)[0]], guardians: all, threshold }
          return canisters[canister].setRecovery({ patientId, settings, requestId: newId() })
        })
        return { fromNs: later(set[0].fromNs, set[1].fromNs) }
      }),
    startRecovery: (text) =>
      unlocked(async () => {
        const newPrincipal = principalOf(text, 'newPrincipal')
        const [one, other] = await inBoth((canister) =>
          canisters[canister].startRecovery({ newPrincipal, requestId: newId() }),
        )
        return { home: one.home.toText(), readyNs: later(one.readyNs, other.readyNs) }
      }),
    approveRecovery: (wardText, newText) =>
      unlocked(async () => {
        const [ward, newPrincipal] = [principalOf(wardText, 'ward'), principalOf(newText, 'newPrincipal')]
        const [one, other] = await inBoth((canister) =>
          canisters[canister].approveRecovery({ ward, newPrincipal, requestId: newId() }),
        )
        const [first, second] = [one.readyNs[0], other.readyNs[0]]
        const readyNs = first === undefined || second === undefined ? null : later(first, second)
        return { approvals: Math.min(one.approvals, other.approvals), threshold: one.threshold, readyNs }
      }),
    vetoRecovery: () =>
      unlocked(() => endInBoth((canister) => canisters[canister].vetoRecovery({ patientId, requestId: newId() }))),
    completeRecovery: (text) =>
      unlocked(async () => {
        const home = principalOf(text, 'home')
        await inBoth((canister) => canisters[canister].completeRecovery({ home, requestId: newId() }))
        return null
      }),
  }
}

const later = (a: bigint, b: bigint): bigint => (a > b ? a : b)
