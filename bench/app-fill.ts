import { type CompartmentKeys, newRecordSecret, padmeLength, randomBytes, sealHead, wrapRecord } from '@medguard/crypto'
import { createPrng } from '@medguard/localnet'
import type { Principal } from '@medguard/protocol'
import { largeList, type ListFill } from '@medguard/records/large'
import { buildCanister } from '../scripts/build-canisters.ts'
import type { Clinic } from '../test/scenarios/clinic.ts'
import { keysFor, type Reach } from '../test/scenarios/sealed-record.ts'
import { categoryOf, enrol } from '../test/scenarios/ward.ts'

const SEALED_AT_ONCE = 100
const WORDS =
  'blood count ferritin thyroid urine culture lipid panel vitamin glucose iron liver kidney sodium smear'.split(' ')
const AUTHORS = ['Laboratory North', 'Dr Nováková', 'City Hospital', 'Dr Haddad'] as const
const YEARS = 20

/**
 * Fills the laboratory list of somebody with records whose heads are sealed under their own key, and whose bodies are missing (decision 44): the canister's own
 * store makes the rows in this process, a module puts them in, and the upgrade to the shipped one finds them.
 */
export async function fillList(clinic: Clinic, principal: Principal, count: number): Promise<void> {
  const account = await enrol(clinic, principal)
  const reach: Reach = { patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null }
  const keys = await keysFor(clinic, principal, reach)
  const entries: ListFill['entries'][number][] = []
  while (entries.length < count) {
    const some = Array.from({ length: Math.min(SEALED_AT_ONCE, count - entries.length) }, (_, i) =>
      headOf(keys, reach, entries.length + i, count),
    )
    entries.push(...(await Promise.all(some)))
  }
  const writer = await buildCanister('row-writer', { entry: 'test/canisters/row-writer.ts' })
  await clinic.upgrade('records', writer.wasm)
  const cids = new Uint8Array(
    account.compartments.toSorted((a, b) => a.category - b.category).flatMap(({ cid }) => [...cid]),
  )
  const { cid } = reach.compartment
  for (const { map, message } of largeList({
    principal: principal.toUint8Array(),
    patientId: account.patientId,
    cids,
    cid,
    entries,
  }))
    await clinic.send(clinic.controller, clinic.ids.records, map === 'rows' ? 'writeAll' : 'writePages', message)
  await clinic.upgrade('records')
}

async function headOf(
  keys: CompartmentKeys,
  reach: Reach,
  n: number,
  count: number,
): Promise<ListFill['entries'][number]> {
  const secret = newRecordSecret()
  const prng = createPrng(`record ${n}`)
  const word = () => WORDS[prng.below(WORDS.length)] ?? 'blood'
  const place = { patientId: new Uint8Array(reach.patientId), recordId: randomBytes(16), version: 1 }
  const day = new Date(Date.UTC(2006, 0, 1) + Math.floor((n / count) * YEARS * 365) * 86_400_000)
  const bodyBytes = 100
  const head = await sealHead(
    secret,
    {
      ...place,
      chunkLog2: 20,
      chunkCount: 1,
      paddedBytes: padmeLength(bodyBytes),
      streamSalt: randomBytes(32),
      isAuthorSigned: false,
      homeCompartmentKind: reach.compartment.compartmentKind,
      homeCompartmentId: new Uint8Array(reach.compartment.cid),
      cipherRoot: randomBytes(32),
      previousManifestHash: new Uint8Array(32),
    },
    {
      title: `${word()} ${word()} ${n}`,
      mediaType: 'text/plain',
      bodyBytes,
      bodySha256: '0'.repeat(64),
      author: AUTHORS[n % AUTHORS.length] ?? 'nobody',
      clinicalDate: day.toISOString().slice(0, 10),
      codes: [{ system: 'http://loinc.org', code: `${1000 + (n % 500)}-${n % 10}`, display: `${word()} ${word()}` }],
    },
  )
  return { recordId: place.recordId, ...head, ...(await wrapRecord(keys, place, secret)) }
}
