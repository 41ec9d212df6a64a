import { CLINIC, during, Facts, type Half, HALVES, personOf } from './model-facts.ts'

// What must be true of a run, by what was asked, when, and what was answered. It knows nothing of how canisters work, and shares no code with them.

/** One canister's copy of an agreement: in force from one step to another. */
type Copy = { readonly since: number; until: number | null }
export interface Agreement {
  readonly id: string
  readonly reader: string
  readonly places: readonly string[]
  readonly rights: readonly string[]
  readonly startNs: bigint
  readonly endNs: bigint
  readonly copies: { [H in Half]: Copy | null }
  /** The request that it says it answers. */
  readonly answers: string | null
}
/** Somebody asked for access, and nobody has closed it before some step. */
export interface Ask {
  readonly id: string
  readonly by: string
  readonly places: readonly string[]
  readonly rights: readonly string[]
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
  readonly from: number
  to: number
  /** `Ok`, the kind of a refusal, or null for a reject of the network. */
  answer: string | null
}
export interface LoggedLine {
  readonly event: string
  readonly requestId: string
  readonly grantId: string | null
  readonly timeNs: bigint
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
} as const
type Reading = keyof typeof RIGHTS_FOR
/** What each leaves in the log exactly once when it was done, and as often as it was kept back. */
const LINE_OF: Partial<Record<Reading, readonly string[]>> = {
  derive: ['keyDerive'],
  list: ['listSession'],
  open: ['open'],
  commit: ['recordAdd', 'deposit'],
  postCapsule: ['capsule'],
  readWraps: ['rewrapBatch'],
}
const OUTCOMES = ['keyWithheld', 'keyFailed']

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
  private gives(act: Act, half: Half, step: number): boolean {
    const { facts } = this
    if (half === 'records' && facts.is(half, `deleted ${act.recordId}`, step)) return false
    if (act.agreementId === null) return facts.isOwner(half, act.who, step)
    const agreement = this.agreements.get(act.agreementId)
    if (act.kind === 'retire') return false
    if (agreement === undefined || !this.concerns(agreement, act.kind as Reading, act.who, act.place)) return false
    const copy = agreement.copies[half]
    const nowNs = facts.times[step] ?? 0n
    const isThere = copy !== null && during(copy, step) && agreement.startNs <= nowNs && nowNs < agreement.endNs
    return isThere && facts.isReader(half, agreement.reader, act.who, step)
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
    if (!this.facts.isOwner(half, act.who, act.to))
      return act.answer === 'Ok' ? this.fail(act, 'by somebody else than the patient') : undefined
    const copy = agreement.copies[half]
    if (act.kind === 'grant' && act.answer === 'Ok') {
      if (half === 'consent' && copy === null) this.judgeAnswering(act, agreement)
      agreement.copies[half] ??= { since: act.to, until: null }
    }
    if (act.kind === 'revoke' && act.answer === 'Ok' && copy !== null) copy.until ??= act.to
    else if (act.kind === 'revoke' && act.answer === 'Ok') this.fail(act, 'ended what was not there')
    else if (act.kind === 'revoke' && copy !== null) this.fail(act, 'ending access was refused')
  }

  /** Who answers a request gives what it asks for or less, once, and while it is open. */
  private judgeAnswering(act: Act, { answers, reader, places, rights, startNs, endNs }: Agreement): void {
    if (answers === null) return
    const ask = this.asks.find(({ id }) => id === answers)
    const isOpen = ask !== undefined && ask.closedIn === null && (this.facts.times[act.to] ?? 0n) < ask.expiresNs
    const isWithin =
      ask?.by === reader &&
      places.every((place) => ask.places.includes(place)) &&
      rights.every((right) => ask.rights.includes(right)) &&
      endNs - startNs <= ask.periodNs
    if (!isOpen) this.fail(act, 'answers a request that is not open')
    if (!isWithin) this.fail(act, 'gives more than was asked for')
    if (ask !== undefined) ask.closedIn = act.to
  }

  private judge(act: Act, kind: Reading): void {
    const halves: readonly Half[] = kind === 'derive' ? ['consent'] : HALVES
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
      if (!steps.some((step) => this.gives(act, 'consent', step))) this.fail(act, 'consent never permitted it')
      if (['commit', 'postCapsule', 'putWraps'].includes(kind)) this.judgeEpoch(act)
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
        return isEver((half, step) => facts.is(half, 'paused', step))
      case 'Unverified':
        return agreement.reader === CLINIC && isEver((half, step) => !facts.is(half, CLINIC, step))
      case 'BadInput':
        // Who may not read has no key to wrap with, and capsules are for a while.
        return kind === 'commit' && agreement.rights.join() === 'write'
      default:
        return false
    }
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

  stored(place: string): number {
    return new Set(
      this.acts
        .filter(({ kind, answer, place: at }) => kind === 'commit' && answer === 'Ok' && at === place)
        .map(({ requestId }) => requestId),
    ).size
  }

  /** What the log must have of all that, once everything is at rest. */
  judgeLog(lines: readonly LoggedLine[]): void {
    for (const act of this.acts) {
      const events = LINE_OF[act.kind as Reading]
      if (events === undefined) continue
      const own = lines.filter((line) => line.requestId === act.requestId)
      const count = own.filter((line) => events.includes(line.event)).length
      const outcomes = own.filter((line) => OUTCOMES.includes(line.event)).length
      const isAnswered = this.acts.some((other) => other.requestId === act.requestId && other.answer === 'Ok')
      if (isAnswered && (count !== 1 || outcomes !== 0))
        this.fail(act, `${count} lines and ${outcomes} outcomes for what was given`)
      if (!isAnswered && count !== outcomes)
        this.fail(act, `${count} lines and ${outcomes} outcomes for what was kept back`)
    }
    for (const { id, copies } of this.agreements.values()) {
      const count = (event: string) => lines.filter((line) => line.event === event && line.grantId === id).length
      const expected = [
        copies.consent === null ? 0 : 1,
        (copies.consent?.until ?? null) === null ? 0 : 1,
        (copies.records?.until ?? null) === null ? 0 : 1,
      ]
      const found = ['grant', 'revoke', 'copyWithdrawn'].map(count)
      if (found.join() !== expected.join())
        this.faults.push(
          `agreement ${id}: the log has ${found.join()} grant, revoke and withdrawal, not ${expected.join()}`,
        )
    }
    for (const [i, line] of lines.entries())
      if (line.timeNs < (lines[i - 1]?.timeNs ?? 0n)) this.faults.push(`the log goes back in time at ${i}`)
  }
}
