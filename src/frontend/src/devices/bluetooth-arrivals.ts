import {
  decodeGlucoseContext,
  type Arrival,
  PacketFault,
  type Reading,
  readingsOfValue,
  withGlucoseContext,
} from '@medguard/readings'
import { createPreviewer, type ImportPreview } from '@medguard/readings/imports'

// What came over the air since a device was chosen, in memory: what of it is new, whose it is, and what was not understood.

/** A value that no decoder takes: shown as it came, so that it can be reported. */
export interface Strange {
  readonly characteristic: number
  readonly bytes: readonly number[]
}
const STRANGE_KEPT = 20

/** Of a device with several users: one of them, or everybody. */
export type WhoseReadings = number | 'everybody'

const GLUCOSE_CONTEXT = 0x2a34

export function createArrivals(stored: readonly Reading[] = []) {
  let waiting: { readonly reading: Reading; readonly user: number | null }[] = []
  let known: readonly Reading[] = stored
  const batched: Reading[] = []
  const latest = new Map<string, Reading>()
  const users = new Set<number>()
  const strange: Strange[] = []
  let strangeCount = 0
  let whose: WhoseReadings | null = null
  let previewer = createPreviewer()
  let fresh: Reading[] = []
  /** Of what went before the present batch. */
  let before = { repeats: 0, otherSources: 0 }

  const isTheirs = (user: number | null) => whose === null || whose === 'everybody' || user === null || user === whose
  const sift = (readings: readonly Reading[]) =>
    fresh.push(...previewer.take({ readings, documents: [], doneBytes: 0, skipped: [] }))
  const anew = () => {
    previewer = createPreviewer()
    previewer.know(known)
    previewer.know(batched)
    fresh = []
    sift(waiting.filter(({ user }) => isTheirs(user)).map(({ reading }) => reading))
  }
  anew()
  const leftOut = () => {
    const { repeats, otherSources } = previewer.preview()
    return { repeats: before.repeats + repeats, otherSources: before.otherSources + otherSources }
  }

  const decoded = (characteristic: number, view: DataView, arrival: Arrival) => {
    if (characteristic === GLUCOSE_CONTEXT) {
      decodeGlucoseContext(view) // before anything is changed
      waiting = waiting.map((each) => ({
        ...each,
        reading: withGlucoseContext([each.reading], view)[0] ?? each.reading,
      }))
      fresh = withGlucoseContext(fresh, view)
      return
    }
    const arrived = readingsOfValue(characteristic, view, arrival)
    if (arrived === null) return
    const { readings, user } = arrived
    if (user !== null) users.add(user)
    waiting.push(...readings.map((reading) => ({ reading, user })))
    for (const reading of readings) latest.set(`${reading.code} ${reading.unit}`, reading)
    if (isTheirs(user)) sift(readings)
  }

  return {
    take(characteristic: number, view: DataView, arrival: Arrival): void {
      try {
        decoded(characteristic, view, arrival)
      } catch (fault) {
        if (!(fault instanceof PacketFault)) throw fault
        strangeCount += 1
        const bytes = Array.from({ length: view.byteLength }, (_, i) => view.getUint8(i))
        if (strange.length < STRANGE_KEPT) strange.push({ characteristic, bytes })
      }
    },
    /** What is stored: what is the same is not new. */
    know(readings: readonly Reading[]): void {
      known = readings
      anew()
    },
    choose(who: WhoseReadings): void {
      whose = who
      anew()
    },
    /** Takes what is new out, to be saved; the same sent again from now on is a repeat of it. */
    batch(): readonly Reading[] {
      const readings = fresh
      before = leftOut()
      for (const reading of readings) batched.push(reading)
      waiting = waiting.filter(({ user }) => !isTheirs(user))
      anew()
      return readings
    },
    /** New, and in no batch. */
    fresh: (): readonly Reading[] => fresh,
    look(): {
      readonly preview: ImportPreview
      readonly latest: readonly Reading[]
      readonly users: readonly number[]
      readonly whose: WhoseReadings | null
      readonly strange: readonly Strange[]
      readonly strangeCount: number
    } {
      return {
        preview: { ...previewer.preview(), ...leftOut() },
        latest: [...latest.values()],
        users: [...users].toSorted((a, b) => a - b),
        whose,
        strange: [...strange],
        strangeCount,
      }
    },
  }
}
export type Arrivals = ReturnType<typeof createArrivals>
export type ArrivalsLook = ReturnType<Arrivals['look']>
