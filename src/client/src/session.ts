import type { Identity } from '@dfinity/agent'
import { type Account, refuse, refusalOf } from '@medguard/protocol'
import { Fault, type HeadMemory, type Outcome } from './api.ts'
import { type Canisters, connect } from './canisters.ts'
import { createKeyRing, type KeyRing } from './key-ring.ts'
import type { Network } from './network.ts'
import { okOf, outcomeOf, Refused } from './outcome.ts'

/** What every part of a client works with: one signed-in person over one network, until it is locked. */
export interface Session {
  readonly identity: Identity
  readonly network: Network
  readonly canisters: Canisters
  readonly keyRing: KeyRing
  readonly headMemory: HeadMemory
  /** The patient in whose place the signed-in person acts; null for their own vault. */
  readonly actsFor: Uint8Array | null
  /** Every public method: a refusal becomes an answer, and what was ready only after the lock is not given out. */
  readonly unlocked: <T>(work: () => Promise<T>) => Promise<Outcome<T>>
  /** @throws Fault `SessionEnded` once the client is locked. */
  readonly expectOpen: () => void
  /** Asks consent; null before enrolment. */
  readonly freshAccount: () => Promise<Account | null>
  /** The account, whose ids never change; epochs in it may be old. @throws Refused before enrolment. */
  readonly account: () => Promise<Account>
  /** Like `account`, but null before enrolment. */
  readonly enrolled: () => Promise<Account | null>
  /** Takes an account that a canister has just answered. */
  readonly remember: (account: Account) => void
  /** What a part keeps in memory it forgets here. */
  readonly onLock: (forget: () => void) => void
  readonly lock: () => void
}

export function createSession(
  identity: Identity,
  network: Network,
  headMemory: HeadMemory,
  actsFor: Uint8Array | null = null,
): Session {
  let isLocked = false
  let known: Account | null = null
  const forgets: (() => void)[] = []
  const expectOpen = (): void => {
    if (isLocked) throw new Fault('SessionEnded', 'locked')
  }
  const canisters = connect(identity, network, expectOpen)
  const keyRing = createKeyRing(canisters, network)

  const session: Session = {
    identity,
    network,
    canisters,
    keyRing,
    headMemory,
    actsFor,
    unlocked: (work) =>
      outcomeOf(async () => {
        expectOpen()
        const value = await work()
        expectOpen()
        return value
      }),
    expectOpen,
    async freshAccount() {
      known =
        actsFor === null
          ? (okOf(await canisters.consent.whoAmI(null)).account[0] ?? null)
          : okOf(await canisters.consent.accountOf({ patientId: actsFor }))
      return known
    },
    async account() {
      const found = await session.enrolled()
      if (found === null) throw new Refused(refusalOf(refuse.notPermitted))
      return found
    },
    enrolled: async () => known ?? session.freshAccount(),
    remember(account) {
      known = account
    },
    onLock: (forget) => void forgets.push(forget),
    lock() {
      isLocked = true
      keyRing.lock()
      for (const forget of forgets) forget()
      known = null
    },
  }
  return session
}
