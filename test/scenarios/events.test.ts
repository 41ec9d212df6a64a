import { createFaults } from '@medguard/localnet'
import { EVENT, type EventName, eventName, LOG_SOURCE } from '@medguard/protocol'
import { beforeAll, expect, test } from 'vitest'
import { buildCanister } from '../../scripts/build-canisters.ts'
import { settleAll } from './golden.fixture.ts'
import { openStepped, type Stepped } from './stepped.ts'
import { COUNCIL_OF_TWO, wholeLife } from './whole-life.fixture.ts'

// E12: whatever the contract does is in the log. Everything is done once on real canisters, and each event there is has to be in what the log then keeps.

/** The number is for life, and nobody writes it: `recoveryChanged` says who the guardians are. */
const NEVER_WRITTEN: readonly EventName[] = ['guardianChanged']

let net: Stepped
beforeAll(async () => {
  const faults = createFaults('events')
  net = await openStepped({ faults, council: COUNCIL_OF_TWO })
  await wholeLife(net, faults)
  net.upgrade('consent', (await buildCanister('consent')).wasm)
  await settleAll(net)
}, 600_000)

/** Events of all details that the log keeps, those of the canisters themselves too, which no patient's view has: each begins `MGD1 || event || source`. */
function eventsKept(): Set<EventName> {
  const { blocks } = net.imageOf('audit')
  const kept = Buffer.concat([...blocks].toSorted(([a], [b]) => a - b).map(([, bytes]) => bytes))
  const found = new Set<EventName>()
  for (let at = kept.indexOf('MGD1'); at >= 0; at = kept.indexOf('MGD1', at + 1)) {
    const name = eventName(kept[at + 4] ?? 0)
    const isDetail = Object.values(LOG_SOURCE).some((source) => source === kept[at + 5])
    if (name !== null && isDetail) found.add(name)
  }
  return found
}

test('every event is in the log of a network where everything was done once', () => {
  const names = Object.keys(EVENT) as EventName[]
  expect(names.length).toBeGreaterThan(40)
  const kept = eventsKept()
  expect(names.filter((name) => !kept.has(name))).toEqual(NEVER_WRITTEN)
})
