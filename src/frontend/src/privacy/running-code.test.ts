import type { Hosting, LogItem } from '@medguard/client'
import { expect, it } from 'vitest'
import { codeEntries, runningCode } from './running-code.ts'

const upgrade = (at: number, details: LogItem['details'], event = 'upgrade'): LogItem => ({
  shard: 0,
  leafIndex: BigInt(at),
  seq: 0n,
  timeNs: BigInt(at) * 1_000_000n,
  event,
  actor: 'aaaaa-aa',
  objectId: '',
  versionOrEpoch: 0,
  category: null,
  purpose: null,
  grantId: null,
  failedOrWithheld: false,
  orgId: null,
  subject: null,
  reason: null,
  details,
})
const runs = (name: string, moduleHash: string): Hosting => ({
  name,
  canisterId: '',
  subnetId: '',
  nodes: [],
  controllers: [],
  moduleHash,
})
const LOG = [
  upgrade(1, { canister: 'consent', moduleHash: 'aa', controllers: 'one two' }),
  upgrade(2, { configHash: 'cc' }, 'configuration'),
  upgrade(3, { canister: 'records', moduleHash: 'bb', controllers: '' }),
  upgrade(4, { canister: 'consent' }),
  upgrade(5, { canister: 'consent', moduleHash: 'dd', controllers: 'one' }),
  upgrade(6, { canister: 'audit' }),
]

it('compares what runs with the last code that the log names, and claims nothing where it names none', () => {
  const entries = codeEntries(LOG)
  const hosting = [runs('consent', 'dd'), runs('records', 'ee'), runs('audit', 'ff'), runs('audit 2', 'gg')]
  expect(runningCode(hosting, entries)).toEqual([
    { part: 'consent', shard: 0, moduleHash: 'dd', isTold: 'same', sinceMs: 5 },
    { part: 'records', shard: 0, moduleHash: 'ee', isTold: 'other', sinceMs: null },
    { part: 'audit', shard: 0, moduleHash: 'ff', isTold: 'notTold', sinceMs: null },
    { part: 'audit', shard: 2, moduleHash: 'gg', isTold: 'notTold', sinceMs: null },
  ])
  // Code that ran once and runs again without a word in the log is not the one it names.
  expect(runningCode([runs('consent', 'aa')], entries)[0]?.isTold).toBe('other')
})

it('lists what was done to each part, newest first', () => {
  expect(codeEntries(LOG).map(({ part, what, controllers }) => [part, what, controllers.length])).toEqual([
    ['audit', 'began', 0],
    ['consent', 'runs', 1],
    ['consent', 'began', 0],
    ['records', 'runs', 0],
    [null, 'settings', 0],
    ['consent', 'runs', 2],
  ])
})
