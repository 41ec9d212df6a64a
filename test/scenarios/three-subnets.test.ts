import { createHash } from 'node:crypto'

import { DEVELOPMENT_CANISTERS } from '@medguard/client'
import { NS_PER_DAY } from '@medguard/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { buildCanister } from '../../scripts/build-canisters.ts'
import { type CanisterName, type Clinic, openClinic } from './clinic.ts'
import { packModule } from './packed-module.ts'

// Consent, records and audit on a subnet each: what crosses between them takes rounds, and every certificate is another subnet's.

let clinic: Clinic
const alone = (name: CanisterName) => {
  const id = DEVELOPMENT_CANISTERS[name]
  return { kind: 'application', canisterRanges: [[id, id]] } as const
}
beforeAll(async () => {
  clinic = await openClinic({ subnets: [alone('records'), alone('audit')] })
})
afterAll(() => clinic.close())

type Ending<T> = { readonly kind: 'done'; readonly value: T } | { readonly kind: 'refused'; readonly refusal: unknown }
function done<T>(ending: Ending<T>): T {
  if (ending.kind === 'done') return ending.value
  throw new Error(`refused: ${JSON.stringify(ending.refusal)}`)
}

test('a record is stored, shared, opened and withdrawn as on one subnet, and the log proves it', async () => {
  const [patient, clinician] = [clinic.person('patient'), clinic.person('clinician')]
  done(await patient.client.enrol())
  done(await clinician.client.enrol())
  const bytes = new TextEncoder().encode('Haemoglobin 13.9 g/dL')
  const fields = { fileName: null, mediaType: 'text/plain', clinicalDate: null } as const
  done(await patient.client.add({ bytes, title: 'Blood count', category: 'labs', ...fields }))

  const startNs = await clinic.nowNs()
  const terms = { grantee: clinician.principal.toText(), rights: ['list', 'open'], purpose: 'TREAT' } as const
  const period = { startNs, endNs: startNs + NS_PER_DAY }
  const share = await patient.client.share({ ...terms, ...period, scope: { categories: ['labs'] } })
  const { grantId } = done(share)
  const [shared] = done(await clinician.client.list({ of: 'grant', grantId }))
  if (shared === undefined) throw new Error('the record is shared')
  expect(done(await clinician.client.open(shared)).bytes).toEqual(bytes)

  await clinic.upgrade('records')
  expect(done(await clinician.client.open(shared)).bytes).toEqual(bytes)
  done(await patient.client.revoke(grantId))
  expect(await clinician.client.list({ of: 'grant', grantId })).toMatchObject({ kind: 'refused' })
  expect(done(await patient.client.log('patient')).verification).toMatchObject({ kind: 'verified' })
})

test('each canister is on a subnet of its own, as the client tells from its certificates', async () => {
  const { subnets } = clinic.localnet
  const { parts: hosting } = done(await clinic.person('patient').client.hosting())
  expect(hosting.map(({ name }) => name)).toEqual(['consent', 'records', 'audit'])
  expect(hosting.map(({ subnetId }) => subnetId)).toEqual(subnets.map(({ id }) => id))
  for (const { name, moduleHash, nodes } of hosting) {
    const { wasm } = await buildCanister(name)
    expect(moduleHash).toBe(createHash('sha256').update(packModule(wasm)).digest('hex'))
    expect(nodes).toHaveLength(1) // the development network has one node for each subnet
  }
  expect(new Set(hosting.flatMap(({ controllers }) => controllers)).size).toBe(1)
})
