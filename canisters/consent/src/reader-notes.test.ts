import { encodeFields, EVENT, LOG_SOURCE, NO_END_NS, ROLE } from '@medguard/protocol'
import { memoryMap } from '@medguard/shared'
import { expect, test } from 'vitest'
import { createReaderNotes } from './reader-notes.ts'
import { createConsentStore } from './store.ts'

const ORG = new Uint8Array(16).fill(7)
const ADMINISTRATORS = 120
const AT_ONCE = 50

/** An organisation whose members are all administrators, and one more canister of the log. */
function opened() {
  const store = createConsentStore(memoryMap())
  const nobody = Uint8Array.of(1)
  const times = { verifiedUntilNs: 0n, verifiedNs: 0n, registeredNs: 1n }
  const about = { isSuspended: false, kind: 1, members: 0, lastingAdministrators: 0, name: Uint8Array.of(65) }
  store.trust.setOrganisation(ORG, { ...times, ...about, verifiedBy: new Uint8Array(16), registrant: nobody })
  const member = { flags: 1, roles: ROLE.administrator, validUntilNs: NO_END_NS, sinceNs: 1n, setBy: nobody }
  for (let i = 0; i < ADMINISTRATORS; i++) store.trust.setMember(ORG, Uint8Array.of(i, 9, 9), member)

  const rows = memoryMap()
  const jobs: (() => Promise<void>)[] = []
  let told = 0
  /** As after an upgrade: what was in the heap is gone, and so are timers. */
  const start = () => {
    jobs.length = 0
    return createReaderNotes({
      rows,
      store,
      source: LOG_SOURCE.consent,
      nowNs: () => 1n,
      schedule: (_, job) => void jobs.push(job),
      shardCount: () => 1,
      sendTo: () => async (_, leaves) => {
        told += leaves.length
        return leaves.map((_, i) => BigInt(i))
      },
    })
  }
  return { start, toldAfter: async () => (await jobs.shift()?.(), told), isIdle: () => jobs.length === 0 }
}
const line = { event: EVENT.blocked, actor: new Uint8Array(0) }
const fields = encodeFields('blocked', { principal: Uint8Array.of(4), orgId: ORG })

test('of a large organisation a message notes one page of members, and timers the others', async () => {
  const { start, toldAfter, isIdle } = opened()
  start().note({ ...line, fields }, 1)
  expect(await toldAfter()).toBe(AT_ONCE)
  for (let before = AT_ONCE; !isIdle();) {
    const now = await toldAfter()
    expect(now - before).toBeLessThanOrEqual(AT_ONCE)
    before = now
  }
  expect(await toldAfter()).toBe(ADMINISTRATORS)
})

test('whoever is still to be noted is noted after an upgrade', async () => {
  const { start, toldAfter, isIdle } = opened()
  start().note({ ...line, fields }, 1)
  start().resume()
  while (!isIdle()) await toldAfter()
  expect(await toldAfter()).toBeGreaterThanOrEqual(ADMINISTRATORS)
})
