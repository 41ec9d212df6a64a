import { type Clinic, openClinic } from '../test/scenarios/clinic.ts'
import { sealerOf } from '../test/scenarios/devices.fixture.ts'
import { type Algorithm, httpDevice, openRoad } from '../test/scenarios/https-device.fixture.ts'
import { categoryOf, enrol } from '../test/scenarios/ward.ts'
import { addCost, costOf, spent } from './costs.ts'
import { check, type Rows } from './rows.ts'

const CURVES: readonly (readonly [string, Algorithm])[] = [
  ['Ed25519', 1],
  ['P-256', 2],
]
/** A batch of sixty readings: 1 M each. */
const CEILING = 60
/** Padded by the seal to less than the 4 kB that the ceilings are for. */
const CONTENT_BYTES = 2_500

/** What a post over HTTPS costs, in all canisters, its signature and its lines in the log included; also the first after an upgrade. */
export async function httpsPosts(rows: Rows): Promise<void> {
  const clinic = await openClinic()
  try {
    for (const curve of CURVES) await posts(clinic, rows, curve)
  } finally {
    await clinic.close()
  }
}

async function posts(clinic: Clinic, rows: Rows, [name, algorithm]: (typeof CURVES)[number]): Promise<void> {
  const patient = clinic.person(`patient with ${name}`).principal
  const account = await enrol(clinic, patient)
  const place = { patientId: new Uint8Array(account.patientId), cid: new Uint8Array(categoryOf(account, 'vitals').cid) }
  const road = openRoad(clinic)
  const device = await httpDevice(clinic, patient, algorithm, place)
  const sealer = await sealerOf(clinic, device)
  await clinic.upgrade('records')
  for (const [seq, what] of ['the first after an upgrade', 'a later one'].entries()) {
    const batch = await sealer.batch(seq, { content: new Uint8Array(CONTENT_BYTES), withCapsule: seq === 0 })
    check(batch.length < 4096, 'a batch of less than 4 kB')
    const posted = await spent(clinic, () => road.post(device, seq, batch))
    check(posted.value.status === 200, `${name}: ${posted.value.text}`)
    addCost(rows, `a batch over HTTPS, ${name}: ${what}`, costOf(posted.parts), CEILING)
  }
}
