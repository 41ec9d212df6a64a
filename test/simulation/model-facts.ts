// What is so in each canister, from one step of a run to another: the model's memory. It shares no code with the canisters.

export const OWNER = 'owner'
/** Somebody who cannot sign in, but for a sign-in that they are handed: the first carer's dependant. */
export const CHILD = 'child'
export type PowerName = 'read' | 'write' | 'share' | 'manage'
export const ALL_POWERS: readonly PowerName[] = ['read', 'write', 'share', 'manage']
export const PLACES = ['labs', 'vitals', 'child labs']
/** Whose records are there. */
export const vaultOf = (place: string): string => (place === 'child labs' ? CHILD : OWNER)
/** Whoever works there, where an agreement names it. */
export const CLINIC = 'clinic'
export type Half = 'consent' | 'records'
export const HALVES: readonly Half[] = ['consent', 'records']

/** A person has as many sign-ins as were linked; the first is called like the person. */
export const signIn = (person: string, number: number): string => `${person} ${number}`
export const personOf = (who: string): string => who.split(' ')[0] ?? who

const HOUR_NS = 3_600_000_000_000n

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
  /** When a sign-in was linked, of those that are not there from the beginning nor came by a recovery. */
  private readonly linkedNs = new Map<string, bigint>()

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

  /** Whether anything that begins like this is so. */
  isAny(half: Half, beginning: string, step: number): boolean {
    return this.spans.some((span) => span.half === half && span.what.startsWith(beginning) && during(span, step))
  }

  /** Whether something was ever so. */
  wasEver(half: Half, what: string): boolean {
    return this.spans.some((span) => span.half === half && span.what === what)
  }

  linked(half: Half, who: string, step: number): void {
    this.linkedNs.set(`${half} ${who}`, this.times[step] ?? 0n)
  }
  /** Whether a sign-in is too young to take something from others. */
  isNew(half: Half, who: string, step: number): boolean {
    const sinceNs = this.linkedNs.get(`${half} ${who}`)
    return sinceNs !== undefined && (this.times[step] ?? 0n) < sinceNs + 72n * HOUR_NS
  }

  /** Whether somebody has an account there, and comes with a sign-in that is one of theirs. */
  isKnown(half: Half, who: string, step: number): boolean {
    return this.is(half, `sign-in ${who}`, step) && !this.is(half, `erased ${personOf(who)}`, step)
  }
  /** Whether somebody is the one whose vault it is. */
  isHolder(half: Half, who: string, vault: string, step: number): boolean {
    return personOf(who) === vault && this.isKnown(half, who, step)
  }
  /** Whether somebody may do something without an agreement: as the holder, or with all of these powers in the holder's place. */
  acts(half: Half, who: string, vault: string, powers: readonly PowerName[], step: number): boolean {
    const isRepresentative =
      this.isKnown(half, who, step) &&
      !this.is(half, `erased ${vault}`, step) &&
      powers.every((power) => this.is(half, powerOf(personOf(who), vault, power), step))
    return this.isHolder(half, who, vault, step) || isRepresentative
  }
  /** Whether they have these powers, and will have them until then. */
  isUntil(
    half: Half,
    person: string,
    vault: string,
    powers: readonly PowerName[],
    untilNs: bigint,
    step: number,
  ): boolean {
    return powers.every((power) =>
      this.spans.some(
        (span) =>
          span.half === half &&
          span.what === powerOf(person, vault, power) &&
          during(span, step) &&
          (span.endNs === null || untilNs <= span.endNs),
      ),
    )
  }
  /** Whether an agreement with that reader is about this person, and the patient lets them. */
  isReader(half: Half, { reader, excludes }: Reader, who: string, vault: string, step: number): boolean {
    const person = personOf(who)
    const isMember = this.is(half, `member ${person}`, step) && this.is(half, CLINIC, step) && excludes !== person
    const isThey = reader === CLINIC ? isMember : reader === person
    const isBarred = this.is(half, `paused ${vault}`, step) || this.is(half, `blocked ${person} ${vault}`, step)
    return isThey && !isBarred && this.isKnown(half, who, step) && !this.is(half, `erased ${vault}`, step)
  }
}
export interface Reader {
  readonly reader: string
  /** A member of the organisation whom it is not for. */
  readonly excludes: string | null
}
export const powerOf = (person: string, vault: string, power: PowerName): string =>
  `${power} of ${person} over ${vault}`
