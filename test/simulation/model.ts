// What must be true of a run, by what was asked, when, and what was answered. It knows nothing of how canisters work, and shares no code with them.

export const OWNER = 'owner'
export type Half = 'consent' | 'records'

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
}
/** What a patient laid down in one canister: nobody of that name, or nobody at all (null), has anything while it is in force. */
interface Bar {
  readonly half: Half
  readonly whom: string | null
  readonly since: number
  until: number | null
}
/** Something that was asked in one step and answered in another. */
export interface Act {
  readonly kind: 'derive' | 'list' | 'open' | 'commit' | 'grant' | 'revoke'
  readonly who: string
  readonly place: string
  /** Null for who comes as the owner. */
  readonly agreementId: string | null
  readonly requestId: string
  readonly epoch: number
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
const RIGHTS_FOR = { derive: ['list', 'open'], list: ['list'], open: ['open'], commit: ['write'] } as const
type Reading = keyof typeof RIGHTS_FOR
const EVENT_OF = { derive: 'keyDerive', list: 'listSession', open: 'open', commit: 'recordAdd' } as const
const OUTCOMES = ['keyWithheld', 'keyFailed']

const during = ({ since, until }: { since: number; until: number | null }, step: number): boolean =>
  since <= step && (until === null || step < until)

export class Model {
  readonly times: bigint[] = [] // at which each step ran
  readonly agreements = new Map<string, Agreement>()
  readonly acts: Act[] = []
  readonly bars: Bar[] = []
  readonly faults: string[] = []

  private fail(act: Act, what: string): void {
    this.faults.push(
      `${act.kind} by ${act.who} at ${act.place}, asked in step ${act.from}, answered ${act.answer} in ${act.to}: ${what}`,
    )
  }

  /** Whether a copy gives this person this right at this place in that step. */
  private gives({ kind, who, place, agreementId }: Act, half: Half, step: number): boolean {
    if (agreementId === null) return who === OWNER
    const agreement = this.agreements.get(agreementId)
    if (agreement === undefined || !this.concerns(agreement, kind as Reading, who, place)) return false
    const copy = agreement.copies[half]
    const nowNs = this.times[step] ?? 0n
    const isThere = copy !== null && during(copy, step)
    const isBarred = this.bars.some((bar) => bar.half === half && (bar.whom ?? who) === who && during(bar, step))
    return isThere && !isBarred && agreement.startNs <= nowNs && nowNs < agreement.endNs
  }
  private concerns(agreement: Agreement, kind: Reading, who: string, place: string): boolean {
    return (
      agreement.reader === who &&
      agreement.places.includes(place) &&
      RIGHTS_FOR[kind].some((right) => agreement.rights.includes(right))
    )
  }

  /** A bar is laid down or lifted in the step that answers. */
  barred(half: Half, whom: string | null, isOn: boolean, step: number): void {
    const present = this.bars.find((bar) => bar.half === half && bar.whom === whom && bar.until === null)
    if (isOn && present === undefined) this.bars.push({ half, whom, since: step, until: null })
    if (!isOn && present !== undefined) present.until = step
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
    if (act.who !== OWNER) return act.answer === 'Ok' ? this.fail(act, 'by somebody else than the patient') : undefined
    const copy = agreement.copies[half]
    if (act.kind === 'grant' && act.answer === 'Ok') agreement.copies[half] ??= { since: act.to, until: null }
    else if (act.kind === 'revoke' && act.answer === 'Ok' && copy !== null) copy.until ??= act.to
    else if (act.kind === 'revoke' && act.answer === 'Ok') this.fail(act, 'ended what was not there')
    else if (act.kind === 'revoke' && copy !== null) this.fail(act, 'ending access was refused')
  }

  private judge(act: Act, kind: Reading): void {
    const halves: readonly Half[] = kind === 'derive' ? ['consent'] : ['consent', 'records']
    const steps = Array.from({ length: act.to - act.from + 1 }, (_, i) => act.from + i)
    const { answer } = act
    const agreement = this.agreements.get(act.agreementId ?? '')
    const isRepeat = this.acts.some(
      (other) => other !== act && other.requestId === act.requestId && other.answer === 'Ok',
    )
    if (answer === 'Ok' && isRepeat) return // the first answer again, for what was stored then
    if (answer === 'Ok') {
      // The canister that answers decides in that very message; the other one decided on the way.
      const last: Half = kind === 'derive' ? 'consent' : 'records'
      if (!this.gives(act, last, act.to)) this.fail(act, `${last} gave what nobody may have`)
      if (!steps.some((step) => this.gives(act, 'consent', step))) this.fail(act, 'consent never permitted it')
      if (kind === 'commit') this.judgeEpoch(act)
    } else if (answer === 'BadInput' && kind === 'commit') {
      // Who may not read has no key to wrap with, and stores under capsules, which this run does not.
      if (agreement?.rights.join() !== 'write') this.fail(act, 'was as it has to be')
    } else if (answer === 'NotPermitted') {
      if (steps.every((step) => halves.every((half) => this.gives(act, half, step))))
        this.fail(act, 'was theirs all the time')
    } else if (answer === 'ConsentEnded') {
      const isOver = steps.some(
        (step) =>
          (this.times[step] ?? 0n) >= (agreement?.endNs ?? 0n) ||
          halves.some((half) => (agreement?.copies[half]?.until ?? Infinity) <= step),
      )
      if (agreement === undefined || !this.concerns(agreement, kind, act.who, act.place) || !isOver)
        this.fail(act, 'nothing of theirs had ended')
    } else if (answer === 'Paused') {
      const isPaused = steps.some((step) => this.bars.some((bar) => bar.whom === null && during(bar, step)))
      if (act.agreementId === null || !isPaused) this.fail(act, 'nothing was paused')
    } else if (!LATER.has(answer ?? '')) this.fail(act, 'is no answer to this')
  }

  /** Nothing is stored under a key that somebody has who had lost the right to it before. */
  private judgeEpoch(commit: Act): void {
    for (const derived of this.acts) {
      const isKey =
        derived.kind === 'derive' &&
        derived.answer === 'Ok' &&
        derived.place === commit.place &&
        derived.epoch === commit.epoch
      if (isKey && derived.to <= commit.from && !this.gives(derived, 'consent', commit.from))
        this.fail(commit, `${derived.who} has the key of epoch ${commit.epoch} and had lost the right to it`)
    }
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
      if (act.kind === 'grant' || act.kind === 'revoke') continue
      const own = lines.filter((line) => line.requestId === act.requestId)
      const count = own.filter((line) => line.event === EVENT_OF[act.kind as Reading]).length
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
