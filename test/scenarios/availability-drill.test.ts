import { NS_PER_DAY, NS_PER_MINUTE } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, freshId, kindOf, openClinic, Rejected } from './clinic.ts'
import { deriveArg, placeOf } from './sealed-record.ts'
import { beginList, give, grantArg, openWard, type Ward } from './ward.ts'

// E01: what goes on while one of the three canisters is stopped, as for an upgrade, and that all does afterwards. A network that is killed and comes back is in
// road-cli.test.ts.

let clinic: Clinic
let ward: Ward
beforeAll(async () => {
  clinic = await openClinic()
  ward = await openWard(clinic)
})
afterAll(() => clinic.close())

/** What came of it: no answer at all is `silent`. */
const told = (call: Promise<unknown>): Promise<string> =>
  call.then(kindOf, (error: unknown) => {
    if (error instanceof Rejected) return 'silent'
    throw error
  })

/** What a patient and a reader need, each tried once. */
async function drill(grantId: Uint8Array) {
  const owner = ward.senderOf('owner')
  const place = placeOf(ward.reachOf('owner'))
  const asReader = { ...placeOf(ward.reachOf('owner')), grantId: [grantId] as [Uint8Array] }
  const { recordId, version } = ward.record
  const { patientId } = ward.account
  const reader = clinic.person('otherUser').principal
  return {
    'a key': await told(clinic.call(owner, 'consent', 'deriveKey', deriveArg(ward.reachOf('owner')))),
    'a list': await told(clinic.call(owner, 'records', 'beginList', { ...place, requestId: freshId() })),
    'pages of a list that was begun': await told(
      clinic.call(owner, 'records', 'headers', { ...place, fromSeq: 0, count: 1 }),
    ),
    'ciphertext of what was opened': await told(
      clinic.call(owner, 'records', 'chunk', { ...place, recordId, version, index: 0 }),
    ),
    'the log': await told(clinic.call(owner, 'audit', 'leaves', { of: { patient: patientId }, fromSeq: 0n, count: 1 })),
    'the end of a share, in consent': await told(
      clinic.call(owner, 'consent', 'revoke', { grantId, requestId: freshId() }),
    ),
    'the end of a share, in records': await told(
      clinic.call(owner, 'records', 'revoke', { grantId, requestId: freshId() }),
    ),
    'its reader, who asks for a key': await told(
      clinic.call(reader, 'consent', 'deriveKey', deriveArg({ ...ward.reachOf('owner'), grantId })),
    ),
    'its reader, who reads on': await told(
      clinic.call(reader, 'records', 'headers', { ...asReader, fromSeq: 0, count: 1 }),
    ),
  }
}

const GOES_ON = {
  'a key': 'Ok',
  'a list': 'Ok',
  'pages of a list that was begun': 'Ok',
  'ciphertext of what was opened': 'Ok',
  'the log': 'Ok',
  'the end of a share, in consent': 'Ok',
  'the end of a share, in records': 'Ok',
  'its reader, who asks for a key': 'ConsentEnded',
  'its reader, who reads on': 'ConsentEnded',
}
const OUT = {
  consent: {
    'a key': 'silent',
    'a list': 'Busy',
    'the end of a share, in consent': 'silent',
    'its reader, who asks for a key': 'silent',
  },
  records: {
    'a list': 'silent',
    'pages of a list that was begun': 'silent',
    'ciphertext of what was opened': 'silent',
    'the end of a share, in records': 'silent',
    'its reader, who reads on': 'silent',
  },
  audit: { 'a key': 'LogUnavailable', 'a list': 'LogUnavailable', 'the log': 'silent' },
} as const

/** One that a reader is in the middle of using. */
async function shareInUse(): Promise<Uint8Array> {
  await beginList(ward, 'owner')
  const startNs = await clinic.nowNs()
  const to = clinic.person('otherUser').principal
  const terms = { to, compartments: [ward.labs], startNs, endNs: startNs + NS_PER_DAY }
  const grantId = await give(clinic, clinic.person('patient').principal, grantArg(terms))
  const asReader = { ...placeOf(ward.reachOf('owner')), grantId: [grantId] as [Uint8Array] }
  await clinic.ok(to, 'records', 'beginList', { ...asReader, requestId: freshId() })
  return grantId
}

describe('availability drill', () => {
  test('with nothing stopped all goes on', async () => {
    expect(await drill(await shareInUse())).toEqual(GOES_ON)
  })

  test.each(['consent', 'records', 'audit'] as const)(
    'while %s is stopped the rest goes on, a share can be ended and stays ended, and afterwards all is as before',
    async (name) => {
      const grantId = await shareInUse()
      await clinic.stop(name)
      expect(await drill(grantId)).toEqual({ ...GOES_ON, ...OUT[name] })
      await clinic.start(name)
      await clinic.advance(NS_PER_MINUTE)
      expect(await drill(grantId), 'and said again where it did not arrive').toEqual(GOES_ON)
      expect(await drill(await shareInUse())).toEqual(GOES_ON)
    },
  )
})
