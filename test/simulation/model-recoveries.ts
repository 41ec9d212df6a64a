// How an account is brought back, in each canister: who says so, how long that waits, and what stops it. It shares no code with the canisters.

const HOUR_NS = 3_600_000_000_000n
const WAIT_NS = 72n * HOUR_NS
const SHORT_NS = 12n * HOUR_NS
const WEEK_NS = 168n * HOUR_NS

export interface Settings {
  readonly hasKit: boolean
  readonly guardians: readonly string[]
  readonly threshold: number
}
interface Laid {
  readonly settings: Settings
  readonly sinceNs: bigint
}
export interface Waiting {
  /** The number of the sign-in that is to come in. */
  readonly number: number
  readonly readyNs: bigint
  readonly byKit: boolean
  readonly byGuardians: boolean
}
interface Approval {
  readonly by: string
  readonly number: number
  readonly atNs: bigint
}

/** Of one account in one canister. */
export class Recovery {
  private laid: Laid | null = null
  private coming: Laid | null = null
  private approvals: readonly Approval[] = []
  private waiting: Waiting | null = null

  settings(nowNs: bigint): Laid | null {
    if (this.coming !== null && nowNs >= this.coming.sinceNs + WAIT_NS) {
      this.laid = this.coming
      this.coming = null
    }
    return this.laid
  }
  next = (nowNs: bigint): Settings | null => (this.settings(nowNs) === null ? null : (this.coming?.settings ?? null))
  /** What nobody completed in a week is over. */
  waits = (nowNs: bigint): Waiting | null =>
    this.waiting !== null && nowNs < this.waiting.readyNs + WEEK_NS ? this.waiting : null

  /** The first count at once, others three days later. */
  set(settings: Settings, nowNs: bigint): void {
    const laid = this.settings(nowNs)
    const isSame = (other: Laid | null) => JSON.stringify(other?.settings) === JSON.stringify(settings)
    if (laid === null) this.laid = { settings, sinceNs: nowNs }
    else if (isSame(laid)) this.coming = null
    else if (!isSame(this.coming)) this.coming = { settings, sinceNs: nowNs }
  }

  /** @returns whether the kit may start that. */
  startByKit(number: number, nowNs: bigint): boolean {
    return this.settings(nowNs)?.settings.hasKit === true && this.start('byKit', number, nowNs)
  }
  /** @returns how many say so, or null for who is no guardian. */
  approve(by: string, number: number, nowNs: bigint): number | null {
    const settings = this.settings(nowNs)?.settings
    if (settings?.guardians.includes(by) !== true) return null
    const counting = this.approvals.filter(
      (each) => each.by !== by && nowNs < each.atNs + WEEK_NS && settings.guardians.includes(each.by),
    )
    this.approvals = [...counting, { by, number, atNs: nowNs }]
    const count = this.approvals.filter((each) => each.number === number).length
    if (count >= settings.threshold) this.start('byGuardians', number, nowNs)
    return count
  }
  /** Kit and guardians together wait for less; of two for different sign-ins the guardians' goes first, unless both are behind the other. */
  private start(by: 'byKit' | 'byGuardians', number: number, nowNs: bigint): boolean {
    const before = this.waits(nowNs)
    if (before?.number === number) {
      const after = { ...before, [by]: true }
      const isJoined = after.byKit && after.byGuardians && !(before.byKit && before.byGuardians)
      const laidNs = this.laid?.sinceNs ?? 0n
      const shortNs = max(nowNs + SHORT_NS, laidNs + WAIT_NS)
      this.waiting = { ...after, readyNs: isJoined && shortNs < before.readyNs ? shortNs : before.readyNs }
      return true
    }
    if (before !== null && (by === 'byKit' || (before.byKit && before.byGuardians))) return false
    this.waiting = { number, readyNs: nowNs + WAIT_NS, byKit: by === 'byKit', byGuardians: by === 'byGuardians' }
    return true
  }
  veto(): void {
    this.waiting = null
    this.approvals = []
  }
  /** After that nothing is left of how it was done. */
  done(): void {
    this.veto()
    this.laid = null
    this.coming = null
  }
}
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)

export class Recoveries {
  private readonly all = new Map<string, Recovery>()
  of(half: string, person: string): Recovery {
    const key = `${half} ${person}`
    const found = this.all.get(key) ?? new Recovery()
    this.all.set(key, found)
    return found
  }
}
