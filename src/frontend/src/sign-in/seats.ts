import type { Area } from '../app/routes.ts'

// How long a session lasts and how long nobody may touch it (decision 37). Nothing else in the page says so.

/** What somebody signs in for. `shared` is a computer that others use too: nothing of the session is stored there. */
export type Seat = Area | 'shared'

const MINUTE_MS = 60_000

export const SEATS: Record<Seat, { readonly lastsMs: number; readonly idleMs: number }> = {
  patient: { lastsMs: 480 * MINUTE_MS, idleMs: 10 * MINUTE_MS },
  provider: { lastsMs: 60 * MINUTE_MS, idleMs: 5 * MINUTE_MS },
  shared: { lastsMs: 60 * MINUTE_MS, idleMs: 2 * MINUTE_MS },
}
export const SEAT_NAMES = ['patient', 'provider', 'shared'] as const satisfies readonly Seat[]

/** How long nobody may touch the page before it locks. */
export const idleLimitMs = (area: Area, isShared: boolean): number => SEATS[isShared ? 'shared' : area].idleMs

const KEY = 'medguard.seat'

/** The choice of the last sign-in on this device. It tells about the device, and nothing about a person. */
export function createSeatMemory(storage: Pick<Storage, 'getItem' | 'setItem'>) {
  return {
    read: (): Seat | null => SEAT_NAMES.find((seat) => seat === storage.getItem(KEY)) ?? null,
    write: (seat: Seat) => storage.setItem(KEY, seat),
  }
}
export type SeatMemory = ReturnType<typeof createSeatMemory>
