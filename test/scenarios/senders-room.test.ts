import { newCapsule } from '@medguard/crypto'
import {
  type Account,
  BYTES_ANNOUNCED_UNDER_GRANT_MAX,
  BYTES_UNDER_GRANT_MAX,
  CHUNK_TAG_BYTES,
  DEPOSITS_UNDER_GRANT_PER_HOUR,
  NS_PER_DAY,
  NS_PER_HOUR,
  NS_PER_MS,
  type Principal,
  RECORD_BYTES_MAX,
  RIGHT,
} from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, freshId, kindOf, openClinic } from './clinic.ts'
import { linkTo } from './people.fixture.ts'
import { capsuleKey, placeOf, type Reach } from './sealed-record.ts'
import { categoryOf, enrol, give, grantArg } from './ward.ts'

// I35: whoever may write into a vault takes neither its room nor its hours from its owner and from others who write.

let clinic: Clinic
let patient: Principal
let account: Account
beforeAll(async () => {
  clinic = await openClinic()
  patient = clinic.person('patient').principal
  account = await enrol(clinic, patient)
})
afterAll(() => clinic.close())

const own = (): Reach => ({ patientId: account.patientId, compartment: categoryOf(account, 'labs'), grantId: null })
async function writerOf(name: string): Promise<{ who: Principal; reach: Reach }> {
  const who = clinic.person(name).principal
  await enrol(clinic, who)
  const startNs = await clinic.nowNs()
  const { compartment } = own()
  const terms = { to: who, compartments: [compartment], rights: RIGHT.write, startNs, endNs: startNs + 2n * NS_PER_DAY }
  return { who, reach: { ...own(), grantId: await give(clinic, patient, grantArg(terms)) } }
}
/** Announces a record as large as can be, and sends nothing of it. */
async function announce(who: Principal, reach: Reach) {
  const sizeBytes = BigInt(RECORD_BYTES_MAX + 1024 * CHUNK_TAG_BYTES)
  const body = { chunkCount: 1024, chunkLog2: 20, sizeBytes, pending: [] as [], category: [] as [], anew: [] as [] }
  const id = { recordId: freshId(), version: 1 }
  const arg = { ...placeOf(reach), ...id, ...body, requestId: freshId() }
  return { ...id, kind: kindOf(await clinic.call(who, 'records', 'begin', arg)) }
}

describe('who may write', () => {
  test('announces a part of the vault, whichever sign-ins they use, until they give it up or a day is over', async () => {
    const [lab, other] = [await writerOf('lab'), await writerOf('other')]
    const each = Number(BYTES_ANNOUNCED_UNDER_GRANT_MAX / BigInt(RECORD_BYTES_MAX)) - 1
    const inAll = Number(BYTES_UNDER_GRANT_MAX / BigInt(RECORD_BYTES_MAX)) - 1
    const signIns = [lab.who]
    for (let n = 1; n * each <= inAll; n++) {
      const further = clinic.person(`sign-in ${n} of lab`).principal
      await linkTo(clinic, lab.who, further)
      signIns.push(further)
    }
    const taken: { who: Principal; recordId: Uint8Array; version: number }[] = []
    for (const who of signIns)
      for (let n = 0; n <= each; n++) {
        const { kind, ...id } = await announce(who, lab.reach)
        expect(kind).toBe(n < each && taken.length < inAll ? 'Ok' : 'Full')
        if (kind === 'Ok') taken.push({ who, ...id })
      }
    expect(taken.length).toBe(inAll)
    expect((await announce(other.who, other.reach)).kind, 'of another sender').toBe('Ok')
    for (let n = 0; n < 16; n++) expect((await announce(patient, own())).kind, 'of the owner').toBe('Ok')
    const [first] = taken
    if (first === undefined) throw new Error('something was taken')
    const { who, ...id } = first
    await clinic.ok(who, 'records', 'abandon', { ...id, uploadId: [] })
    expect((await announce(who, lab.reach)).kind).toBe('Ok')
    expect((await announce(who, lab.reach)).kind).toBe('Full')
    await clinic.advance(NS_PER_DAY)
    expect((await announce(who, lab.reach)).kind, 'nobody continued for a day').toBe('Ok')
  })

  test('posts so many capsules an hour, which leaves others theirs', async () => {
    const [lab, other] = [await writerOf('posting lab'), await writerOf('other lab')]
    const { currentEpoch: epoch } = await clinic.ok(lab.who, 'consent', 'depositInfo', placeOf(lab.reach))
    const { compartmentKind, cid } = lab.reach.compartment
    const at = {
      patientId: new Uint8Array(account.patientId),
      compartmentKind,
      compartmentId: new Uint8Array(cid),
      epoch,
    }
    const { capsule: made } = await newCapsule(capsuleKey(clinic), at, 3)
    const post = async ({ who, reach }: typeof lab) => {
      const capsule = made.slice()
      capsule.set(freshId(), 4) // its id: what it holds, no canister can read
      return clinic.call(who, 'records', 'postCapsule', { ...placeOf(reach), capsule, requestId: freshId() })
    }
    for (let n = 0; n < DEPOSITS_UNDER_GRANT_PER_HOUR; n++) expect(kindOf(await post(lab))).toBe('Ok')
    const late = await post(lab)
    expect(kindOf(late)).toBe('Busy')
    expect(kindOf(await post(other))).toBe('Ok')
    const waitMs = 'Err' in late && 'Busy' in late.Err ? late.Err.Busy.retryAfterMs : 0
    expect(
      waitMs > 0 && BigInt(waitMs) * NS_PER_MS <= NS_PER_HOUR / BigInt(DEPOSITS_UNDER_GRANT_PER_HOUR) + NS_PER_MS,
    ).toBe(true)
    await clinic.advance(BigInt(waitMs) * NS_PER_MS)
    expect(kindOf(await post(lab))).toBe('Ok')
  })
})
