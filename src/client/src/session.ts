import type { Identity } from '@dfinity/agent'
import { type Account, refuse, refusalOf, toHex } from '@medguard/protocol'
import { Fault, type HeadMemory, type Outcome } from './api.ts'
import type { AuthorKeeper } from './author-api.ts'
import { SIGNS_NOTHING } from './author-keys.ts'
import { type Canisters, connect } from './canisters.ts'
import { createKeyRing, type KeyRing } from './key-ring.ts'
import type { Network } from './network.ts'
import { okOf, outcomeOf, Refused } from './outcome.ts'
import { optionOf } from './place.ts'

/** What every part of a client works with: one signed-in person over one network, until it is locked. */
export interface Session {
  readonly identity: Identity
  readonly network: Network
  readonly canisters: Canisters
  readonly keyRing: KeyRing
  readonly headMemory: HeadMemory
  /** The patient in whose place the signed-in person acts; null for their own vault. */
  readonly actsFor: Uint8Array | null
  /** The key that signs what is stored, if there is one. */
  readonly authors: AuthorKeeper
  /** Every public method: a refusal becomes an answer, and what was ready only after the lock is not given out. */
  readonly unlocked: <T>(work: () => Promise<T>) => Promise<Outcome<T>>
  /** @throws Fault `SessionEnded` once the client is locked. */
  readonly expectOpen: () => void
  /**
   * Asks consent, and once in a session records as well: what is shared or stored by the name of a category goes where both have it. Null before enrolment.
   *
   * @throws Fault `BadReply` where they differ.
   */
  readonly freshAccount: () => Promise<Account | null>
  /** The account, whose ids never change and which both canisters gave; epochs in it may be old. @throws Refused before enrolment. */
  readonly account: () => Promise<Account>
  /**
   * The account as consent knows it, null before enrolment: for what shares, stores and fills nothing by the name of a category, so that reading the log and ending
   * shares need no other canister.
   */
  readonly enrolled: () => Promise<Account | null>
  /** The same, asked anew. */
  readonly freshlyEnrolled: () => Promise<Account | null>
  /** Like `enrolled`. @throws Refused before enrolment. */
  readonly holder: () => Promise<Account>
  /** Takes an account that both canisters have just answered for. */
  readonly remember: (account: Account) => void
  /** What a part keeps in memory it forgets here. */
  readonly onLock: (forget: () => void) => void
  readonly lock: () => void
}

export function createSession(
  identity: Identity,
  network: Network,
  headMemory: HeadMemory,
  { actsFor = null, authors = SIGNS_NOTHING }: Partial<Pick<Session, 'actsFor' | 'authors'>> = {},
): Session {
  let isLocked = false
  let known: Account | null = null
  /** The ids that both canisters gave the vault, since the sign-in. */
  let vouched: string | null = null
  /** Why records did not say what it knows, when asked last. */
  let doubt: { readonly why: unknown } | null = null
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
    authors,
    unlocked: (work) =>
      outcomeOf(async () => {
        expectOpen()
        const value = await work()
        expectOpen()
        return value
      }),
    expectOpen,
    async freshAccount() {
      const found = await session.freshlyEnrolled()
      if (found !== null && doubt !== null) throw doubt.why
      return found
    },
    async account() {
      return expectEnrolled(known !== null && doubt === null ? known : await session.freshAccount())
    },
    enrolled: async () => known ?? session.freshlyEnrolled(),
    async freshlyEnrolled() {
      const [found, vault] = await Promise.all([
        actsFor === null
          ? canisters.consent.whoAmI(null).then((answer) => okOf(answer).account[0] ?? null)
          : canisters.consent.accountOf({ patientId: actsFor }).then(okOf),
        vouched === null ? asked(canisters.records.vault({ patientId: optionOf(actsFor) })) : null,
      ])
      expectOpen()
      doubt = vault !== null && 'why' in vault ? vault : null
      // Refused by records is who has begun to enrol and not finished: nothing is done for them there, whatever consent says.
      if (vault !== null && 'Ok' in vault && found !== null) vouched = idsOf(vault.Ok)
      if (found !== null && vouched !== null && vouched !== idsOf(found))
        throw new Fault('BadReply', 'the two canisters do not agree which category is which')
      known = found
      return known
    },
    holder: async () => expectEnrolled(await session.enrolled()),
    remember(account) {
      known = account
      vouched = idsOf(account)
      doubt = null
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

function expectEnrolled(account: Account | null): Account {
  if (account === null) throw new Refused(refusalOf(refuse.notPermitted))
  return account
}
/** What was answered, or why nothing was. */
const asked = <T>(answer: Promise<T>): Promise<T | { readonly why: unknown }> =>
  answer.catch((why: unknown) => ({ why }))

/** Ids of a vault, comparable. */
const idsOf = ({
  patientId,
  compartments,
}: Pick<Account, 'patientId'> & { compartments: readonly Labelled[] }): string =>
  [toHex(patientId), ...compartments.map(({ category, cid }) => `${category} ${toHex(cid)}`)].join()
interface Labelled {
  readonly category: number
  readonly cid: Uint8Array
}
