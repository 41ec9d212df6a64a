import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { NS_PER_SECOND, Principal } from '@medguard/protocol'
import { type DeviceRequest, type SignedRequest, signedRequest } from '../second-implementation/signed-request.ts'
import type { Clinic, Sender } from './clinic.ts'
import { addArg, BOTH, type TestDevice } from './devices.fixture.ts'
import { gatewayOf, type HttpAnswer } from './gateway.fixture.ts'

// A device that has a key, an HTTP client and docs/crypto.md, and nothing of ours.

export type HttpDevice = Pick<TestDevice, 'deviceId' | 'cid' | 'patientId' | 'principal'> & { readonly key: KeyObject }
/** As in a device's row: 1 Ed25519, 2 P-256. */
export type Algorithm = 1 | 2

export function newDeviceKey(algorithm: Algorithm) {
  const pair = algorithm === 1 ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = new Uint8Array(pair.publicKey.export({ type: 'spki', format: 'der' }))
  const principal = Principal.selfAuthenticating(spki)
  return { key: pair.privateKey, principal, publicKey: spki.slice(algorithm === 1 ? -32 : -65) }
}

/** Registered in both canisters. */
export async function httpDevice(
  clinic: Clinic,
  patient: Sender,
  algorithm: Algorithm,
  { patientId, cid }: { readonly patientId: Uint8Array; readonly cid: Uint8Array },
): Promise<HttpDevice> {
  const { publicKey, ...own } = newDeviceKey(algorithm)
  const arg = { ...addArg(cid, publicKey), algorithm }
  for (const canister of BOTH) await clinic.ok(patient, canister, 'addDevice', arg)
  return { deviceId: arg.deviceId, cid, patientId, ...own }
}

/** The plain road to the records canister. */
export function openRoad(clinic: Clinic) {
  const { send, authority } = gatewayOf(clinic, 'records')
  const question = async ({ key, deviceId }: Pick<HttpDevice, 'key' | 'deviceId'>): Promise<DeviceRequest> => ({
    key,
    deviceId,
    authority,
    nonce: 'a',
    nowSeconds: Number((await clinic.nowNs()) / NS_PER_SECOND),
  })
  const posting = async (device: HttpDevice, seq: number, body: Uint8Array): Promise<DeviceRequest> => ({
    ...(await question(device)),
    body,
    nonce: String(seq),
  })
  return {
    authority,
    send: (signed: SignedRequest): Promise<HttpAnswer> => send(signed),
    posting,
    post: async (device: HttpDevice, seq: number, body: Uint8Array) =>
      send(signedRequest(await posting(device, seq, body))),
    ask: async (device: HttpDevice) => send(signedRequest(await question(device))),
  }
}
export type Road = ReturnType<typeof openRoad>
