import { CLINIC, during, Facts, type Half, HALVES, personOf, type PowerName, vaultOf } from './model-facts.ts'
import type { Ending } from './model-people.ts'

// What must be true of a run, by what was asked, when, and what was answered. It knows nothing of how canisters work, and shares no code with them.

/** One canister's copy of an agreement: in force from one step to another. */
type Copy = { readonly since: number; until: number | null }
export interface Agreement {
  readonly id: string
  /** Whose records it is about. */
  readonly vault: string
  readonly reader: string
  readonly excludes: string | null
  /** Whether it says that it is about what is sensitive. */
  readonly isNamed: boolean
  readonly places: readonly string[]
  readonly rights: readonly string[]
  readonly startNs: bigint
  readonly endNs: bigint
  readonly copies: { [H in Half]: Copy | null }
  /** Who gave it in the patient's place. */
  readonly givers: { [H in Half]: string | null }
  /** The request that it says it answers. */
  readonly answers: string | null
}
/** Somebody asked for access, and nobody has closed it before some step. */
export interface Ask {
  readonly id: string
  readonly by: string
  readonly vault: string
  /** For whom they ask: themselves, or whoever works there. */
  readonly reader: string
  /** Whether it cannot have come to the patient. */
  readonly isUnheard: boolean
  readonly places: readonly string[]
  readonly rights: readonly ('list' | 'open' | 'write' | 'rewrap')[]
  readonly periodNs: bigint
  readonly expiresNs: bigint
  closedIn: number | null
}
/** Something that was asked in one step and answered in another. */
export interface Act {
  readonly kind:
    | 'derive'
    | 'list'
    | 'open'
    | 'commit'
    | 'postCapsule'
    | 'readWraps'
    | 'putWraps'
    | 'retire'
    | 'chainWrap'
    | 'grant'
    | 'revoke'
  /** The sign-in with which they come. */
  readonly who: string
  readonly place: string
  /** Null for who comes as the owner. */
  readonly agreementId: string | null
  readonly requestId: string
  readonly epoch: number
  /** The record that is asked for. */
  readonly recordId: string | null
  /** Stored under a key that whoever stores it would have to derive, and not under a capsule of theirs. */
  readonly isUnderKey: boolean
  readonly from: number
  to: number
  /** `Ok`, the kind of a refusal, or null for a reject of the network. */
  answer: string | null
}
/** What anybody may hear at any time: ask again. */
const LATER = new Set(['Busy', 'AlreadyDone', 'LogUnavailable', 'NotReady', 'KeysUnavailable', 'StaleEpoch', 'Stale'])
/** What an agreement has to give for each; to end keys is the owner's all the same. */
const RIGHTS_FOR = {
  derive: ['list', 'open'],
  list: ['list'],
  open: ['open'],
  commit: ['write'],
  postCapsule: ['write'],
  readWraps: ['rewrap'],
  putWraps: ['rewrap'],
  retire: ['rewrap'],
  chainWrap: ['rewrap'],
} as const
type Reading = keyof typeof RIGHTS_FOR
/** What is asked of who acts in the patient's place. To show what is there and add to it is both, and to end something for good is a parent's. */
const POWERS_FOR: Readonly<Record<Reading, readonly PowerName[]>> = {
  derive: ['read'],
  list: ['read'],
  open: ['read'],
  commit: ['write'],
  postCapsule: ['write'],
  readWraps: ['read', 'write'],
  putWraps: ['read', 'write'],
  retire: ['read', 'write', 'manage'],
  chainWrap: ['read', 'write', 'manage'],
}
/** Nobody gives what they do not have. */
const powersToGive = (rights: readonly string[]): PowerName[] => [
  'share',
  ...(rights.includes('list') || rights.includes('open') ? (['read'] as const) : []),
  ...(rights.includes('write') || rights.includes('rewrap') ? (['write'] as const) : []),
]
/** Where it is decided whether somebody may. */
const halvesOf = (kind: Reading): readonly Half[] =>
  kind === 'derive' ? ['consent'] : kind === 'chainWrap' ? ['records'] : HALVES
export class Model {
  readonly facts = new Facts()
  readonly agreements = new Map<string, Agreement>()
  readonly acts: Act[] = []
  readonly asks: Ask[] = []
  readonly faults: string[] = []

  private fail(act: Act, what: string): void {
    this.faults.push(
      `${act.kind} by ${act.who} at ${act.place}, asked in step ${act.from}, answered ${act.answer} in ${act.to}: ${what}`,
    )
  }

  /** Whether one canister lets somebody do this in that step. */
  gives(act: Pick<Act, 'kind' | 'who' | 'place' | 'agreementId' | 'recordId'>, half: Half, step: number): boolean {
    const { facts } = this
    const [kind, vault] = [act.kind as Reading, vaultOf(act.place)]
    if (half === 'records' && facts.is(half, `deleted ${act.recordId}`, step)) return false
    if (act.agreementId === null) return facts.acts(half, act.who, vault, POWERS_FOR[kind], step)
    const agreement = this.agreements.get(act.agreementId)
    if (kind === 'retire' || kind === 'chainWrap') return false
    if (agreement === undefined || !this.concerns(agreement, kind, act.who, act.place)) return false
    const copy = agreement.copies[half]
    const nowNs = facts.times[step] ?? 0n
    const isThere = copy !== null && during(copy, step) && agreement.startNs <= nowNs && nowNs < agreement.endNs
    return isThere && facts.isReader(half, agreement, act.who, vault, step)
  }
  private concerns(agreement: Agreement, kind: Reading, who: string, place: string): boolean {
    return (
      [personOf(who), CLINIC].includes(agreement.reader) &&
      agreement.places.includes(place) &&
      RIGHTS_FOR[kind].some((right) => agreement.rights.includes(right))
    )
  }

  /** Takes note of an answer, and of what it changes. */
  answered(act: Act): void {
    this.acts.push(act)
    if (act.answer === null) return
    if (act.kind === 'grant' || act.kind === 'revoke') return this.changed(act)
    this.judge(act, act.kind)
  }

  /** Changes of one message take effect in the step that answers them. `place` is the canister. */
  private changed(act: Act): void {
    const agreement = this.agreements.get(act.agreementId ?? '')
    const half = act.place as Half
    if (agreement === undefined) return this.fail(act, 'of nothing')
    const { vault, rights } = agreement
    const powers: readonly PowerName[] = act.kind === 'grant' ? powersToGive(rights) : ['share']
    if (!this.facts.acts(half, act.who, vault, powers, act.to))
      return act.answer === 'Ok' ? this.fail(act, 'by somebody else than the patient') : undefined
    const copy = agreement.copies[half]
    if (act.kind === 'grant' && act.answer === 'Ok' && copy === null) this.given(act, agreement, half)
    if (act.kind === 'revoke' && act.answer === 'Ok' && copy !== null) copy.until ??= act.to
    else if (act.kind === 'revoke' && act.answer === 'Ok') this.fail(act, 'ended what was not there')
    else if (act.kind === 'revoke' && copy !== null) this.fail(act, 'ending access was refused')
  }
  private given(act: Act, agreement: Agreement, half: Half): void {
    const { facts } = this
    const { vault, rights, places, isNamed, reader, endNs } = agreement
    const giver = personOf(act.who)
    if (half === 'consent') this.judgeAnswering(act, agreement)
    if (reader === giver) this.fail(act, 'to themselves')
    if (!isNamed && places.some((place) => facts.is(half, `sensitive ${place}`, act.to)))
      this.fail(act, 'covers what is sensitive and does not say so')
    const isInPlace = giver !== vault
    if (isInPlace && !facts.isUntil(half, giver, vault, powersToGive(rights), endNs, act.to))
      this.fail(act, 'for longer than they can')
    agreement.copies[half] = { since: act.to, until: null }
    agreement.givers[half] = isInPlace ? giver : null
  }
  /** What somebody gave in a patient's place is over with what they could do there. */
  ended({ half, vault, giver }: Ending, step: number): void {
    const nowNs = this.facts.times[step] ?? 0n
    for (const agreement of this.agreements.values()) {
      const copy = agreement.copies[half]
      if (agreement.vault === vault && agreement.givers[half] === giver && copy !== null && nowNs < agreement.endNs)
        copy.until ??= step
    }
  }

  /** Who answers a request gives what it asks for or less, once, and while it is open. */
  private judgeAnswering(act: Act, { answers, reader, places, rights, startNs, endNs }: Agreement): void {
    if (answers === null) return
    const ask = this.asks.find(({ id }) => id === answers)
    const isOpen = ask !== undefined && ask.closedIn === null && (this.facts.times[act.to] ?? 0n) < ask.expiresNs
    const isWithin =
      ask?.reader === reader &&
      places.every((place) => ask.places.includes(place)) &&
      rights.every((right) => ask.rights.some((each) => each === right)) &&
      endNs - startNs <= ask.periodNs
    if (!isOpen) this.fail(act, 'answers a request that is not open')
    if (ask?.isUnheard === true) this.fail(act, 'answers a request that the patient was spared')
    if (!isWithin) this.fail(act, 'gives more than was asked for')
    if (ask !== undefined) ask.closedIn = act.to
  }

  private judge(act: Act, kind: Reading): void {
    const halves = halvesOf(kind)
    const steps = Array.from({ length: act.to - act.from + 1 }, (_, i) => act.from + i)
    const { answer } = act
    const isRepeat = this.acts.some(
      (other) => other !== act && other.requestId === act.requestId && other.answer === 'Ok',
    )
    if (answer === 'Ok' && isRepeat) return // the first answer again, for what was stored then
    if (answer === 'Ok') {
      // The canister that answers decides in that very message; the other one decided on the way.
      const last: Half = kind === 'derive' ? 'consent' : 'records'
      if (!this.gives(act, last, act.to)) this.fail(act, `${last} gave what nobody may have`)
      if (halves.includes('consent') && !steps.some((step) => this.gives(act, 'consent', step)))
        this.fail(act, 'consent never permitted it')
      if (['commit', 'postCapsule', 'putWraps'].includes(kind)) this.judgeEpoch(act)
      if (act.isUnderKey && !this.gives({ ...act, kind: 'derive' }, 'records', act.to))
        this.fail(act, 'under a key that they may not have')
      if (kind === 'derive') this.judgeRetired(act)
    } else if (answer === 'NotPermitted') {
      if (steps.every((step) => halves.every((half) => this.gives(act, half, step))))
        this.fail(act, 'was theirs all the time')
    } else if (!LATER.has(answer ?? '') && !this.isReason(act, kind, steps)) this.fail(act, 'is no answer to this')
  }

  /** Whether a refusal that tells something is true, and told to nobody whom it does not concern. */
  private isReason(act: Act, kind: Reading, steps: readonly number[]): boolean {
    const { facts } = this
    const agreement = this.agreements.get(act.agreementId ?? '')
    // A capsule may be gone, or have the start of its chain already.
    if (kind === 'chainWrap' && ['BadInput', 'IdConflict'].includes(act.answer ?? '')) return true
    if (act.agreementId === null) return act.answer === 'BadInput' && kind === 'commit' && this.writesOnly(act, steps)
    if (agreement === undefined || !this.concerns(agreement, kind, act.who, act.place)) return false
    const isEver = (holds: (half: Half, step: number) => boolean) =>
      steps.some((step) => HALVES.some((half) => holds(half, step)))
    switch (act.answer) {
      case 'ConsentEnded':
        return isEver(
          (half, step) =>
            (facts.times[step] ?? 0n) >= agreement.endNs || (agreement.copies[half]?.until ?? Infinity) <= step,
        )
      case 'Paused':
        return isEver((half, step) => facts.is(half, `paused ${vaultOf(act.place)}`, step))
      case 'Unverified':
        return agreement.reader === CLINIC && isEver((half, step) => !facts.is(half, CLINIC, step))
      case 'BadInput':
        // Who may not read has no key to wrap with, and capsules are for a while.
        return kind === 'commit' && agreement.rights.join() === 'write'
      default:
        return false
    }
  }

  private writesOnly(act: Act, steps: readonly number[]): boolean {
    return steps.some((step) => HALVES.some((half) => !this.gives({ ...act, kind: 'derive' }, half, step)))
  }

  /** Nothing is stored under a key that somebody has who had lost the right to it before. */
  private judgeEpoch(stored: Act): void {
    for (const derived of this.acts) {
      const isKey =
        derived.kind === 'derive' &&
        derived.answer === 'Ok' &&
        derived.place === stored.place &&
        derived.epoch === stored.epoch
      if (isKey && derived.to <= stored.from && !this.gives(derived, 'consent', stored.from))
        this.fail(stored, `${derived.who} has the key of epoch ${stored.epoch} and had lost the right to it`)
    }
  }
  private judgeRetired(derived: Act): void {
    const isOver = this.acts.some(
      ({ kind, answer, place, epoch, to }) =>
        kind === 'retire' && answer === 'Ok' && place === derived.place && epoch > derived.epoch && to < derived.from,
    )
    if (isOver) this.fail(derived, `the epochs before ${derived.epoch + 1} had ended`)
  }

  /** Who asked for something lately, where and as what. */
  lastAsked(count: number): readonly Pick<Act, 'who' | 'place' | 'agreementId'>[] {
    return this.acts.filter(({ kind }) => kind !== 'grant' && kind !== 'revoke').slice(-count)
  }

  stored(place: string): number {
    return new Set(
      this.acts
        .filter(({ kind, answer, place: at }) => kind === 'commit' && answer === 'Ok' && at === place)
        .map(({ requestId }) => requestId),
    ).size
  }
}
