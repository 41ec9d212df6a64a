// A whole network, killed or without power at every change to its state folder: it opens at a message boundary, and whatever it had
// answered has happened, once.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RequestStatus } from '../contracts.ts'
import { ALICE, MANAGEMENT, SECOND_NS } from '../state-machine/network.fixture.ts'
import * as uc from '../state-machine/universal-canister.fixture.ts'
import { record } from '../storage/crash-model.fixture.ts'
import { sweep } from '../storage/crash-sweep.fixture.ts'
import { openStorage } from '../storage/index.ts'
import { openSimulated } from './simulated.fixture.ts'

/** Small, so that the log is compacted while the network works. */
const COMPACTS_ABOVE = 60_000
/** `npm run test:long` looks at every crash, `npm test` at some of each kind. */
const EVERY = process.env['MEDGUARD_LONG'] === '1' ? 1 : 41
const { program } = uc

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'localnet-crash-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

/** One network's work, stored after every message. @returns what it was and had answered after each time it stored. */
function life(dir: string) {
  const recording = record(dir)
  const net = openSimulated({ seed: 'crash', storage: () => openStorage(dir, COMPACTS_ABOVE, recording.disk) })
  const moments: { digest: string; answered: ReadonlyMap<Uint8Array, RequestStatus> }[] = []
  let answered = new Map<Uint8Array, RequestStatus>()
  const sent: Uint8Array[] = []
  const save = () => {
    net.save()
    recording.disk.acknowledge()
    answered = new Map(
      sent.flatMap((id) =>
        [[id, net.status(id)] as const].flatMap(([key, status]) =>
          status?.status === 'replied' ? [[key, status] as const] : [],
        ),
      ),
    )
    moments.push({ digest: net.digest(), answered })
  }
  save()
  const [a, b] = [net.install(), net.install()]
  save()
  const steps = [
    (n: number) => program(uc.addToHeap(1), uc.say(`${n}`.repeat(2000)), uc.writeStable(n * 1000), uc.reply),
    () =>
      program(
        uc.call({
          callee: b,
          payload: program(uc.addToHeap(1), uc.growMemory(1), uc.reply),
          onReply: program(uc.addToHeap(1), uc.reply),
        }),
      ),
    () =>
      program(
        uc.call({
          callee: MANAGEMENT,
          method: 'raw_rand',
          onReply: program(uc.sayArgument, uc.certify, uc.log, uc.reply),
        }),
      ),
    () => program(uc.onTimer(uc.addToHeap(5)), uc.setTimer(SECOND_NS), uc.reply),
    () => uc.trap,
  ]
  for (let n = 0; n < 25; n++) {
    const step = steps[n % steps.length]
    if (step !== undefined) sent.push(net.start(a, step(n), ALICE))
    save()
    while (net.deliverable().length > 0) {
      net.deliver(net.prng.below(net.deliverable().length))
      save()
    }
    net.advance(SECOND_NS)
    if (n !== 9) continue
    save()
    net.restart()
  }
  return { recording, moments }
}

test('at any change to the disk', () => {
  const { recording, moments } = life(join(root, 'state'))
  const kinds = Array.from({ length: recording.length }, (_, count) => recording.whatAt(count))
  expect(kinds.filter((what) => what.startsWith('rename')).length).toBeGreaterThan(2)
  const boundaries = new Set<string>()
  const folders = sweep(recording, EVERY, ({ dir, acknowledged }) => {
    const net = openSimulated({ seed: 'crash', storage: () => openStorage(dir) })
    const reached = moments.slice(Math.max(0, acknowledged - 1), acknowledged + 1).map(({ digest }) => digest)
    const digest = net.digest()
    // Before anything is acknowledged there may be nothing yet.
    if (acknowledged > 0) expect(reached).toContain(digest)
    for (const [id, status] of moments[acknowledged - 1]?.answered ?? []) expect(net.status(id)).toEqual(status)
    boundaries.add(digest)
    net.restart()
  })
  expect(folders).toBeGreaterThan(1000 / EVERY)
  expect(boundaries.size).toBeGreaterThan(20)
})
