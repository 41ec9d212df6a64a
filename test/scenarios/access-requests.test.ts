import {
  type Account,
  type AgreedGrantArg,
  NS_PER_DAY,
  NS_PER_HOUR,
  PLAIN_TERMS,
  type Principal,
  REQUESTS_OF_UNKNOWN_OPEN_MAX,
  REQUESTS_PER_HOUR,
  REQUESTS_SENT_OPEN_MAX,
  REQUESTS_TO_ONE_OPEN_MAX,
  RIGHT,
  type RulesChange,
  toHex,
} from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type Arg, type Clinic, freshId, kindOf, openClinic } from './clinic.ts'
import { linkTo } from './people.fixture.ts'
import { eventsOf, trailOf } from './trail.ts'
import { categoryOf, enrol, grantArg } from './ward.ts'

// A16: requested, then approved, narrowed, denied, withdrawn or expired; and what is given is never more than was asked for.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

const LABS = 2
const LABS_AND_MEDICINES = 2 | 8
interface Story {
  readonly patient: Principal
  readonly account: Account
  readonly doctor: Principal
}
async function storyOf(name: string): Promise<Story> {
  const [patient, doctor] = [clinic.person(name).principal, clinic.person(`${name} doctor`).principal]
  await enrol(clinic, doctor)
  return { patient, account: await enrol(clinic, patient), doctor }
}
type Ask = Arg<'consent', 'requestAccess'>
const askArg = async ({ patient }: { patient: Principal }, change: Partial<Ask> = {}): Promise<Ask> => ({
  askId: freshId(),
  patient,
  forOrg: [],
  categories: LABS_AND_MEDICINES,
  rights: RIGHT.list | RIGHT.open,
  purpose: 1,
  periodNs: 7n * NS_PER_DAY,
  expiresNs: (await clinic.nowNs()) + NS_PER_DAY,
  requestId: freshId(),
  ...change,
})
async function ask(story: Story, change: Partial<Ask> = {}): Promise<Uint8Array> {
  const arg = await askArg(story, change)
  await clinic.ok(story.doctor, 'consent', 'requestAccess', arg)
  return arg.askId
}
const PAGE = { from: 0, count: 50 }
const stateIn = (requests: readonly { askId: Uint8Array; state: object }[], askId: Uint8Array) =>
  Object.keys(requests.find((each) => toHex(each.askId) === toHex(askId))?.state ?? { unseen: null })[0]
async function statesOf({ patient, doctor }: Story, askId: Uint8Array): Promise<(string | undefined)[]> {
  const sent = await clinic.ok(doctor, 'consent', 'requestsSent', PAGE)
  const received = await clinic.ok(patient, 'consent', 'requestsReceived', { patientId: [], ...PAGE })
  return [stateIn(sent.requests, askId), stateIn(received.requests, askId)]
}
async function answer(story: Story, askId: Uint8Array, change: Partial<AgreedGrantArg> = {}) {
  const { patient, account, doctor } = story
  const startNs = await clinic.nowNs()
  const compartments = [categoryOf(account, 'labs'), categoryOf(account, 'medicines')].toSorted((a, b) =>
    toHex(a.cid) < toHex(b.cid) ? -1 : 1,
  )
  const terms = { to: doctor, compartments, startNs, endNs: startNs + 7n * NS_PER_DAY }
  const arg = { ...grantArg(terms), answering: [askId] as [Uint8Array], ...change }
  return { arg, answer: await clinic.call(patient, 'consent', 'grant', arg) }
}
const change = (as: Principal, change: RulesChange) =>
  clinic.ok(as, 'consent', 'changeRules', { patientId: [], change, requestId: freshId() })

describe('a request', () => {
  test('is approved by a grant of all it asks for, once, and a repeat changes nothing', async () => {
    const story = await storyOf('approves')
    const askId = await ask(story)
    expect(await statesOf(story, askId)).toEqual(['pending', 'pending'])
    const first = await answer(story, askId)
    expect(first.answer).toEqual({ Ok: null })
    expect(await clinic.call(story.patient, 'consent', 'grant', first.arg)).toEqual({ Ok: null })
    expect(kindOf((await answer(story, askId)).answer)).toBe('AlreadyDone')
    expect(await statesOf(story, askId)).toEqual(['approved', 'approved'])
    const { total } = await clinic.ok(story.patient, 'consent', 'grantsGiven', { patientId: [], ...PAGE })
    expect(total).toBe(1)
    const [sent] = (await clinic.ok(story.doctor, 'consent', 'requestsSent', PAGE)).requests
    expect(sent?.grantId.map(toHex)).toEqual([toHex(first.arg.grantId)])
    await clinic.advance(1_000_000_000n)
    const events = eventsOf(await trailOf(clinic, story.patient, story.account.patientId))
    expect(events.slice(-3)).toEqual(['requestMade', 'grant', 'requestApproved'])
  })

  test('is narrowed by a grant of less, and by none of more', async () => {
    const story = await storyOf('narrows')
    const askId = await ask(story)
    const { account, patient } = story
    const labs = categoryOf(account, 'labs')
    const now = await clinic.nowNs()
    const more: Partial<AgreedGrantArg>[] = [
      { compartments: [categoryOf(account, 'imaging')] },
      {
        compartments: [labs, categoryOf(account, 'imaging')].toSorted((a, b) => (toHex(a.cid) < toHex(b.cid) ? -1 : 1)),
      },
      { rights: RIGHT.list | RIGHT.open | RIGHT.write },
      { startNs: now, endNs: now + 7n * NS_PER_DAY + 1n },
      { purpose: 3 },
      { grantee: clinic.person('somebody').principal },
    ]
    for (const each of more) expect(kindOf((await answer(story, askId, each)).answer)).toBe('BadInput')
    const share = freshId()
    const byRecord = { grantId: share, compartments: [{ compartmentKind: 2, cid: share }] }
    expect(kindOf((await answer(story, askId, byRecord)).answer), 'nobody here knows what they are').toBe('BadInput')
    expect((await clinic.ok(patient, 'consent', 'grantsGiven', { patientId: [], ...PAGE })).total).toBe(0)
    expect(await statesOf(story, askId)).toEqual(['pending', 'pending'])
    const less = { compartments: [labs], rights: RIGHT.list }
    expect((await answer(story, askId, less)).answer).toEqual({ Ok: null })
    expect(await statesOf(story, askId)).toEqual(['narrowed', 'narrowed'])
    await clinic.advance(1_000_000_000n)
    expect(eventsOf(await trailOf(clinic, patient, account.patientId))).toContain('requestNarrowed')
  })

  test('is narrowed by a share that takes in days of what it asks for', async () => {
    const story = await storyOf('days')
    const askId = await ask(story)
    const grantId = freshId()
    const compartments = [{ compartmentKind: 2, cid: grantId }]
    const terms = (categories: number): Partial<AgreedGrantArg> => ({
      grantId,
      compartments,
      terms: [{ ...PLAIN_TERMS, categories, fromDay: 700_000, excluded: [] }],
    })
    expect(kindOf((await answer(story, askId, terms(LABS | 4))).answer)).toBe('BadInput')
    expect(kindOf((await answer(story, askId, terms(LABS))).answer)).toBe('Ok')
    expect(await statesOf(story, askId)).toEqual(['narrowed', 'narrowed'])
  })

  test('is denied, withdrawn or expires, and then nothing answers it', async () => {
    const story = await storyOf('ends')
    const { patient, doctor } = story
    const [denied, withdrawn, late] = [await ask(story), await ask(story), await ask(story)]
    const named = (askId: Uint8Array) => ({ askId, requestId: freshId() })
    expect(kindOf(await clinic.call(doctor, 'consent', 'denyRequest', named(denied)))).toBe('NotPermitted')
    expect(kindOf(await clinic.call(patient, 'consent', 'withdrawRequest', named(denied)))).toBe('NotPermitted')
    await clinic.ok(patient, 'consent', 'denyRequest', named(denied))
    await clinic.ok(doctor, 'consent', 'withdrawRequest', named(withdrawn))
    expect(kindOf(await clinic.call(doctor, 'consent', 'withdrawRequest', named(denied)))).toBe('AlreadyDone')
    expect(kindOf(await clinic.call(patient, 'consent', 'denyRequest', named(withdrawn)))).toBe('AlreadyDone')
    await clinic.advance(NS_PER_DAY)
    for (const [askId, state] of [
      [denied, 'denied'],
      [withdrawn, 'withdrawn'],
      [late, 'expired'],
    ] as const) {
      expect(await statesOf(story, askId)).toEqual([state, state])
      expect(kindOf((await answer(story, askId)).answer)).toBe('AlreadyDone')
    }
    const events = eventsOf(await trailOf(clinic, patient, story.account.patientId))
    expect(events.slice(1)).toEqual(['requestMade', 'requestMade', 'requestMade', 'requestDenied', 'requestEnded'])
  })

  test('of another patient is answered by nobody else', async () => {
    const [one, other] = [await storyOf('one'), await storyOf('other')]
    const askId = await ask(one)
    expect(kindOf((await answer({ ...other, doctor: one.doctor }, askId)).answer)).toBe('NotPermitted')
    expect(kindOf((await answer(one, freshId())).answer)).toBe('NotPermitted')
  })
})

describe('whether a request reaches somebody', () => {
  test('shows neither in its answer, nor in its state, nor in the requester’s own log', async () => {
    const story = await storyOf('reached')
    const { doctor } = story
    const [blocking, unwilling] = [await storyOf('blocking'), await storyOf('unwilling')]
    await change(blocking.patient, { block: doctor })
    await change(unwilling.patient, { requestsFrom: 0 })
    const nobody = { ...story, patient: clinic.person('has no account').principal }
    const stories = [story, { ...blocking, doctor }, { ...unwilling, doctor }, nobody]
    const logOf = async () =>
      (await clinic.ok(doctor, 'audit', 'leaves', { of: { actor: null }, fromSeq: 0n, count: 50 })).total
    await clinic.advance(1_000_000_000n)
    const before = await logOf()
    for (const each of stories) {
      const askId = await ask(each)
      const sent = await clinic.ok(doctor, 'consent', 'requestsSent', PAGE)
      expect(stateIn(sent.requests, askId)).toBe('pending')
    }
    await clinic.advance(1_000_000_000n)
    expect(await logOf()).toBe(before)
    const inbox = async (as: Principal) =>
      (await clinic.ok(as, 'consent', 'requestsReceived', { patientId: [], ...PAGE })).total
    expect([await inbox(story.patient), await inbox(blocking.patient), await inbox(unwilling.patient)]).toEqual([
      1, 0, 0,
    ])
  })

  test('is up to whom the patient once shared with, where they say so', async () => {
    const story = await storyOf('known')
    await change(story.patient, { requestsFrom: 1 })
    expect((await statesOf(story, await ask(story)))[1]).toBe('unseen')
    await change(story.patient, { requestsFrom: 2 })
    await answer(story, await ask(story))
    await change(story.patient, { requestsFrom: 1 })
    expect((await statesOf(story, await ask(story)))[1]).toBe('pending')
  })
})

describe('an inbox', () => {
  const received = async (patient: Principal) =>
    (await clinic.ok(patient, 'consent', 'requestsReceived', { patientId: [], ...PAGE })).total
  const tries = async (as: Principal, patient: Principal) => {
    const expiresNs = (await clinic.nowNs()) + 30n * NS_PER_DAY
    return kindOf(await clinic.call(as, 'consent', 'requestAccess', await askArg({ patient }, { expiresNs })))
  }

  test('holds three open requests of one account, whichever sign-in it asks with; one that is answered makes room', async () => {
    const story = await storyOf('pestered')
    const { patient, doctor } = story
    const second = clinic.person('second sign-in of the doctor').principal
    await linkTo(clinic, doctor, second)
    const first = await ask(story)
    for (const as of [second, doctor]) expect(await tries(as, patient)).toBe('Ok')
    for (const as of [second, doctor]) expect(await tries(as, patient)).toBe('Full')
    expect(await received(patient)).toBe(REQUESTS_TO_ONE_OPEN_MAX)
    await clinic.ok(patient, 'consent', 'denyRequest', { askId: first, requestId: freshId() })
    expect([await tries(second, patient), await tries(doctor, patient)]).toEqual(['Ok', 'Full'])
    await clinic.advance(31n * NS_PER_DAY)
    expect(await tries(doctor, patient), 'what is over does not count').toBe('Ok')
  })

  test('says the same of somebody who is not there', async () => {
    const { doctor } = await storyOf('asks nobody')
    const nobody = clinic.person('is not there').principal
    const kinds = []
    for (let i = 0; i <= REQUESTS_TO_ONE_OPEN_MAX; i++) kinds.push(await tries(doctor, nobody))
    expect(kinds).toEqual([...Array<string>(REQUESTS_TO_ONE_OPEN_MAX).fill('Ok'), 'Full'])
  })

  test('is not filled under the other codes of a patient either, and neither answer nor state says so', async () => {
    const { patient, doctor } = await storyOf('of two codes')
    const second = clinic.person('second sign-in of the patient').principal
    await linkTo(clinic, patient, second)
    for (const code of [patient, patient, second, second]) expect(await tries(doctor, code)).toBe('Ok')
    expect(await received(patient)).toBe(REQUESTS_TO_ONE_OPEN_MAX)
    const { requests } = await clinic.ok(doctor, 'consent', 'requestsSent', PAGE)
    expect(requests.map(({ state }) => Object.keys(state)[0])).toEqual(['pending', 'pending', 'pending', 'pending'])
  })

  test('keeps room for whom the patient shared with before, however many strangers ask', async () => {
    const { patient, account, doctor } = await storyOf('flooded')
    const startNs = await clinic.nowNs()
    const terms = { to: doctor, compartments: [categoryOf(account, 'labs')], startNs, endNs: startNs + NS_PER_HOUR }
    await clinic.ok(patient, 'consent', 'grant', grantArg(terms))
    for (let i = 0; i < REQUESTS_OF_UNKNOWN_OPEN_MAX / REQUESTS_TO_ONE_OPEN_MAX + 1; i++) {
      const stranger = clinic.person(`stranger ${i}`).principal
      await enrol(clinic, stranger)
      for (let n = 0; n < REQUESTS_TO_ONE_OPEN_MAX; n++) expect(await tries(stranger, patient)).toBe('Ok')
    }
    expect(await received(patient)).toBe(REQUESTS_OF_UNKNOWN_OPEN_MAX)
    expect(await tries(doctor, patient)).toBe('Ok')
    expect(await received(patient)).toBe(REQUESTS_OF_UNKNOWN_OPEN_MAX + 1)
  })
})

test('a requester has sixty an hour and a hundred open, and those that are over make room', async () => {
  const story = await storyOf('eager')
  let asked = 0
  const tries = async (n: number) => {
    const kinds = []
    for (let i = 0; i < n; i++) {
      const { principal } = clinic.person(`patient ${Math.floor(asked++ / REQUESTS_TO_ONE_OPEN_MAX)} of eager`)
      const arg = await askArg({ patient: principal }, { expiresNs: (await clinic.nowNs()) + 20n * NS_PER_DAY })
      kinds.push(kindOf(await clinic.call(story.doctor, 'consent', 'requestAccess', arg)))
    }
    return kinds.join()
  }
  const all = (n: number, kind: string) => Array<string>(n).fill(kind).join()
  expect(await tries(REQUESTS_PER_HOUR + 1)).toBe(`${all(REQUESTS_PER_HOUR, 'Ok')},Busy`)
  await clinic.advance(NS_PER_HOUR)
  const left = REQUESTS_SENT_OPEN_MAX - REQUESTS_PER_HOUR
  expect(await tries(left + 1)).toBe(`${all(left, 'Ok')},Full`)
  await clinic.advance(21n * NS_PER_DAY)
  expect(await tries(1)).toBe('Ok')
})
