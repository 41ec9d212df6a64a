import { ALL_POWERS, CHILD, type Facts, type Half, personOf, type PowerName, powerOf } from './model-facts.ts'

/** Somebody who was named to act in a patient's place; without an end, null. */
interface Representative {
  readonly person: string
  readonly powers: readonly PowerName[]
  readonly endNs: bigint | null
  isAccepted: boolean
}
/** Somebody who lost what they could do in a patient's place: what they gave there ends with it. */
export interface Ending {
  readonly half: Half
  readonly vault: string
  readonly giver: string
}

// Who may act in whose place, and what may be said about it by whom. It shares no code with the canisters.

export class People {
  /** By canister and patient, in the order they were named. */
  private readonly named = new Map<string, Representative[]>()
  /** By canister: from when on the dependant's vault may be erased. */
  readonly announced = new Map<Half, bigint>()

  private readonly facts: Facts
  private readonly fault: (what: string) => void
  private readonly onEnd: (ending: Ending) => void

  constructor(facts: Facts, fault: (what: string) => void, onEnd: (ending: Ending) => void) {
    this.facts = facts
    this.fault = fault
    this.onEnd = onEnd
  }

  /** Those whose time is not over. */
  present(half: Half, vault: string, nowNs: bigint): Representative[] {
    return this.all(half, vault).filter(({ endNs }) => endNs === null || nowNs < endNs)
  }
  /** Everybody who was ever named there and is not out again, as far as either canister knows. */
  knownFor(vault: string): string[] {
    return [...new Set((['consent', 'records'] as const).flatMap((half) => this.all(half, vault)))].map(
      ({ person }) => person,
    )
  }
  private all(half: Half, vault: string): Representative[] {
    return this.named.get(`${half} ${vault}`) ?? []
  }
  private find(half: Half, vault: string, person: string): Representative | undefined {
    return this.all(half, vault).find((each) => each.person === person)
  }

  /** A dependant's account is opened with somebody who may do everything there. */
  began(half: Half, vault: string, parent: string, step: number): void {
    this.named.set(`${half} ${vault}`, [{ person: parent, powers: ALL_POWERS, endNs: null, isAccepted: true }])
    for (const power of ALL_POWERS) this.facts.turn(half, powerOf(parent, vault, power), true, step)
  }

  appointed(half: Half, vault: string, by: string, given: Omit<Representative, 'isAccepted'>, step: number): void {
    const nowNs = this.facts.times[step] ?? 0n
    const { person, powers, endNs } = given
    const told = `${by} names ${person} for ${vault} in ${half}`
    if (!this.facts.acts(half, by, vault, ['manage'], step)) this.fault(`${told} without the power to`)
    if (vault !== CHILD && (endNs === null || powers.includes('manage'))) this.fault(`${told} for good, or to manage`)
    if (person === vault) this.fault(`${told}, who is the holder`)
    if (!this.facts.isHolder(half, by, vault, step)) {
      const own = this.find(half, vault, personOf(by))
      const isLonger = own !== undefined && own.endNs !== null && (endNs === null || endNs > own.endNs)
      if (own === undefined || isLonger || !powers.every((power) => own.powers.includes(power)))
        this.fault(`${told} for more than they have`)
    }
    const present = this.present(half, vault, nowNs)
    const same = present.find((each) => each.person === person)
    if (same === undefined) this.named.set(`${half} ${vault}`, [...present, { ...given, isAccepted: false }])
    else if (same.endNs !== endNs || same.powers.join() !== powers.join())
      this.fault(`${told} on other terms than before`)
  }
  accepted(half: Half, vault: string, who: string, step: number): void {
    const person = personOf(who)
    const offered = this.find(half, vault, person)
    const nowNs = this.facts.times[step] ?? 0n
    const isOver = offered !== undefined && offered.endNs !== null && nowNs >= offered.endNs
    if (offered === undefined || isOver || !this.facts.isKnown(half, who, step))
      return this.fault(`${who} takes on ${vault} in ${half}, for which nobody named them`)
    offered.isAccepted = true
    for (const power of offered.powers) this.facts.turn(half, powerOf(person, vault, power), true, step, offered.endNs)
  }

  dismissed(half: Half, vault: string, by: string, person: string, answer: string, step: number): void {
    const all = this.all(half, vault)
    const target = this.find(half, vault, person)
    if (target === undefined) return
    const isHolder = this.facts.isHolder(half, by, vault, step)
    const own = this.find(half, vault, personOf(by))
    const isBefore = own !== undefined && all.indexOf(own) < all.indexOf(target)
    const mayManage = this.facts.acts(half, by, vault, ['manage'], step) && isBefore
    const isTooNew = isHolder && target.powers.includes('manage') && this.facts.isNew(half, by, step)
    const may = isHolder ? !isTooNew : mayManage
    if (may !== (answer === 'Ok')) this.fault(`${by} dismisses ${person} of ${vault} in ${half}: ${answer}`)
    if (answer === 'Ok') this.end(half, vault, target, step)
  }
  resigned(half: Half, vault: string, who: string, answer: string, step: number): void {
    const person = personOf(who)
    const target = this.find(half, vault, person)
    const isThere = target?.isAccepted === true && this.facts.isKnown(half, who, step)
    const may = isThere && !this.isAlone(half, vault, person, step)
    if (may !== (answer === 'Ok')) this.fault(`${who} resigns from ${vault} in ${half}: ${answer}`)
    if (answer === 'Ok' && target !== undefined) this.end(half, vault, target, step)
  }
  /** Somebody's own account is gone: with it goes what they could do for others. */
  gone(half: Half, person: string, step: number): void {
    for (const [key, all] of this.named) {
      const target = all.find((each) => each.person === person && each.isAccepted)
      if (key.startsWith(half) && target !== undefined) this.end(half, key.slice(half.length + 1), target, step)
    }
    this.named.delete(`${half} ${person}`)
    this.facts.turn(half, `gone ${person}`, true, step)
  }
  private end(half: Half, vault: string, target: Representative, step: number): void {
    this.named.set(
      `${half} ${vault}`,
      this.all(half, vault).filter((each) => each !== target),
    )
    if (!target.isAccepted) return
    for (const power of target.powers) this.facts.turn(half, powerOf(target.person, vault, power), false, step)
    this.onEnd({ half, vault, giver: target.person })
  }

  /** Whether nobody would look after a dependant as long if this person did not. */
  isAlone(half: Half, vault: string, person: string, step: number): boolean {
    const endNs = this.find(half, vault, person)?.endNs ?? null
    const manages = (who: string) => this.facts.is(half, powerOf(who, vault, 'manage'), step)
    if (vault !== CHILD || !manages(person) || this.hasSignIn(half, vault, step)) return false
    return !this.all(half, vault).some(
      (each) =>
        each.person !== person &&
        manages(each.person) &&
        (each.endNs === null || (endNs !== null && each.endNs >= endNs)) &&
        !this.facts.is(half, `erased ${each.person}`, step),
    )
  }
  private hasSignIn(half: Half, vault: string, step: number): boolean {
    return this.facts.isAny(half, `sign-in ${vault} `, step)
  }
  /** Whether somebody may do everything in somebody's place, for good. */
  hasAll(half: Half, who: string, vault: string, step: number): boolean {
    const held = this.find(half, vault, personOf(who))
    const isAll = held?.isAccepted === true && held.endNs === null && held.powers.length === ALL_POWERS.length
    return isAll && this.facts.acts(half, who, vault, ALL_POWERS, step)
  }
  /** Whether somebody may do all that nobody can take back, for a dependant who cannot sign in. */
  isParent(half: Half, who: string, vault: string, step: number): boolean {
    return this.hasAll(half, who, vault, step) && !this.hasSignIn(half, vault, step)
  }
  /** Whether somebody may erase a vault now: their own, or a dependant's a week after that was announced. */
  mayErase(half: Half, who: string, vault: string, step: number): boolean {
    if (personOf(who) === vault) return !this.facts.isNew(half, who, step) && !this.isNeeded(half, vault, step)
    const readyNs = this.announced.get(half)
    const nowNs = this.facts.times[step] ?? 0n
    const isTime = readyNs !== undefined && nowNs >= readyNs && nowNs < readyNs + WEEK_NS
    return this.isParent(half, who, vault, step) && isTime
  }
  private isNeeded(half: Half, person: string, step: number): boolean {
    return !this.facts.is(half, `erased ${CHILD}`, step) && this.isAlone(half, CHILD, person, step)
  }
}
export const WEEK_NS = 7n * 24n * 3_600_000_000_000n
