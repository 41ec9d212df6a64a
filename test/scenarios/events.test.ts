import { createFaults } from '@medguard/localnet'
import {
  decodeDetail,
  equalBytes,
  EVENT,
  type EventName,
  eventName,
  LOG_SOURCE,
  NS_PER_DAY,
  POWER,
  type Principal,
  toHex,
} from '@medguard/protocol'
import { readLogWitness, verifyConsistency } from '@medguard/tlog'
import { createHash } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildCanister } from '../../scripts/build-canisters.ts'
import { CANISTER_NAMES, type CanisterName, freshId, kindOf, type Sender } from './clinic.ts'
import { settleAll } from './golden.fixture.ts'
import { LINES } from './lines-of-methods.ts'
import { placeOf } from './sealed-record.ts'
import { openStepped, somebody, type Stepped } from './stepped.ts'
import { categoryOf } from './ward.ts'
import { COUNCIL_OF_TWO, wholeLife } from './whole-life.fixture.ts'

// E12: whatever the contract does is in the log. Everything is done once on real canisters, and each event there is has to be in what the log then keeps.

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())
/** The number is for life, and nobody writes it: `recoveryChanged` says who the guardians are. */
const NEVER_WRITTEN: readonly EventName[] = ['guardianChanged']
/** Where the log is several canisters: `log-heads.test.ts`. */
const OF_SHARDS: readonly EventName[] = ['shardHeads']

/** A call that was granted. */
interface Done {
  readonly sender: Sender
  readonly canister: CanisterName
  readonly method: string
  /** Hex; null for one without. */
  readonly requestId: string | null
  /** Of an account that was opened by it. */
  readonly patientId: Uint8Array | null
}
/** Who configures names no request; the event is looked for by itself. */
const WITHOUT_REQUEST = ['consent.configure', 'records.configure']

let net: Stepped
const done: Done[] = []
/** The log's head after each call, where it moved. */
const heads: { readonly size: number; readonly root: Uint8Array }[] = []
const ANYBODY = somebody('anybody')
beforeAll(async () => {
  const faults = createFaults('events')
  net = await openStepped({ faults, council: COUNCIL_OF_TWO })
  await wholeLife(noting(net), faults)
  await theRest(noting(net))
  net.upgrade('consent', (await buildCanister('consent')).wasm)
  await settleAll(net)
}, 600_000)

function lookAtHead(net: Stepped): void {
  const answer = net.query(ANYBODY, 'audit', 'head', null)
  const witness = 'Ok' in answer ? readLogWitness(sha256, answer.Ok.witness) : null
  if (witness === null) throw new Error('the log has a head')
  const { size, root } = witness.treeHead
  const before = heads.at(-1)
  if (before?.size !== size || !equalBytes(before.root, root)) heads.push({ size, root })
}

/** The network, with every call noted that was granted, and the log's head after each. */
function noting(net: Stepped): Stepped {
  const note = (sender: Sender, canister: CanisterName, method: string, arg: unknown, value: unknown) => {
    const of = (name: string, from: unknown) => {
      const bytes: unknown = typeof from === 'object' && from !== null ? Reflect.get(from, name) : null
      return bytes instanceof Uint8Array ? new Uint8Array(bytes) : null
    }
    const requestId = of('requestId', arg)
    const patientId = method.startsWith('enrol') ? of('patientId', value) : null
    done.push({ sender, canister, method, requestId: requestId === null ? null : toHex(requestId), patientId })
  }
  return {
    ...net,
    async call(sender, canister, method, arg) {
      const answer = await net.call(sender, canister, method, arg)
      lookAtHead(net)
      if (kindOf(answer) === 'Ok') note(sender, canister, method, arg, null)
      return answer
    },
    async ok(sender, canister, method, arg) {
      const value = await net.ok(sender, canister, method, arg)
      lookAtHead(net)
      note(sender, canister, method, arg, value)
      return value
    },
  }
}

/** What of all that can be done is not in a whole life. */
async function theRest(net: Stepped): Promise<void> {
  const [ines, karl, mara, nils, olga] = ['ines', 'karl', 'mara', 'nils', 'olga'].map(somebody) as Five
  const startNs = net.nowNs()
  const terms = { powers: POWER.read, startNs, endNs: [startNs + NS_PER_DAY] as [bigint] }
  const [account] = (await net.ok(ines, 'consent', 'whoAmI', null)).account
  if (account === undefined) throw new Error('ines has an account')
  const { patientId } = account
  for (const canister of ['consent', 'records'] as const) {
    await net.ok(ines, canister, 'dismiss', { patientId: [], representative: karl, requestId: freshId() })
    await net.ok(ines, canister, 'appoint', { patientId: [], representative: nils, ...terms, requestId: freshId() })
    await net.ok(nils, canister, 'acceptAppointment', { patient: ines, requestId: freshId() })
    await net.ok(nils, canister, 'resign', { patientId, requestId: freshId() })
    const [membership] = await net.ok(mara, canister, 'memberships', null)
    const orgId = membership?.organisation.orgId ?? new Uint8Array()
    await net.ok(olga, canister, 'suspendMember', { orgId, principal: mara, requestId: freshId() })
  }
  // Wrapped anew half-way, it still has the wraps of before.
  const imaging = placeOf({ patientId, compartment: categoryOf(account, 'imaging'), grantId: null })
  await net.ok(ines, 'records', 'restoreWraps', { ...imaging, seqs: [0, 1], requestId: freshId() })
}
type Five = [Principal, Principal, Principal, Principal, Principal]

/** Events of all details that the log keeps, those of the canisters themselves too, which no patient's view has: each begins `MGD1 || event || source`. */
function eventsKept(): Set<EventName> {
  const found = new Set<EventName>()
  const { blocks } = net.imageOf('audit')
  const kept = Buffer.concat([...blocks].toSorted(([a], [b]) => a - b).map(([, bytes]) => bytes))
  for (let at = kept.indexOf('MGD1'); at >= 0; at = kept.indexOf('MGD1', at + 1)) {
    const name = eventName(kept[at + 4] ?? 0)
    const isDetail = Object.values(LOG_SOURCE).some((source) => source === kept[at + 5])
    if (name !== null && isDetail) found.add(name)
  }
  return found
}

/** Event and id of the request of every line that somebody may read: of a patient, or of what they did themselves. */
function linesOf(sender: Principal, of: { patient: Uint8Array } | { actor: null }): string[] {
  const lines: string[] = []
  for (let total = 1n; BigInt(lines.length) < total;) {
    const page = net.query(sender, 'audit', 'leaves', { of, fromSeq: BigInt(lines.length), count: 50 })
    if ('Err' in page || page.Ok.entries.length === 0) break
    total = page.Ok.total
    for (const { detail } of page.Ok.entries) {
      const head = decodeDetail(new Uint8Array(detail))?.head
      lines.push(head === undefined ? '' : `${eventName(head.event)} ${toHex(head.requestId)}`)
    }
  }
  return lines
}
/** All that anybody may read. */
function linesRead(): Set<string> {
  const people = new Map(done.flatMap(({ sender }) => (sender === 'canister' ? [] : [[sender.toText(), sender]])))
  const own = [...people.values()].flatMap((sender) => linesOf(sender, { actor: null }))
  const patients = done.flatMap(({ sender, patientId }) =>
    patientId === null || sender === 'canister' ? [] : linesOf(sender, { patient: patientId }),
  )
  return new Set([...own, ...patients])
}

test('every event is in the log of a network where everything was done once', () => {
  const names = Object.keys(EVENT) as EventName[]
  expect(names.length).toBeGreaterThan(40)
  const kept = eventsKept()
  expect(names.filter((name) => !kept.has(name))).toEqual([...NEVER_WRITTEN, ...OF_SHARDS])
})

test('nothing that was done changed or took away a line: the log after each call is the beginning of the last one (A07)', async () => {
  lookAtHead(net)
  expect(heads.length).toBeGreaterThan(100)
  const last = heads.at(-1)
  if (last === undefined) throw new Error('there are heads')
  for (const { size, root } of heads) {
    const asked = { firstSize: BigInt(size), secondSize: BigInt(last.size) }
    const path = await net.ok(ANYBODY, 'audit', 'consistencyProof', asked)
    const sizes = { oldSize: size, oldRoot: root, newSize: last.size, newRoot: last.root }
    expect(verifyConsistency(sha256, { ...sizes, path }), `${size} in ${last.size}`).toBe(true)
  }
})

describe('a method that changes something', () => {
  test('was called, each of them, and granted', () => {
    const called = new Set(done.map(({ canister, method }) => `${canister}.${method}`))
    const changing = CANISTER_NAMES.flatMap((canister) =>
      Object.entries(LINES[canister]).flatMap(([method, lines]) =>
        typeof lines === 'string' ? [] : [`${canister}.${method}`],
      ),
    )
    expect(changing.filter((name) => !called.has(name) && !WITHOUT_REQUEST.includes(name))).toEqual([])
  })

  test('leaves its line with the id of its request, every time', () => {
    const kept = linesRead()
    const missing = done.flatMap(({ canister, method, requestId }) => {
      const lines = (LINES[canister] as Readonly<Record<string, (typeof LINES)['audit']['head']>>)[method] ?? 'unknown'
      if (typeof lines === 'string' || requestId === null) return []
      return lines.some((name) => kept.has(`${name} ${requestId}`)) ? [] : [`${canister}.${method}`]
    })
    expect(missing).toEqual([])
  })
})
