import type { Category } from '@medguard/protocol'
import type { Add } from './adding.ts'
import type { MedGuardClient, NewRecord, OpenedRecord, RecordSummary } from './api.ts'
import { DEVICES_MEDIA_TYPE } from './devices-api.ts'
import { Refused } from './outcome.ts'

/** What a device is called, and what it is, in the patient's words. */
export interface Named {
  readonly name: string
  readonly kind?: string
}
export interface Placed {
  readonly deviceId: string
  /** Where it posts. */
  readonly category: Category
}

/** How the sealed lists of names are read and written: records like any other. */
export interface NameRecords {
  readonly ownOf: (categories: readonly Category[]) => Promise<readonly RecordSummary[]>
  readonly open: (record: RecordSummary) => Promise<OpenedRecord>
  readonly add: Add
  readonly amend: MedGuardClient['amend']
  readonly deleteRecord: MedGuardClient['deleteRecord']
}

type Names = Readonly<Record<string, Named>>
interface NameList {
  readonly record: RecordSummary
  readonly names: Names
}
type Lists = ReadonlyMap<Category, NameList>

/** Where former releases kept the names of all devices. */
const FORMER: Category = 'summary'

/** A device's name lies with its readings: who gets those gets what it is called, as from the readings themselves, and nobody else does. */
export function deviceNames(records: NameRecords) {
  const listsOf = async (devices: readonly Placed[]): Promise<Lists> => {
    if (devices.length === 0) return new Map()
    const found = await records.ownOf([...new Set([FORMER, ...devices.map(({ category }) => category)])])
    const lists = new Map<Category, NameList>()
    for (const record of found) {
      const { mediaType, category, isDamaged, depositedBy } = record
      // What others post, a device too, names no device.
      if (mediaType !== DEVICES_MEDIA_TYPE || category === 'shared' || isDamaged || depositedBy !== undefined) continue
      const { bytes } = await records.open(record)
      lists.set(category, { record, names: { ...lists.get(category)?.names, ...namesIn(bytes) } })
    }
    return lists
  }
  const nameIn = (lists: Lists, { deviceId, category }: Placed): Named | undefined =>
    lists.get(category)?.names[deviceId] ?? lists.get(FORMER)?.names[deviceId]

  const write = async (category: Category, present: NameList | undefined, names: Names): Promise<void> => {
    if (JSON.stringify(present?.names) === JSON.stringify(names)) return
    const record: NewRecord = {
      bytes: new TextEncoder().encode(JSON.stringify({ devices: names })),
      title: 'Devices',
      fileName: null,
      mediaType: DEVICES_MEDIA_TYPE,
      category,
      clinicalDate: null,
    }
    if (present === undefined) return void (await records.add(record, {}))
    const amended = await records.amend(present.record, record)
    if (amended.kind === 'refused') throw new Refused(amended.refusal)
  }

  return {
    async of(devices: readonly Placed[]): Promise<(device: Placed) => Named | undefined> {
      const lists = await listsOf(devices)
      return (device) => nameIn(lists, device)
    },
    /** @param change what this one is called from now on, by what it was called. @param devices all there ever were. */
    async set(
      deviceId: string,
      change: (before: Named | undefined) => Named,
      devices: readonly Placed[],
    ): Promise<void> {
      const lists = await listsOf(devices)
      const wanted = new Map<Category, Names>()
      for (const each of devices) {
        const before = nameIn(lists, each)
        const named = each.deviceId === deviceId ? change(before) : before
        if (named !== undefined) wanted.set(each.category, { ...wanted.get(each.category), [each.deviceId]: named })
      }
      // Names that move are in both places before they leave the former.
      const { [FORMER]: own, ...others } = Object.fromEntries(wanted) as Partial<Record<Category, Names>>
      for (const [category, names] of Object.entries(others) as [Category, Names][])
        await write(category, lists.get(category), names)
      const former = lists.get(FORMER)
      if (own !== undefined) await write(FORMER, former, own)
      else if (former !== undefined) await records.deleteRecord(former.record.recordId) // who may not, leaves it to the next change
    },
  }
}

/** Names that are no names are left out: the patient's own record, and yet read with care. */
function namesIn(bytes: Uint8Array): Names {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return {}
  }
  const devices = typeof value === 'object' && value !== null ? Reflect.get(value, 'devices') : null
  if (typeof devices !== 'object' || devices === null) return {}
  return Object.fromEntries(
    Object.entries(devices).flatMap(([deviceId, each]: [string, unknown]) => {
      const { name, kind } = (each ?? {}) as Partial<Record<string, unknown>>
      if (typeof name !== 'string') return []
      return [[deviceId, typeof kind === 'string' ? { name, kind } : { name }]]
    }),
  )
}
