import { Ed25519KeyIdentity } from '@dfinity/identity'
import {
  type Category,
  type DeviceView,
  encodePairingCode,
  equalBytes,
  Principal,
  refusalOf,
  refuse,
  toHex,
} from '@medguard/protocol'
import { deviceNames, type Named, type NameRecords } from './device-names.ts'
import type { DeviceInfo, DevicePairing, DevicesPart, PairedDevice, PostingState } from './devices-api.ts'
import { categoriesOf } from './share-list.ts'
import { idOf, newId, okOf, Refused } from './outcome.ts'
import { optionOf } from './place.ts'
import type { Session } from './session.ts'

const NAME_CHARS_MAX = 80
const P256_KEY_BYTES = 65

/** A patient's devices: the same row in both canisters, and what they are called in sealed records. */
export function devicesPart(session: Session, records: NameRecords): DevicesPart {
  const { canisters, unlocked, keyRing, network } = session
  const patientId = () => optionOf(session.actsFor)
  const named = (deviceId: string) => ({ patientId: patientId(), deviceId: idOf(deviceId), requestId: newId() })

  const called = deviceNames(records)

  const views = async () => {
    const arg = { patientId: patientId() }
    const [here, there] = await Promise.all([canisters.records.devices(arg), canisters.consent.devices(arg)])
    return { here: okOf(here), there: okOf(there) }
  }
  /** Without their names. */
  const all = async (): Promise<DeviceInfo[]> => {
    const { here, there } = await views()
    const own = categoriesOf(await session.account())
    const ids = new Set([...here, ...there].map(({ deviceId }) => toHex(deviceId)))
    return [...ids].map((deviceId) => {
      const [one, other] = [here, there].map((list) => list.find((each) => toHex(each.deviceId) === deviceId))
      return infoOf(deviceId, { one, other, own })
    })
  }
  /** @throws Refused for one that is not there. */
  const found = (devices: readonly DeviceInfo[], deviceId: string): DeviceInfo => {
    const info = devices.find((each) => each.deviceId === deviceId)
    if (info === undefined) throw new Refused(refusalOf(refuse.notPermitted))
    return info
  }
  const pairedAs = async (
    of: DeviceInfo,
    key: DeviceKey,
    named: { readonly name: string | null; readonly kind: string | null },
  ): Promise<PairedDevice> => {
    const device = { ...of, ...named }
    const account = await session.account()
    const own = categoriesOf(account)
    const cid = [...own].find(([, category]) => category === device.category)?.[0] ?? ''
    const pairing: DevicePairing = {
      format: 1,
      url: network.url,
      rootKey: toHex(network.rootKey),
      canisters: { consent: network.canisters.consent, records: network.canisters.records },
      deviceId: device.deviceId,
      patientId: toHex(account.patientId),
      cid,
      sealingKey: toHex(keyRing.publicKey),
      algorithm: key.algorithm === 1 ? 'Ed25519' : 'P-256',
      publicKey: toHex(key.publicKey),
      ...(key.privateKey === null ? {} : { privateKey: toHex(key.privateKey) }),
    }
    const code = encodePairingCode({
      url: new URL(network.url).origin,
      rootKey: network.rootKey,
      records: Principal.fromText(pairing.canisters.records).toUint8Array(),
      deviceId: idOf(device.deviceId),
      patientId: account.patientId,
      cid: idOf(cid),
      sealingKey: keyRing.publicKey,
      key:
        key.privateKey === null
          ? { kind: pairing.algorithm, bytes: key.publicKey }
          : { kind: 'private', bytes: key.privateKey },
    })
    return { device, pairing, code }
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
    devices: () =>
      unlocked(async () => {
        const devices = await all()
        const nameOf = await called.of(devices)
        return devices.map((each) => ({ ...each, ...namedAs(nameOf(each)) }))
      }),
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
        const devices = await all()
        await called.set(deviceId, () => (kind === undefined ? { name } : { name, kind }), devices)
        return pairedAs(found(devices, deviceId), key, { name, kind: kind ?? null })
      }),
    renameDevice: (deviceId, name) =>
      unlocked(async () => {
        const devices = await all()
        found(devices, deviceId)
        await called.set(deviceId, (before) => ({ ...before, name }), devices)
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
        const device = found(await all(), deviceId)
        return pairedAs(device, key, namedAs((await called.of([device]))(device)))
      }),
    removeDevice: (deviceId) =>
      unlocked(async () => {
        const arg = named(deviceId)
        await inBoth(true, (canister) => canister.removeDevice(arg))
        return null
      }),
  }
}
const namedAs = (named: Named | undefined) => ({ name: named?.name ?? null, kind: named?.kind ?? null })

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

function infoOf(
  deviceId: string,
  of: {
    readonly one: DeviceView | undefined
    readonly other: DeviceView | undefined
    readonly own: ReadonlyMap<string, Category>
  },
): DeviceInfo {
  const { one, other, own } = of
  const view = one ?? other
  if (view === undefined) throw new Error('a device that is listed is there')
  const [use] = one?.use ?? []
  return {
    deviceId,
    name: null,
    kind: null,
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
