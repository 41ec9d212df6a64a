import type { NewShare, Outcome } from '@medguard/client'
import { NS_PER_HOUR, NS_PER_MINUTE, toHex } from '@medguard/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, openClinic, type Person } from './clinic.ts'
import { categoryOf, enrol, grantArg } from './ward.ts'

// A share that one canister has and the other does not: begun on a device that died, or being given on another one right now.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

function done<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'refused') throw new Error(`refused: ${outcome.refusal.kind}`)
  return outcome.value
}

/** A share whose first half a device has given. */
async function halfGiven(patient: Person, to: Person) {
  const account = await enrol(clinic, patient.principal)
  await enrol(clinic, to.principal)
  const startNs = await clinic.nowNs()
  const compartments = [categoryOf(account, 'labs')]
  const arg = grantArg({ to: to.principal, compartments, startNs, endNs: startNs + NS_PER_HOUR })
  await clinic.ok(patient.principal, 'records', 'grant', arg)
  await clinic.advance(NS_PER_MINUTE)
  return { arg, grantId: toHex(arg.grantId) }
}
const statesOf = async (patient: Person) =>
  done(await patient.newClient().sharesGiven()).map(({ grantId, state }) => [grantId, state])

test('another device that looks at the shares leaves alone what is being given right now', async () => {
  const [patient, reader] = ['giving', 'is given'].map((name) => clinic.person(name)) as [Person, Person]
  const { arg, grantId } = await halfGiven(patient, reader)
  expect(done(await patient.newClient().finishShares({ sparesRecent: true }))).toEqual([])
  expect(await statesOf(patient)).toEqual([[grantId, 'notFinished']])
  await clinic.ok(patient.principal, 'consent', 'grant', arg)
  expect(await statesOf(patient)).toEqual([[grantId, 'live']])
})

test('it withdraws what stayed half for ten minutes, and at once when told', async () => {
  const people = ['died', 'waits', 'told', 'waits too'].map((name) => clinic.person(name))
  const [patient, reader, asker, other] = people as [Person, Person, Person, Person]
  const left = await halfGiven(patient, reader)
  await clinic.advance(11n * NS_PER_MINUTE)
  await patient.newClient().finishShares({ sparesRecent: true })
  expect(await statesOf(patient)).toEqual([[left.grantId, 'revoked']])

  const fresh = await halfGiven(asker, other)
  await asker.newClient().finishShares()
  expect(await statesOf(asker)).toEqual([[fresh.grantId, 'revoked']])
})

describe('a change of a share', () => {
  const NAMES = ['changing', 'reads on']
  let patient: Person
  let reader: Person
  let grantId: string
  const titles = new Map<string, string>()
  beforeAll(async () => {
    ;[patient, reader] = NAMES.map((name) => clinic.person(name)) as [Person, Person]
    for (const { client } of [patient, reader]) done(await client.enrol())
    for (const [title, category] of [
      ['count', 'labs'],
      ['tablets', 'medicines'],
    ] as const) {
      const bytes = new TextEncoder().encode(title)
      const record = { bytes, title, fileName: null, mediaType: 'text/plain', category, clinicalDate: null }
      titles.set(title, done(await patient.client.add(record)).recordId)
    }
  })
  const given = async (scope: NewShare['scope']) => {
    const startNs = await clinic.nowNs()
    const terms = { rights: ['list', 'open'], purpose: 'TREAT', startNs, endNs: startNs + 3n * NS_PER_HOUR } as const
    const { grantId } = done(await patient.client.share({ grantee: reader.principal.toText(), scope, ...terms }))
    await clinic.advance(NS_PER_MINUTE)
    return grantId
  }
  /** Of what is neither over nor half: how often it is given, and what it lets the reader open. */
  const running = async () => done(await patient.newClient().sharesGiven()).filter(({ state }) => state !== 'revoked')
  const opened = async (id: string) => {
    const client = reader.newClient()
    const found: string[] = []
    const listed = await client.list({ of: 'grant', grantId: id })
    for (const record of listed.kind === 'done' ? listed.value : [])
      found.push(done(await client.open(record)).summary.title)
    return found.toSorted()
  }

  test.each([
    ['records', 'message'],
    ['kinds', 'answer'],
  ] as const)(
    'of %s that is cut off at any message leaves the share as it was or as it was to be, never neither, and one once somebody looks (%s lost)',
    async (what, lost) => {
      const ids = [...titles].map(([, recordId]) => ({ recordId, version: 1 }))
      const before: NewShare['scope'] = what === 'kinds' ? { categories: ['labs', 'medicines'] } : { records: ids }
      const after: NewShare['scope'] = what === 'kinds' ? { categories: ['labs'] } : { records: ids.slice(0, 1) }
      const ends = new Set<string>()
      for (let kept = 0; ; kept++) {
        grantId = await given(before)
        const wire = cutAfter(kept, lost)
        const isDone = await Promise.race([
          doneBy(patient.newClient().changeShare(grantId, { scope: after })),
          wire.cut,
        ])
        wire.mend()
        const left = await running()
        const whole = left.filter(({ state }) => state === 'live')
        expect(whole.length, `after ${kept} messages`).toBeGreaterThan(0)
        // Two at once only where everybody can tell which of them is to end.
        if (whole.length > 1) expect(whole.find((share) => share.grantId === grantId)?.replacedBy).toBeDefined()
        // Some other device looks, later.
        await clinic.advance(11n * NS_PER_MINUTE)
        done(await patient.newClient().finishShares({ sparesRecent: true }))
        const now = await running()
        expect(
          now.map(({ state }) => state),
          `after ${kept} messages`,
        ).toEqual(['live'])
        const [one] = now
        const isChanged = one?.inPlaceOf === grantId
        const end = `${isDone ? 'done' : 'broken'} ${isChanged ? 'changed' : 'as it was'}`
        const isNew = !ends.has(end)
        ends.add(end)
        if (isNew) expect(await opened(one?.grantId ?? '')).toEqual(isChanged ? ['count'] : ['count', 'tablets'])
        if (isNew && isChanged) expect(await opened(grantId)).toEqual([])
        done(await patient.client.revoke(one?.grantId ?? ''))
        if (isDone) break
      }
      expect([...ends].toSorted()).toEqual(['broken as it was', 'broken changed', 'done changed'])
    },
    60_000,
  )

  test('that broke off is gone on with by trying again, and makes no second one', async () => {
    grantId = await given({ categories: ['labs'] })
    const endNs = (await clinic.nowNs()) + NS_PER_HOUR
    const client = patient.newClient()
    for (const kept of [1, 2]) {
      const wire = cutAfter(kept, 'answer', () => Promise.reject(new TypeError('the line is dead')))
      await client.changeShare(grantId, { endNs }).catch(() => {})
      wire.mend()
    }
    const made = done(await client.changeShare(grantId, { endNs }))
    expect(made).toMatchObject({ inPlaceOf: grantId, endNs })
    expect(done(await client.changeShare(grantId, { endNs })).grantId).toBe(made.grantId)
    expect((await running()).map((share) => share.grantId)).toEqual([made.grantId])
    // Somebody who looks at the old one from elsewhere is told that it is not there any more.
    expect(await patient.newClient().changeShare(grantId, { rights: ['list'] })).toMatchObject({
      refusal: { kind: 'AlreadyDone' },
    })
    done(await client.revoke(made.grantId))
  })

  test('that was not finished is stopped as a whole', async () => {
    grantId = await given({ categories: ['labs'] })
    const change = { endNs: (await clinic.nowNs()) + NS_PER_HOUR }
    for (let kept = 0; (await running()).length < 2; kept++) {
      const wire = cutAfter(kept, 'message')
      const isDone = await Promise.race([doneBy(patient.newClient().changeShare(grantId, change)), wire.cut])
      wire.mend()
      expect(isDone).toBe(false)
      for (const { grantId: half, state } of await running())
        if (state === 'notFinished') done(await patient.newClient().revoke(half))
    }
    const made = (await running()).find(({ inPlaceOf }) => inPlaceOf === grantId)
    done(await patient.newClient().revoke(made?.grantId ?? ''))
    expect(await running()).toEqual([])
  })
})

/** Names of methods as CBOR has them, behind their length. */
const CHANGES = /method_name(egrant|frevoke|mputShareWraps)/

/** Of the messages that change a share so many get through; of the next one the answer alone is lost or the message too, and whoever sent it is as if killed. */
function cutAfter(kept: number, lost: 'answer' | 'message', dead: () => Promise<Response> = forEver) {
  const { fetch } = globalThis
  let sent = 0
  let tell = () => {}
  const cut = new Promise<false>((resolve) => (tell = () => resolve(false)))
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    const body = Buffer.from(await request.clone().arrayBuffer()).toString('latin1')
    if (CHANGES.test(body)) sent++
    const isLast = sent === kept + 1
    if (isLast && lost === 'answer') await fetch(request)
    if (sent <= kept) return fetch(request)
    tell()
    return dead()
  }
  return {
    cut,
    mend() {
      globalThis.fetch = fetch
    },
  }
}
const forEver = () => new Promise<Response>(() => {})
const doneBy = async (changing: Promise<Outcome<unknown>>): Promise<boolean> => (await changing).kind === 'done'
