const PlatformDate = globalThis.Date

export interface FrozenDate {
  set(nowMs: number): void
  restore(): void
}

/**
 * Stops the clock of this process, so that the agent's checks of certificate times follow a network whose clock a test moves. Timers and
 * `performance` go on as before.
 */
export function freezeDate(startMs: number): FrozenDate {
  let nowMs = startMs
  class StoppedDate extends PlatformDate {
    constructor(...parts: readonly unknown[]) {
      if (parts.length === 0) super(nowMs)
      else super(...(parts as ConstructorParameters<DateConstructor>))
    }
    static override now(): number {
      return nowMs
    }
  }
  globalThis.Date = StoppedDate as unknown as DateConstructor
  return {
    set(ms) {
      nowMs = ms
    },
    restore() {
      globalThis.Date = PlatformDate
    },
  }
}
