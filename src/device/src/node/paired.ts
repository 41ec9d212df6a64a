import { randomBytes } from 'node:crypto'
import { Ed25519KeyIdentity } from '@dfinity/identity'
import { type Device, openDevice } from '../device.ts'
import { DeviceFault } from '../fault.ts'
import { httpsRoad } from '../https-road.ts'
import { identityOf, type Pairing, readPairing } from '../pairing.ts'
import { callRoad } from '../road.ts'
import type { DeviceStore } from '../store.ts'

const PAIRING = 'pairing'
const KEY = 'key'
const isBatch = (name: string): boolean => name.startsWith('batch-')

/** The device's own key, raw; made where there is none. The private part stays in the store. */
export async function ownKey(store: DeviceStore): Promise<Uint8Array> {
  const present = await store.read(KEY)
  const seed = present ?? new Uint8Array(randomBytes(32))
  if (present === null) await store.write(KEY, seed)
  return new Uint8Array(Ed25519KeyIdentity.generate(seed).getPublicKey().toRaw())
}

/**
 * Keeps a pairing. Another code for the same device, as after a change of its key, takes the place of the former.
 *
 * @throws DeviceFault `BadPairing`, and `OtherDevice` while readings of another one wait.
 */
export async function pair(store: DeviceStore, code: string): Promise<Pairing> {
  const pairing = readPairing(code)
  identityOf(pairing, await store.read(KEY))
  const before = await pairingIn(store)
  const isSame = before !== null && Buffer.compare(before.deviceId, pairing.deviceId) === 0
  if (before !== null && !isSame) {
    if ((await store.names()).some(isBatch))
      throw new DeviceFault(
        'OtherDevice',
        'readings of another device wait in this folder: use another one for this device',
      )
    await store.remove('state')
  }
  await store.write(PAIRING, new TextEncoder().encode(code.trim()))
  return pairing
}

async function pairingIn(store: DeviceStore): Promise<Pairing | null> {
  const bytes = await store.read(PAIRING)
  return bytes === null ? null : readPairing(new TextDecoder().decode(bytes))
}

/** @throws DeviceFault `NotPaired`, `BadPairing`, `Damaged`. */
export async function openPaired(
  store: DeviceStore,
  road: { readonly https: boolean; readonly gateway: string | undefined },
): Promise<{ readonly device: Device; readonly pairing: Pairing }> {
  const pairing = await pairingIn(store)
  if (pairing === null) throw new DeviceFault('NotPaired', 'this folder has no device yet: medguard-device pair CODE')
  const identity = identityOf(pairing, await store.read(KEY))
  const certified = callRoad(pairing, identity)
  const gateway = road.gateway === undefined ? {} : { gateway: road.gateway }
  return {
    pairing,
    device: await openDevice({
      pairing,
      store,
      road: road.https ? httpsRoad(pairing, identity, { certified, ...gateway }) : certified,
    }),
  }
}
