import type { Ed25519KeyIdentity } from '@dfinity/identity'
import { nobody, readersForOwner, sharers } from './access-expectations.ts'
import { freshId } from './clinic.ts'
import { addArg, newKey, sealerOf } from './devices.fixture.ts'
import type { Caller, Ward, WardClinic } from './ward.ts'

/** The device that the caller `sensor` is, in a crowd: of the patient's laboratory results. */
export const SENSOR_ID = new Uint8Array(16).fill(0xde)
export const rawKeyOf = (identity: Ed25519KeyIdentity): Uint8Array => new Uint8Array(identity.getPublicKey().toRaw())

/** Who lets devices post, and what these may. */
export function deviceCases(ward: Ward<WardClinic>, canister: 'consent' | 'records') {
  const { clinic } = ward
  const vaultOf = (caller: Caller) => ward.vaultOf(caller).account.patientId
  const add = async (caller: Caller) => {
    const patientId: [Uint8Array] = [vaultOf(caller)]
    const arg = { ...addArg(ward.vaultOf(caller).labs.cid), patientId }
    await clinic.ok(ward.senderOf(caller), canister, 'addDevice', arg)
    return arg.deviceId
  }
  let shared: Promise<Uint8Array> | null = null
  const deviceOf = (caller: Caller) => (sharers[caller] === 'Ok' ? add(caller) : (shared ??= add('owner')))
  const only = (exists: { patientId: [Uint8Array] }) => [
    { exists, missing: [{ patientId: [freshId()] as [Uint8Array] }], missingThere: [] },
  ]
  const onDevice = <A>(make: (of: { patientId: [Uint8Array]; deviceId: Uint8Array; requestId: Uint8Array }) => A) =>
    [
      {
        expected: sharers,
        async tries(caller: Caller) {
          const of = (deviceId: Uint8Array) => make({ patientId: [vaultOf(caller)], deviceId, requestId: freshId() })
          return [{ exists: of(await deviceOf(caller)), missing: [of(freshId())], missingThere: [] }]
        },
      },
    ] as const
  return {
    addDevice: [
      {
        expected: sharers,
        tries(caller: Caller) {
          const of = (cid: Uint8Array, patientId: Uint8Array) => {
            return { ...addArg(cid), patientId: [patientId] as [Uint8Array] }
          }
          const { cid } = ward.vaultOf(caller).labs
          return [
            {
              exists: of(cid, vaultOf(caller)),
              missing: [of(freshId(), vaultOf(caller)), of(cid, freshId())],
              missingThere: [],
            },
          ]
        },
      },
    ],
    changeDevice: onDevice((of) => ({ ...of, change: { pause: null } })),
    rotateDevice: onDevice((of) => ({ ...of, algorithm: 1, publicKey: newKey().publicKey })),
    removeDevice: onDevice((of) => of),
    devices: [{ expected: readersForOwner, tries: (caller: Caller) => only({ patientId: [vaultOf(caller)] }) }],
  } as const
}

/** What a device may call and nobody else, whoever they are to the patient. */
export function deviceOwnCases(ward: Ward<WardClinic>) {
  const expected = { ...nobody, sensor: 'Ok' } as const
  let seq = 0
  return {
    depositReadings: [
      {
        expected,
        async tries() {
          const { patientId } = ward.account
          const at = { patientId: new Uint8Array(patientId), cid: new Uint8Array(ward.labs.cid) }
          const of = async (deviceId: Uint8Array, place: { patientId: Uint8Array; cid: Uint8Array } = at) => {
            const sealer = await sealerOf(ward.clinic, { deviceId, ...place }, ward.keys.place.epoch)
            return { batch: await sealer.batch(seq++) }
          }
          return [
            {
              exists: await of(SENSOR_ID),
              missing: [
                await of(freshId()),
                await of(SENSOR_ID, { ...at, patientId: freshId() }),
                await of(SENSOR_ID, { ...at, cid: freshId() }),
              ],
              missingThere: [],
            },
          ]
        },
      },
    ],
    deviceInfo: [
      {
        expected,
        tries: () => [{ exists: { deviceId: SENSOR_ID }, missing: [{ deviceId: freshId() }], missingThere: [] }],
      },
    ],
  } as const
}
