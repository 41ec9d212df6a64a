import {
  type Account,
  COMPARTMENT_KIND,
  type CompartmentRef,
  ENROLMENTS_OF_CALLER_PER_HOUR,
  type GrantArg,
  NS_PER_DAY,
  NS_PER_HOUR,
  NS_PER_MINUTE,
  type Principal,
  REFUSAL_LEAVES_PER_HOUR,
  RIGHT,
  toHex,
} from '@medguard/protocol'
import { wrapRecord } from '@medguard/crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Clinic, freshId, kindOf, openClinic } from './clinic.ts'
import { deriveArg, keysFor, placeOf, type Reach, seal, store, wholeOf } from './sealed-record.ts'
import { eventsOf, trailOf } from './trail.ts'
import { categoryOf, enrol, give, grantArg, takeBack } from './ward.ts'

// Who gets a key, when, and what the log says of it; on the real modules.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

interface Vault {
  readonly patient: Principal
  readonly account: Account
  readonly labs: CompartmentRef
  readonly owned: Reach
}
/** A patient of their own for each test. */
async function vaultOf(name: string): Promise<Vault> {
  const patient = clinic.person(name).principal
  const account = await enrol(clinic, patient)
  const labs = categoryOf(account, 'labs')
  return { patient, account, labs, owned: { patientId: account.patientId, compartment: labs, grantId: null } }
}
async function clinicianOf(name: string): Promise<Principal> {
  const { principal } = clinic.person(name)
  await enrol(clinic, principal)
  return principal
}
async function shareWith(vault: Vault, to: Principal, terms: Partial<GrantArg> = {}): Promise<Reach> {
  const nowNs = await clinic.nowNs()
  const period = { startNs: nowNs, endNs: nowNs + NS_PER_DAY }
  const grantId = await give(clinic, vault.patient, grantArg({ to, compartments: [vault.labs], ...period, ...terms }))
  return { ...vault.owned, grantId }
}
const derive = (as: Principal, reach: Reach, epoch = 1) =>
  clinic.call(as, 'consent', 'deriveKey', deriveArg(reach, epoch))
const list = (as: Principal, reach: Reach) =>
  clinic.call(as, 'records', 'beginList', { ...placeOf(reach), requestId: freshId() })
const trail = ({ patient, account }: Vault) => trailOf(clinic, patient, account.patientId)

describe('a period', () => {
  test('opens in its first nanosecond and closes in the one after its last', async () => {
    const vault = await vaultOf('period')
    const clinician = await clinicianOf('period clinician')
    const nowNs = await clinic.nowNs()
    const [startNs, endNs] = [nowNs + NS_PER_MINUTE, nowNs + 2n * NS_PER_MINUTE]
    const reach = await shareWith(vault, clinician, { startNs, endNs })
    // Messages move the network's time by nanoseconds, so each answer is judged by the time before and after it.
    const pass = async (edgeNs: bigint, before: string, after: string) => {
      await clinic.advance(edgeNs - 60n - (await clinic.nowNs()))
      const seen = new Set<string>()
      for (let fromNs = await clinic.nowNs(); fromNs < edgeNs + 60n;) {
        const kind = kindOf(await list(clinician, reach))
        const toNs = await clinic.nowNs()
        if (toNs < edgeNs) expect(kind).toBe(before)
        if (fromNs >= edgeNs) expect(kind).toBe(after)
        seen.add(kind)
        fromNs = toNs
      }
      expect([...seen]).toEqual([before, after])
    }
    await pass(startNs, 'NotPermitted', 'Ok')
    expect(kindOf(await derive(clinician, reach))).toBe('Ok')
    await pass(endNs, 'Ok', 'ConsentEnded')
    const over = { Err: { ConsentEnded: { endNs } } }
    expect([await derive(clinician, reach), await list(clinician, reach)]).toEqual([over, over])
  })

  test('ends the pages of a list that was begun before', async () => {
    const vault = await vaultOf('pages')
    const clinician = await clinicianOf('pages clinician')
    await store(clinic, vault.patient, await seal(await keysFor(clinic, vault.patient, vault.owned), vault.owned))
    const endNs = (await clinic.nowNs()) + NS_PER_MINUTE
    const reach = await shareWith(vault, clinician, { endNs })
    await clinic.ok(clinician, 'records', 'beginList', { ...placeOf(reach), requestId: freshId() })
    const page = () => clinic.call(clinician, 'records', 'headers', { ...placeOf(reach), fromSeq: 0, count: 10 })
    expect(await page()).toMatchObject({ Ok: { length: 1 } })
    await clinic.advance(NS_PER_MINUTE)
    expect(kindOf(await page())).toBe('ConsentEnded')
  })
})

describe('two keys', () => {
  test('a grant in consent alone gives a key and nothing to open with it', async () => {
    const vault = await vaultOf('consent only')
    const clinician = await clinicianOf('consent only clinician')
    const nowNs = await clinic.nowNs()
    const grant = grantArg({ to: clinician, compartments: [vault.labs], startNs: nowNs, endNs: nowNs + NS_PER_DAY })
    await clinic.ok(vault.patient, 'consent', 'grant', grant)
    const reach = { ...vault.owned, grantId: grant.grantId }
    expect(kindOf(await derive(clinician, reach))).toBe('Ok')
    expect(kindOf(await list(clinician, reach))).toBe('NotPermitted')
  })

  test('a grant in records alone gives nothing', async () => {
    const vault = await vaultOf('records only')
    const clinician = await clinicianOf('records only clinician')
    const nowNs = await clinic.nowNs()
    const grant = grantArg({ to: clinician, compartments: [vault.labs], startNs: nowNs, endNs: nowNs + NS_PER_DAY })
    await clinic.ok(vault.patient, 'records', 'grant', grant)
    const reach = { ...vault.owned, grantId: grant.grantId }
    expect(kindOf(await derive(clinician, reach))).toBe('NotPermitted')
    expect(kindOf(await list(clinician, reach))).toBe('NotPermitted')
  })

  test('rights are those of the grant', async () => {
    const vault = await vaultOf('rights')
    const clinician = await clinicianOf('rights clinician')
    const record = await store(
      clinic,
      vault.patient,
      await seal(await keysFor(clinic, vault.patient, vault.owned), vault.owned),
    )
    const opened = (reach: Reach) =>
      clinic.call(clinician, 'records', 'open', {
        ...placeOf(reach),
        records: [{ recordId: record.recordId, version: 1 }],
        requestId: freshId(),
      })
    const lister = await shareWith(vault, clinician, { rights: RIGHT.list })
    const opener = await shareWith(vault, clinician, { rights: RIGHT.open })
    const writer = await shareWith(vault, clinician, { rights: RIGHT.write })
    const kinds = []
    for (const reach of [lister, opener, writer])
      kinds.push([await derive(clinician, reach), await list(clinician, reach), await opened(reach)].map(kindOf))
    expect(kinds).toEqual([
      ['Ok', 'Ok', 'NotPermitted'],
      ['Ok', 'NotPermitted', 'Ok'],
      ['NotPermitted', 'NotPermitted', 'NotPermitted'],
    ])
  })
})

describe('revoking', () => {
  test('is over at once, twice is once, and both hear of it', async () => {
    const vault = await vaultOf('revoke')
    const clinician = await clinicianOf('revoke clinician')
    const seen = async () => [
      await clinic.ok(vault.patient, 'consent', 'changes', null),
      await clinic.ok(clinician, 'consent', 'changes', null),
    ]
    expect(await seen()).toEqual([0n, 0n])
    const reach = await shareWith(vault, clinician)
    expect(await seen()).toEqual([1n, 1n])
    const endNs = await takeBack(clinic, vault.patient, reach.grantId ?? freshId())
    expect(await seen()).toEqual([2n, 2n])
    await clinic.advance(NS_PER_MINUTE)
    expect(await takeBack(clinic, vault.patient, reach.grantId ?? freshId())).toBe(endNs)
    expect(await seen()).toEqual([2n, 2n])
    expect(await derive(clinician, reach)).toEqual({ Err: { ConsentEnded: { endNs } } })
    const { grants } = await clinic.ok(clinician, 'consent', 'grantsReceived', { from: 0, count: 10 })
    expect(grants).toMatchObject([{ status: { inactive: null }, endedNs: [endNs] }])
    const events = eventsOf(await trail(vault))
    expect(events.filter((event) => event === 'revoke' || event === 'copyWithdrawn')).toEqual([
      'revoke',
      'copyWithdrawn',
    ])
  })
})

describe('an epoch', () => {
  const epochOf = async ({ patient, labs }: Vault) => {
    const { account } = await clinic.ok(patient, 'consent', 'whoAmI', null)
    return account[0]?.compartments.find(({ cid }) => toHex(cid) === toHex(labs.cid))?.currentEpoch
  }
  const upload = async (vault: Vault, epoch: number) => {
    const record = await seal(await keysFor(clinic, vault.patient, vault.owned, epoch), vault.owned)
    await clinic.ok(vault.patient, 'records', 'begin', record.begin)
    for (const chunk of record.chunks) await clinic.ok(vault.patient, 'records', 'putChunk', chunk)
    return clinic.call(vault.patient, 'records', 'commit', record.commit)
  }

  test('stays when somebody loses a grant and never derived its key', async () => {
    const vault = await vaultOf('never derived')
    const reach = await shareWith(vault, await clinicianOf('never derived clinician'))
    await takeBack(clinic, vault.patient, reach.grantId ?? freshId())
    expect(await epochOf(vault)).toBe(1)
  })

  test('moves on in the very message that revokes a grant under which its key was derived', async () => {
    const vault = await vaultOf('bump')
    const clinician = await clinicianOf('bump clinician')
    const reach = await shareWith(vault, clinician)
    await keysFor(clinic, clinician, reach)
    await clinic.ok(vault.patient, 'consent', 'revoke', { grantId: reach.grantId ?? freshId(), requestId: freshId() })
    expect(await epochOf(vault)).toBe(2)
    expect(await upload(vault, 1)).toEqual({ Err: { StaleEpoch: { current: 2 } } })
    expect(kindOf(await upload(vault, 2))).toBe('Ok')
    // What came in one message waits there for other wraps.
    const sealed = await seal(await keysFor(clinic, vault.patient, vault.owned, 1), vault.owned)
    const { uploadId, ...commit } = sealed.commit
    const whole = wholeOf(sealed)
    expect(await clinic.call(vault.patient, 'records', 'store', whole)).toEqual({ Err: { StaleEpoch: { current: 2 } } })
    const { patientId } = vault.owned
    const place = { patientId: new Uint8Array(patientId), recordId: sealed.recordId, version: 1 }
    const wraps = await wrapRecord(await keysFor(clinic, vault.patient, vault.owned, 2), place, sealed.secret)
    const done = await clinic.ok(vault.patient, 'records', 'commit', { ...commit, ...wraps, uploadId })
    expect(done.manifestHash).toEqual(sealed.manifestHash)
    const bumps = (await trail(vault)).filter(({ event }) => event === 'epochBump')
    expect(bumps).toMatchObject([{ versionOrEpoch: 2, grantId: toHex(reach.grantId ?? freshId()) }])
  })

  test('moves on before the first write after a period ran out by itself', async () => {
    const vault = await vaultOf('sweep')
    const clinician = await clinicianOf('sweep clinician')
    const endNs = (await clinic.nowNs()) + NS_PER_MINUTE
    await keysFor(clinic, clinician, await shareWith(vault, clinician, { endNs }))
    expect(kindOf(await upload(vault, 1))).toBe('Ok')
    await clinic.advance(NS_PER_MINUTE)
    expect(await epochOf(vault)).toBe(1)
    expect(await upload(vault, 1)).toEqual({ Err: { StaleEpoch: { current: 2 } } })
    expect(await epochOf(vault)).toBe(2)
    expect(kindOf(await upload(vault, 2))).toBe('Ok')
  })

  test('that is not there yet is nobody’s, and an old one is still everybody’s who may read', async () => {
    const vault = await vaultOf('epochs')
    const clinician = await clinicianOf('epochs clinician')
    const first = await shareWith(vault, clinician)
    await keysFor(clinic, clinician, first)
    await takeBack(clinic, vault.patient, first.grantId ?? freshId())
    const again = await shareWith(vault, clinician)
    const answers = [await derive(clinician, again, 1), await derive(clinician, again, 2)]
    expect(answers.map(kindOf)).toEqual(['Ok', 'Ok'])
    for (const epoch of [0, 3, 0xffff_ffff])
      expect(await derive(vault.patient, vault.owned, epoch)).toEqual({ Err: { StaleEpoch: { current: 2 } } })
  })
})

describe('a key check value', () => {
  test('is the owner’s first, and everybody gets it with the key', async () => {
    const vault = await vaultOf('check')
    const clinician = await clinicianOf('check clinician')
    const reach = await shareWith(vault, clinician)
    const { checkValue } = await keysFor(clinic, vault.patient, vault.owned)
    const post = (as: Principal, keyCheckValue: Uint8Array, place: CompartmentRef = vault.labs) =>
      clinic.call(as, 'consent', 'postKeyCheck', {
        patientId: [],
        ...place,
        epoch: 1,
        keyCheckValue,
        requestId: freshId(),
      })
    expect(kindOf(await post(clinician, checkValue))).toBe('NotPermitted')
    expect(kindOf(await post(vault.patient, checkValue))).toBe('Ok')
    expect(kindOf(await post(vault.patient, checkValue))).toBe('Ok')
    expect(kindOf(await post(vault.patient, freshId()))).toBe('IdConflict')
    const released = await clinic.ok(clinician, 'consent', 'deriveKey', deriveArg(reach))
    expect(released.keyCheckValue.map(toHex)).toEqual([toHex(checkValue)])
  })

  test('of a share is taken once its owner derived its key, before the share is known', async () => {
    const vault = await vaultOf('share check')
    const share = { compartmentKind: COMPARTMENT_KIND.share, cid: freshId() }
    const post = () =>
      clinic.call(vault.patient, 'consent', 'postKeyCheck', {
        patientId: [],
        ...share,
        epoch: 1,
        keyCheckValue: freshId(),
        requestId: freshId(),
      })
    expect(kindOf(await post())).toBe('NotPermitted')
    await keysFor(clinic, vault.patient, { ...vault.owned, compartment: share })
    expect(kindOf(await post())).toBe('Ok')
  })
})

describe('enrolling', () => {
  test('twice at the same moment makes one account, and one line in the log', async () => {
    const { principal } = clinic.person('hasty')
    const answers = await Promise.all([
      clinic.call(principal, 'consent', 'enrol', { requestId: freshId() }),
      clinic.call(principal, 'consent', 'enrol', { requestId: freshId() }),
    ])
    // The second waits or is told to; it never makes an account of its own.
    expect(answers.map(kindOf).filter((kind) => kind !== 'Ok' && kind !== 'Busy')).toEqual([])
    const account = await clinic.ok(principal, 'consent', 'enrol', { requestId: freshId() })
    const opened = answers.filter((answer) => kindOf(answer) === 'Ok')
    expect(opened.length).toBeGreaterThan(0)
    for (const answer of opened) expect(answer).toEqual({ Ok: account })
    expect(eventsOf(await trailOf(clinic, principal, account.patientId))).toEqual(['enrol'])
    const ids = [account.accountId, account.patientId, ...account.compartments.map(({ cid }) => cid)].map(toHex)
    expect(new Set(ids).size).toBe(10)
  })

  test.each(['consent', 'records'] as const)('is put off in %s for who asks again and again', async (canister) => {
    const { principal } = clinic.person(`restless at ${canister}`)
    const wrong = { patientId: new Uint8Array(1), compartments: [], requestId: new Uint8Array(1) }
    const ask = async (sender = principal) => kindOf(await clinic.call(sender, canister, 'enrol', wrong))
    for (let i = 0; i < ENROLMENTS_OF_CALLER_PER_HOUR; i++) expect(await ask()).toBe('BadInput')
    expect(await ask()).toBe('Busy')
    expect(await ask(clinic.person('patient one').principal)).toBe('BadInput')
    await clinic.advance(NS_PER_HOUR / BigInt(ENROLMENTS_OF_CALLER_PER_HOUR))
    expect(await ask()).toBe('BadInput')
  })
})

describe('a refusal', () => {
  test('of somebody with an account is in the patient’s log, of a stranger it is not', async () => {
    const vault = await vaultOf('traces')
    const nosy = await clinicianOf('nosy')
    const before = (await trail(vault)).length
    await derive(nosy, vault.owned)
    await list(nosy, vault.owned)
    await derive(clinic.person('passer-by').principal, vault.owned)
    await list(clinic.person('passer-by').principal, vault.owned)
    await clinic.advance(NS_PER_MINUTE)
    const lines = (await trail(vault)).slice(before)
    expect(lines.map(({ event, actor }) => [event, actor])).toEqual([
      ['refused', nosy.toText()],
      ['refused', nosy.toText()],
    ])
  })

  test('is counted and not written any more after sixty in an hour', async () => {
    const vault = await vaultOf('flood')
    const flooder = await clinicianOf('flooder')
    for (let i = 0; i < REFUSAL_LEAVES_PER_HOUR + 10; i++) await derive(flooder, vault.owned)
    await clinic.advance(1_000_000_000n)
    const refused = async () => (await trail(vault)).filter(({ event }) => event === 'refused').length
    expect(await refused()).toBe(REFUSAL_LEAVES_PER_HOUR)
    await clinic.advance(NS_PER_HOUR)
    await derive(flooder, vault.owned)
    await clinic.advance(1_000_000_000n)
    expect(await refused()).toBe(REFUSAL_LEAVES_PER_HOUR + 1)
  })
})

test('derivations have a budget, which says when to ask again and is not spent by asking', async () => {
  const thrifty = await openClinic({ derivationsPerHour: 2 })
  try {
    const { principal } = thrifty.person('patient')
    const account = await enrol(thrifty, principal)
    const reachOf = (category: 'labs' | 'imaging'): Reach => ({
      patientId: account.patientId,
      compartment: categoryOf(account, category),
      grantId: null,
    })
    const ask = (category: 'labs' | 'imaging') =>
      thrifty.call(principal, 'consent', 'deriveKey', deriveArg(reachOf(category)))
    expect([await ask('labs'), await ask('labs')].map(kindOf)).toEqual(['Ok', 'Ok'])
    const refused = await ask('labs')
    if (!('Err' in refused) || !('Busy' in refused.Err)) throw new Error(`not Busy but ${kindOf(refused)}`)
    const { retryAfterMs } = refused.Err.Busy
    expect(retryAfterMs).toBeLessThanOrEqual(1_800_001)
    expect(kindOf(await ask('imaging'))).toBe('Ok')
    await thrifty.advance(BigInt(retryAfterMs) * 1_000_000n)
    expect([await ask('labs'), await ask('labs')].map(kindOf)).toEqual(['Ok', 'Busy'])
  } finally {
    await thrifty.close()
  }
})
