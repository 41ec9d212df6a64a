import { Fault, type Outcome, type Share } from '@medguard/client'
import { expect, test } from 'vitest'
import { createChangesPoller, type Live } from '../app/changes-poller.ts'
import { accessIn, accessOf, createAccessGuard } from './access-guard.ts'

const NS = 1_000_000n
const share = (over: Partial<Share> = {}): Share => ({
  grantId: 'g',
  direction: 'received',
  patientId: '01'.repeat(16),
  patient: 'p',
  grantee: 'q',
  scope: ['labs'],
  rights: ['list', 'open'],
  purpose: 'TREAT',
  startNs: 0n,
  endNs: 1_000_000n * NS,
  endedNs: null,
  state: 'live',
  bar: null,
  ...over,
})

/** One grant on one page, with a clock that only the test moves. */
async function watching(first: Share = share()) {
  let nowMs = 1_000
  let timers: { at: number; work: () => void }[] = []
  let given: () => Promise<Outcome<readonly Share[]>> = () => Promise.resolve({ kind: 'done', value: [first] })
  let asked = 0
  const setTimer = (work: () => void, ms: number) => {
    const timer = { at: nowMs + ms, work }
    timers.push(timer)
    return () => void (timers = timers.filter((one) => one !== timer))
  }
  const poller = createChangesPoller({
    changes: () => Promise.resolve(0n),
    isVisible: () => true,
    now: () => nowMs,
    setTimer,
  })
  const guard = createAccessGuard({
    grantId: 'g',
    client: {
      sharesReceived: () => {
        asked++
        return given()
      },
    },
    poller,
    now: () => nowMs,
    setTimer,
  })
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
  const live = async (change: Partial<Live>) => {
    poller.live.setState({ ...poller.live.getState(), ...change })
    await settled()
  }
  guard.start()
  await settled()
  return {
    guard,
    live,
    access: () => guard.store.getState().access,
    asked: () => asked,
    answer: (next: typeof given) => void (given = next),
    settled,
    advance(ms: number) {
      nowMs += ms
      const due = timers.filter(({ at }) => at <= nowMs)
      timers = timers.filter(({ at }) => at > nowMs)
      for (const { work } of due) work()
    },
  }
}
const says = (value: readonly Share[]) => () => Promise.resolve<Outcome<readonly Share[]>>({ kind: 'done', value })

test('locks in the very millisecond the grant ends, without asking anybody', async () => {
  const page = await watching()
  expect(page.access().status).toBe('open')
  page.advance(998_999)
  expect(page.access().status).toBe('open')
  page.advance(1)
  expect(page.access()).toEqual({ status: 'ended', atMs: 1_000_000 })
  expect(page.asked()).toBe(1)
})

test('a moved counter is a hint: the page asks, and locks when the answer says revoked', async () => {
  const page = await watching()
  page.answer(says([share({ state: 'revoked', endedNs: 500n * NS })]))
  await page.live({ changes: 1 })
  expect(page.access()).toEqual({ status: 'ended', atMs: 500 })
})

test('a moved counter for something else leaves the page open', async () => {
  const page = await watching()
  await page.live({ changes: 1 })
  expect(page.access().status).toBe('open')
  expect(page.asked()).toBe(2)
})

test('three failed polls hide the records, and a poll that works brings them back after asking', async () => {
  const page = await watching()
  await page.live({ failures: 2 })
  expect(page.access().status).toBe('open')
  await page.live({ failures: 3 })
  expect(page.access().status).toBe('unsure')
  await page.live({ failures: 0 })
  expect(page.access().status).toBe('open')
  expect(page.asked()).toBe(2)
})

test('an answer that was under way when the connection went does not open the page again', async () => {
  const page = await watching()
  let answerLate: (outcome: Outcome<readonly Share[]>) => void = () => {}
  page.answer(() => new Promise((resolve) => (answerLate = resolve)))
  await page.live({ changes: 1 })
  await page.live({ failures: 3 })
  answerLate({ kind: 'done', value: [share()] })
  await page.settled()
  expect(page.access().status).toBe('unsure')
})

test('what cannot be asked is not shown', async () => {
  const page = await watching()
  page.answer(() => Promise.reject(new Fault('Unreachable', 'down')))
  await page.live({ changes: 1 })
  expect(page.access().status).toBe('unsure')
})

test('a page that comes back into sight after a while asks before it shows anything', async () => {
  const page = await watching()
  page.guard.back(3_000)
  expect(page.access().status).toBe('open')
  page.guard.back(7_000)
  expect(page.access().status).toBe('checking')
  await page.settled()
  expect(page.access().status).toBe('open')
})

test('an ended page stays ended, whatever the polls say', async () => {
  const page = await watching()
  page.guard.end(700n * NS)
  await page.live({ failures: 3 })
  await page.live({ failures: 0, changes: 5 })
  expect(page.access()).toEqual({ status: 'ended', atMs: 700 })
})

test('a pause takes the records off the page, and its end brings them back', async () => {
  const page = await watching()
  page.answer(says([share({ bar: 'paused' })]))
  await page.live({ changes: 1 })
  expect(page.access()).toEqual({ status: 'held', why: 'paused' })
  page.answer(says([share()]))
  await page.live({ changes: 2 })
  expect(page.access().status).toBe('open')
})

test('what one canister refuses is not shown because the other allows it, until somebody asks', async () => {
  const page = await watching()
  page.guard.hold('closed')
  await page.live({ failures: 0 })
  expect(page.access()).toEqual({ status: 'held', why: 'closed' })
  page.guard.check()
  await page.settled()
  expect(page.access().status).toBe('open')
  expect(accessOf(share({ bar: 'blocked' }), 0)).toEqual({ status: 'held', why: 'closed' })
  expect(accessOf(share({ bar: 'paused', state: 'revoked' }), 0).status).toBe('ended')
})

test('a grant nobody has heard of, or only half of one, shows nothing', async () => {
  expect((await watching(share({ grantId: 'another' }))).access()).toEqual({ status: 'none' })
  expect(accessOf(undefined, 0)).toEqual({ status: 'none' })
  expect(accessOf(share({ state: 'notFinished' }), 0)).toEqual({ status: 'none' })
  expect(accessOf(share({ state: 'notStarted', startNs: 9n * NS }), 3).status).toBe('notStarted')
  expect(accessOf(share({ state: 'live' }), 1_000_000).status).toBe('ended')
})

test('a share that the patient changed leads to the one in its place while that opens something, also from its end', async () => {
  const [old, next] = [share({ replacedBy: 'h' }), share({ grantId: 'h', inPlaceOf: 'g' })]
  expect((await watching()).access().status).toBe('open')
  const page = await watching()
  page.answer(says([old, next]))
  await page.live({ changes: 1 })
  expect(page.access()).toEqual({ status: 'changed', to: next })
  const refused = await watching()
  refused.answer(says([share({ ...old, state: 'revoked', endedNs: 7n * NS }), next]))
  refused.guard.end(7n * NS)
  expect(refused.access()).toEqual({ status: 'ended', atMs: 7 })
  await refused.settled()
  expect(refused.access()).toEqual({ status: 'changed', to: next })
  // Over or held up as well, it opens nothing: what is said is said of the share that was open.
  expect(accessIn([old, { ...next, bar: 'paused' }], 'g', 0).status).toBe('open')
  expect(
    accessIn(
      [
        { ...old, state: 'revoked' },
        { ...next, state: 'revoked' },
      ],
      'g',
      0,
    ).status,
  ).toBe('ended')
})
