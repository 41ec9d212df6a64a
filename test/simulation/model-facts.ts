// What is so in each canister, from one step of a run to another: the model's memory. It shares no code with the canisters.

export const OWNER = 'owner'
/** Whoever works there, where an agreement names it. */
export const CLINIC = 'clinic'
export type Half = 'consent' | 'records'
export const HALVES: readonly Half[] = ['consent', 'records']

/** A person has as many sign-ins as were linked; the first is called like the person. */
export const signIn = (person: string, number: number): string => `${person} ${number}`
export const personOf = (who: string): string => who.split(' ')[0] ?? who

interface Span {
  readonly half: Half
  readonly what: string
  readonly since: number
  until: number | null
  readonly endNs: bigint | null
}
export const during = ({ since, until }: Pick<Span, 'since' | 'until'>, step: number): boolean =>
  since <= step && (until === null || step < until)

export class Facts {
  readonly times: bigint[] = [] // at which each step ran
  private readonly spans: Span[] = []

  /** @param endNs when it ends by itself, or null. */
  turn(half: Half, what: string, isOn: boolean, step: number, endNs: bigint | null = null): void {
    const present = this.spans.find((span) => span.half === half && span.what === what && span.until === null)
    if (present !== undefined) present.until = step
    if (isOn) this.spans.push({ half, what, since: step, until: null, endNs })
  }

  is(half: Half, what: string, step: number): boolean {
    return this.spans.some(
      (span) =>
        span.half === half &&
        span.what === what &&
        during(span, step) &&
        (span.endNs === null || (this.times[step] ?? 0n) < span.endNs),
    )
  }

  /** Whether somebody has an account there, and comes with a sign-in that is one of theirs. */
  isKnown(half: Half, who: string, step: number): boolean {
    return this.is(half, `sign-in ${who}`, step) && !this.is(half, `erased ${personOf(who)}`, step)
  }
  /** Whether somebody may act as the patient. */
  isOwner(half: Half, who: string, step: number): boolean {
    return personOf(who) === OWNER && this.isKnown(half, who, step)
  }
  /** Whether an agreement with that reader is about this person, and the patient lets them. */
  isReader(half: Half, reader: string, who: string, step: number): boolean {
    const person = personOf(who)
    const isThey =
      reader === CLINIC ? this.is(half, `member ${person}`, step) && this.is(half, CLINIC, step) : reader === person
    const isBarred = this.is(half, 'paused', step) || this.is(half, `blocked ${person}`, step)
    return isThey && !isBarred && this.isKnown(half, who, step) && !this.is(half, `erased ${OWNER}`, step)
  }
}
