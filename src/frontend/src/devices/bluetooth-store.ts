import type { Category, MedGuardClient, RecordSummary } from '@medguard/client'
import {
  measureOfCode,
  partsOf as valuesOf,
  type Reading,
  type RecordsAnswer,
  summaryFromJson,
} from '@medguard/readings'
import { plainText } from '@medguard/readings/imports'
import { createStore } from 'zustand/vanilla'
import { type LoadableStore, settle } from '../app/loadable.ts'
import type { Problem } from '../app/problem.ts'
import { t } from '../words/language.ts'
import { type Arrivals, type ArrivalsLook, createArrivals, type WhoseReadings } from './bluetooth-arrivals.ts'
import {
  type BluetoothHere,
  type BluetoothTrouble,
  chooseDevice,
  type GattDevice,
  listen,
  troubleOf,
} from './bluetooth-gatt.ts'
import { offsetHere, partsOf } from './looking-through.ts'
import { holdsReadings, type ReadingsReader } from './readings-reader.ts'
import { named, type Part, recordOf, savePart } from './readings-saving.ts'

/** A device that was chosen: how its line is, what came from it, and what of that is safe. */
export interface OpenDevice extends ArrivalsLook {
  readonly status: 'open'
  readonly name: string
  /** `ended`: many devices end it themselves after a measurement. */
  readonly line: 'connecting' | 'on' | 'ended'
  /** Why it could not be connected. */
  readonly trouble: BluetoothTrouble | null
  /** What became of asking for what the device has stored; null where it stores nothing. */
  readonly stored: RecordsAnswer | 'asked' | null
  readonly batteryPercent: number | null
  readonly isSaving: boolean
  /** Why something is not saved. */
  readonly problem: Problem | null
  /** Readings: in the vault; on this device until there is a network; in this page alone. */
  readonly saved: number
  readonly waits: number
  readonly unsaved: number
  /** Whether what comes from now on is saved by itself. */
  readonly goesOn: boolean
}
export type BluetoothView =
  | { readonly status: 'idle'; readonly trouble: BluetoothTrouble | null }
  | { readonly status: 'choosing' }
  | OpenDevice

export interface BluetoothState {
  readonly view: BluetoothView
  /** Has to be called by a press of a button: the browser opens its own window then. */
  readonly choose: () => Promise<void>
  readonly connectAgain: () => Promise<void>
  readonly chooseWhose: (whose: WhoseReadings) => void
  /** Saves what is new, and from then on what comes, in batches. */
  readonly save: (category: Category) => Promise<void>
  /** Ends the connection; what was to be saved by itself is saved. */
  readonly hangUp: () => void
  /** Forgets the device, with what is not saved. */
  readonly clear: () => void
}

/** Of what is saved by itself: as long a time as this is lost where the page ends without warning. */
const BATCH_MS = 10 * 60_000
/** Apps cut off the seconds. */
const APART_MS = 60_000

export interface BluetoothParts {
  readonly bluetooth: BluetoothHere
  readonly client: Pick<MedGuardClient, 'addOnce' | 'putOff'>
  readonly records: LoadableStore<readonly RecordSummary[]>
  readonly reader: ReadingsReader
  /** Whether there is no network, and this person's device keeps what waits for one. */
  readonly mayWait: () => boolean
  readonly onPutOff: () => void
  readonly now?: () => number
}

export function createBluetoothStore(parts: BluetoothParts) {
  const { bluetooth, client, records, reader, mayWait, onPutOff, now = Date.now } = parts
  return createStore<BluetoothState>()((set, get) => {
    let device: GattDevice | null = null
    let arrivals: Arrivals = createArrivals()
    let queue: { readonly part: Part; readonly category: Category }[] = []
    /** Since the device was chosen, so that they are not compared with themselves. */
    let own = new Set<string>()
    let category: Category | null = null
    let isFlushing = false
    /** Asked for meanwhile. */
    let isWanted = false

    const listed = () => {
      const { view } = records.getState()
      return view.status === 'ready' ? view.value : []
    }
    const change = (update: Partial<OpenDevice>) => {
      const { view } = get()
      if (view.status !== 'open') return
      const inQueue = queue.reduce((sum, { part }) => sum + part.summary.count, 0)
      set({ view: { ...view, ...arrivals.look(), unsaved: arrivals.fresh().length + inQueue, ...update } })
    }
    const counted = (what: 'saved' | 'waits', by: number) => {
      const { view } = get()
      if (view.status === 'open') change({ [what]: view[what] + by })
    }

    const connect = async (chosen: GattDevice) => {
      change({ line: 'connecting', trouble: null, stored: null })
      const name = nameOf(chosen)
      try {
        const services = await listen(chosen, {
          value(characteristic, view, session) {
            if (device !== chosen) return
            const receivedMs = now()
            arrivals.take(characteristic, view, {
              device: name,
              receivedMs,
              offsetMinutes: offsetHere(receivedMs - new Date(receivedMs).getTimezoneOffset() * 60_000),
              ...(session !== null && { session }),
            })
            change({})
            const [oldest] = arrivals.fresh()
            if (category !== null && (oldest?.receivedMs ?? receivedMs) <= receivedMs - BATCH_MS) void flush(category)
          },
          battery: (batteryPercent) => device === chosen && change({ batteryPercent }),
          stored: (stored) => device === chosen && change({ stored }),
        })
        if (device !== chosen) return
        if (services.length > 0) return change({ line: 'on' })
        change({ line: 'ended', trouble: 'noReadings' })
        chosen.gatt?.disconnect()
      } catch (error) {
        if (device === chosen) change({ line: 'ended', trouble: troubleOf(error) })
        chosen.gatt?.disconnect()
      }
    }

    /** Opens what of the same days and kinds was saved earlier, so that what a device hands out each time is stored once. @returns why not. */
    const compare = async (): Promise<Problem | null> => {
      const toOpen = overlapping(arrivals.fresh(), listed()).filter(
        (record) => !own.has(record.recordId) && !reader.isRead(record),
      )
      for (const record of toOpen) {
        const problem = await reader.open(record)
        if (problem !== null) return problem
      }
      if (toOpen.length > 0) arrivals.know(reader.of(listed()))
      return null
    }
    const flush = async (into: Category): Promise<void> => {
      const { users, whose } = arrivals.look()
      if (users.length > 1 && whose === null) return // of two people of one household: asked before anything is saved
      if (isFlushing) {
        isWanted = true
        return
      }
      isFlushing = true
      const mine = device
      change({ isSaving: true, problem: null })
      const problem = await work(into, () => mine === device)
      isFlushing = false
      if (mine === device) change({ isSaving: false, problem })
      const next = isWanted && problem === null ? category : null
      isWanted = false
      if (next !== null) await flush(next)
    }
    const work = async (into: Category, isCurrent: () => boolean): Promise<Problem | null> => {
      const trouble = mayWait() ? null : await compare() // without a network what is there twice is shown once, and nothing is lost
      if (trouble !== null || !isCurrent()) return trouble
      const fresh = arrivals.batch()
      if (fresh.length > 0) for (const part of partsOf(fresh)) queue.push({ part: await named(part), category: into })
      change({})
      for (let next = queue[0]; next !== undefined && isCurrent(); next = queue[0]) {
        const { part } = next
        if (mayWait()) {
          const record = recordOf(part, next.category)
          const answer = await settle(() => client.putOff(record))
          if (answer.kind === 'failed') return answer.problem
          queue = queue.filter((each) => each !== next)
          counted('waits', part.summary.count)
          onPutOff()
          continue
        }
        const answer = await savePart(client, records, part, next.category)
        if (answer.kind === 'failed') return answer.problem
        own.add(answer.value.recordId)
        queue = queue.filter((each) => each !== next)
        counted('saved', part.summary.count)
      }
      return null
    }

    return {
      view: { status: 'idle', trouble: null },
      async choose() {
        const { view } = get()
        if (view.status !== 'idle') return
        set({ view: { status: 'choosing' } })
        try {
          const chosen = await chooseDevice(bluetooth)
          device = chosen
          arrivals = createArrivals(reader.of(listed()))
          queue = []
          own = new Set()
          category = null
          chosen.addEventListener('gattserverdisconnected', () => {
            if (device !== chosen) return
            change({ line: 'ended' })
            if (category !== null) void flush(category)
          })
          const start = { line: 'connecting', trouble: null, stored: null, batteryPercent: null } as const
          const safe = { isSaving: false, problem: null, saved: 0, waits: 0, unsaved: 0, goesOn: false } as const
          set({ view: { status: 'open', name: nameOf(chosen), ...start, ...safe, ...arrivals.look() } })
          await connect(chosen)
        } catch (error) {
          const isOn = await bluetooth.getAvailability().catch(() => false)
          const trouble = troubleOf(error)
          set({ view: { status: 'idle', trouble: isOn || trouble === 'forbidden' ? trouble : 'off' } })
        }
      },
      async connectAgain() {
        const { view } = get()
        if (device !== null && view.status === 'open' && view.line === 'ended') await connect(device)
      },
      chooseWhose(whose) {
        arrivals.choose(whose)
        change({})
      },
      async save(into) {
        category = into
        const { users, whose } = arrivals.look()
        if (users.length === 1 && users[0] !== undefined && whose === null) arrivals.choose(users[0]) // not whoever steps on it next
        change({ goesOn: true })
        await flush(into)
      },
      hangUp: () => device?.gatt?.disconnect(),
      clear() {
        const left = device
        device = null
        queue = []
        arrivals = createArrivals()
        set({ view: { status: 'idle', trouble: null } })
        left?.gatt?.disconnect()
      },
    }
  })
}
export type BluetoothStore = ReturnType<typeof createBluetoothStore>

/** As it calls itself: part of who its readings are. */
const nameOf = ({ name }: GattDevice): string => plainText(name ?? '') || t('bluetooth.nameless')

/** Records of readings that a person saved of the same kinds and days: the only ones in which the same can stand. What devices posted themselves is told apart where it is shown. */
function overlapping(fresh: readonly Reading[], records: readonly RecordSummary[]): readonly RecordSummary[] {
  if (fresh.length === 0) return []
  const kindOf = (code: string) => measureOfCode(code)?.id ?? code
  const kinds = new Set(fresh.flatMap(valuesOf).map(({ code }) => kindOf(code)))
  const times = fresh.map(({ timeMs }) => timeMs)
  const [fromMs, toMs] = [Math.min(...times) - APART_MS, Math.max(...times) + APART_MS]
  // The time of such a reading is when it was received, another one each time.
  const isAnyTime = fresh.some(({ flags }) => flags.includes('clockWrong'))
  return records.filter((record) => {
    if (record.deviceId !== undefined || !holdsReadings(record)) return false
    const summary = summaryFromJson(record.readings)
    if (summary === null) return true
    const isThen = isAnyTime || (summary.fromMs <= toMs && summary.toMs >= fromMs)
    return isThen && summary.codes.some(({ code }) => kinds.has(kindOf(code)))
  })
}
