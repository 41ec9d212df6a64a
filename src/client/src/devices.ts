import { Ed25519KeyIdentity } from '@dfinity/identity'
import { type Category, type DeviceView, equalBytes, refusalOf, refuse, toHex } from '@medguard/protocol'
import type { Add } from './adding.ts'
import type { MedGuardClient, NewRecord, OpenedRecord, RecordSummary } from './api.ts'
import {
  type DeviceInfo,
  type DevicePairing,
  DEVICES_MEDIA_TYPE,
  type DevicesPart,
  type PairedDevice,
  type PostingState,
} from './devices-api.ts'
import { categoriesOf } from './share-list.ts'
import { idOf, newId, okOf, Refused } from './outcome.ts'
import { optionOf } from './place.ts'
import type { Session } from './session.ts'

interface Named {
  readonly name: string
  readonly kind?: string
}
type Names = Readonly<Record<string, Named>>

/** How the sealed list of names is read and written: a record like any other. */
export interface NameRecords {
  readonly ownOf: (category: Category) => Promise<readonly RecordSummary[]>
  readonly open: (record: RecordSummary) => Promise<OpenedRecord>
  readonly add: Add
  readonly amend: MedGuardClient['amend']
}

const NAME_CHARS_MAX = 80
const P256_KEY_BYTES = 65

/** A patient's devices: the same row in both canisters, and what they are called in a sealed record. */
export function devicesPart(session: Session, records: NameRecords): DevicesPart {
  const { canisters, unlocked, keyRing, network } = session
  const patientId = () => optionOf(session.actsFor)
  const named = (deviceId: string) => ({ patientId: patientId(), deviceId: idOf(deviceId), requestId: newId() })

  const nameRecord = async () =>
    (await records.ownOf('summary')).find(
      ({ mediaType, isDamaged }) => mediaType === DEVICES_MEDIA_TYPE && isDamaged !== true,
    )
  const names = async (): Promise<Names> => {
    const present = await nameRecord()
    return present === undefined ? {} : namesIn((await records.open(present)).bytes)
  }
  const setName = async (deviceId: string, name: Named): Promise<void> => {
    const present = await nameRecord()
    const before = present === undefined ? {} : namesIn((await records.open(present)).bytes)
    const record: NewRecord = {
      bytes: new TextEncoder().encode(JSON.stringify({ devices: { ...before, [deviceId]: name } })),
      title: 'Devices',
      fileName: null,
      mediaType: DEVICES_MEDIA_TYPE,
      category: 'summary',
      clinicalDate: null,
    }
    if (present === undefined) return void (await records.add(record, {}))
    const amended = await records.amend(present, record)
    if (amended.kind === 'refused') throw new Refused(amended.refusal)
  }

  const views = async () => {
    const arg = { patientId: patientId() }
    const [here, there] = await Promise.all([canisters.records.devices(arg), canisters.consent.devices(arg)])
    return { here: okOf(here), there: okOf(there) }
  }
  const all = async (known: Names): Promise<DeviceInfo[]> => {
    const { here, there } = await views()
    const own = categoriesOf(await session.account())
    const ids = new Set([...here, ...there].map(({ deviceId }) => toHex(deviceId)))
    return [...ids].map((deviceId) => {
      const [one, other] = [here, there].map((list) => list.find((each) => toHex(each.deviceId) === deviceId))
      return infoOf(deviceId, { one, other, own, known })
    })
  }
  /** @throws Refused for one that is not there. */
  const found = async (deviceId: string): Promise<DeviceInfo> => {
    const info = (await all({})).find((each) => each.deviceId === deviceId)
    if (info === undefined) throw new Refused(refusalOf(refuse.notPermitted))
    return info
  }
  const pairedAs = async (
    deviceId: string,
    key: DeviceKey,
    { name, kind }: { readonly name: string | null; readonly kind: string | null },
  ): Promise<PairedDevice> => {
    const device = { ...(await found(deviceId)), name, kind }
    const account = await session.account()
    const own = categoriesOf(account)
    const cid = [...own].find(([, category]) => category === device.category)?.[0] ?? ''
    const pairing: DevicePairing = {
      format: 1,
      url: network.url,
      rootKey: toHex(network.rootKey),
      canisters: { consent: network.canisters.consent, records: network.canisters.records },
      deviceId,
      patientId: toHex(account.patientId),
      cid,
      sealingKey: toHex(keyRing.publicKey),
      algorithm: key.algorithm === 1 ? 'Ed25519' : 'P-256',
      publicKey: toHex(key.publicKey),
      ...(key.privateKey === null ? {} : { privateKey: toHex(key.privateKey) }),
    }
    return { device, pairing, code: codeOf(pairing) }
  }
  /** What gives something is written in records first, what ends it in consent. */
  const inBoth = async (
    isEnd: boolean,
    change: (canister: typeof canisters.records | typeof canisters.consent) => Promise<DeviceReturn>,
  ): Promise<void> => {
    const order = isEnd ? [canisters.consent, canisters.records] : [canisters.records, canisters.consent]
    for (const canister of order) okOf(await change(canister))
  }

  return {
    devices: () => unlocked(async () => all(await names())),
    addDevice: ({ name, kind, category, publicKey }) =>
      unlocked(async () => {
        const wrong = [name, kind ?? ''].some((each) => Array.from(each).length > NAME_CHARS_MAX) || name.trim() === ''
        if (wrong) throw new Refused(refusalOf(refuse.badInput('name', 'format')))
        const own = categoriesOf((await session.freshAccount()) ?? (await session.account()))
        const cid = [...own].find(([, each]) => each === category)?.[0]
        if (cid === undefined) throw new Refused(refusalOf(refuse.badInput('category', 'unknown')))
        const key = deviceKey(publicKey)
        const deviceId = toHex(newId())
        const arg = { ...named(deviceId), cid: idOf(cid), algorithm: key.algorithm, publicKey: key.publicKey }
        await inBoth(false, (canister) => canister.addDevice(arg))
        await setName(deviceId, kind === undefined ? { name } : { name, kind })
        return pairedAs(deviceId, key, { name, kind: kind ?? null })
      }),
    renameDevice: (deviceId, name) =>
      unlocked(async () => {
        await found(deviceId)
        const before = (await names())[deviceId]
        await setName(deviceId, { ...before, name })
        return null
      }),
    pauseDevice: (deviceId) =>
      unlocked(async () => {
        const arg = { ...named(deviceId), change: { pause: null } }
        await inBoth(true, (canister) => canister.changeDevice(arg))
        return null
      }),
    resumeDevice: (deviceId) =>
      unlocked(async () => {
        const arg = { ...named(deviceId), change: { resume: null } }
        await inBoth(false, (canister) => canister.changeDevice(arg))
        return null
      }),
    rotateDevice: (deviceId, publicKey) =>
      unlocked(async () => {
        const key = deviceKey(publicKey)
        const arg = { ...named(deviceId), algorithm: key.algorithm, publicKey: key.publicKey }
        await inBoth(false, (canister) => canister.rotateDevice(arg))
        const { name = null, kind = null } = (await names())[deviceId] ?? {}
        return pairedAs(deviceId, key, { name, kind })
      }),
    removeDevice: (deviceId) =>
      unlocked(async () => {
        const arg = named(deviceId)
        await inBoth(true, (canister) => canister.removeDevice(arg))
        return null
      }),
  }
}
type DeviceReturn = Awaited<ReturnType<Session['canisters']['records']['removeDevice']>>

interface DeviceKey {
  readonly algorithm: 1 | 2
  readonly publicKey: Uint8Array
  readonly privateKey: Uint8Array | null
}
function deviceKey(own: Uint8Array | undefined): DeviceKey {
  if (own !== undefined) return { algorithm: own.length === P256_KEY_BYTES ? 2 : 1, publicKey: own, privateKey: null }
  const privateKey = crypto.getRandomValues(new Uint8Array(32))
  const publicKey = new Uint8Array(Ed25519KeyIdentity.generate(privateKey).getPublicKey().toRaw())
  return { algorithm: 1, publicKey, privateKey }
}

/** `medguard-device:` and the pairing as JSON in base64url: one line without anything a shell or a QR code minds. */
function codeOf(pairing: DevicePairing): string {
  const base64 = btoa(JSON.stringify(pairing))
  return `medguard-device:${base64.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`
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

function infoOf(
  deviceId: string,
  of: {
    readonly one: DeviceView | undefined
    readonly other: DeviceView | undefined
    readonly own: ReadonlyMap<string, Category>
    readonly known: Names
  },
): DeviceInfo {
  const { one, other, own, known } = of
  const view = one ?? other
  if (view === undefined) throw new Error('a device that is listed is there')
  const [use] = one?.use ?? []
  return {
    deviceId,
    name: known[deviceId]?.name ?? null,
    kind: known[deviceId]?.kind ?? null,
    category: own.get(toHex(view.cid)) ?? 'other',
    principal: view.principal.toText(),
    state: stateOf(one, other),
    addedNs: view.addedNs,
    lastSeenNs: use?.lastSeenNs ?? null,
  }
}

/** It posts where both canisters let it, and ends with either. */
function stateOf(one: DeviceView | undefined, other: DeviceView | undefined): PostingState {
  if ([one, other].some((each) => each !== undefined && 'removed' in each.state)) return 'removed'
  if (one === undefined || other === undefined) return 'notFinished'
  if (!equalBytes(one.publicKey, other.publicKey) || !equalBytes(one.cid, other.cid)) return 'notFinished'
  return 'paused' in one.state || 'paused' in other.state ? 'paused' : 'active'
}
