import {
  type ArgOf,
  DEVICE_STATE,
  NS_PER_MS,
  type RecordsService,
  type RetOf,
  SIGNATURE_ALGORITHM,
  type SignatureAlgorithm,
  toHex,
} from '@medguard/protocol'
import { nowNs } from '@medguard/shared'
import type { Context } from './context.ts'
import { createDeviceChecks } from './device-checks.ts'
import type { DeviceDoor } from './device-http.ts'

type Calls = Pick<RecordsService, 'depositReadings' | 'deviceInfo'>
/** The methods of the canister call, as they are answered there. */
type Handlers = {
  readonly [K in keyof Calls]: (arg: ArgOf<Calls[K]>, caller: Uint8Array) => RetOf<Calls[K]> | Promise<RetOf<Calls[K]>>
}

/** By the number that a device's row has. */
const ALGORITHMS: Readonly<Record<number, SignatureAlgorithm>> = {
  1: SIGNATURE_ALGORITHM.ed25519,
  2: SIGNATURE_ALGORITHM.p256,
}

/** Where the HTTPS road of devices meets the canister call: whoever signed calls with the principal of their key. */
export function deviceDoor({ store, budgets }: Pick<Context, 'store' | 'budgets'>, handlers: Handlers): DeviceDoor {
  const isUsed = (deviceId: Uint8Array, seq: number) => store.devicePosts.look(deviceId, seq).is === 'used'
  return {
    nowNs,
    checks: createDeviceChecks(budgets, nowNs),
    keyOf(deviceId) {
      const device = store.devices.get(deviceId)
      if (device === undefined || device.state === DEVICE_STATE.removed) return undefined
      const algorithm = ALGORITHMS[device.algorithm]
      return algorithm === undefined ? undefined : { ...device, algorithm }
    },
    async post({ bytes, deviceId, seq }, { principal }) {
      const wasUsed = isUsed(deviceId, seq)
      const posted = await handlers.depositReadings({ batch: bytes }, principal)
      if ('Err' in posted) return posted
      const { position, manifestHash } = posted.Ok
      const told = { position, manifestHash: toHex(manifestHash) }
      return { Ok: { told, isCounted: !wasUsed && isUsed(deviceId, seq) } }
    },
    async info(deviceId, { principal }) {
      const asked = await handlers.deviceInfo({ deviceId }, principal)
      if ('Err' in asked) return asked
      const { state, patientId, cid, epoch, nextSeq, nowNs: atNs } = asked.Ok
      const told = {
        state: Object.keys(state)[0] ?? '',
        patientId: toHex(patientId),
        cid: toHex(cid),
        ...(epoch[0] === undefined ? {} : { epoch: epoch[0] }),
        nextSeq,
        timeMs: Number(atNs / NS_PER_MS),
      }
      return { Ok: { told, isCounted: true } }
    },
  }
}
