import { type LogEntry, NS_PER_MINUTE, refuse, toHex } from '@medguard/protocol'
import {
  createProver,
  decodeTreeHead,
  encodeTreeHead,
  foldOf,
  leafHash,
  logIdOf,
  logWitness,
  nodeHash,
  siblingsFrom,
} from '@medguard/tlog'
import { sha256 } from '@noble/hashes/sha2'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, openClinic, type Person } from '../../../test/scenarios/clinic.ts'
import type { HeadMemory, LogReport } from './api.ts'
import { type Canisters, connect } from './canisters.ts'
import { developmentNetwork } from './development.ts'
import { readActorLog, readOrganisationLog, readPatientLog } from './log.ts'
import type { LogReading } from './log-reading.ts'
import { readShards } from './log-shards.ts'
import { okOf } from './outcome.ts'

// The real log, read through a node that lies in its answers to queries. None of its lies may end in "verified".

type Leaves = Canisters['audit']['leaves']
type Page = Extract<Awaited<ReturnType<Leaves>>, { Ok: unknown }>['Ok']

let clinic: Clinic
let reading: LogReading
let other: LogReading
beforeAll(async () => {
  clinic = await openClinic()
  reading = await readingOf(clinic.person('patient'))
  other = await readingOf(clinic.person('other'))
})
afterAll(() => clinic.close())

/** Somebody with a short history: enrolment and three lists of one compartment. */
async function readingOf({ client, identity }: Person): Promise<LogReading> {
  await client.enrol()
  for (let i = 0; i < 3; i++) await client.list({ of: 'me' }, ['labs'])
  const network = developmentNetwork(clinic.localnet.url)
  const canisters = connect(identity, network, () => {})
  const [account] = okOf(await canisters.consent.whoAmI(null)).account
  if (account === undefined) throw new Error('enrolled')
  return { canisters, network, headMemory: memory(), account, reader: identity.getPrincipal() }
}

function memory(head: string | null = null): HeadMemory & { head: string | null } {
  const kept = {
    head,
    read: async () => kept.head,
    write: async (_: string, written: string) => {
      kept.head = written
    },
  }
  return kept
}

/** The same reader, whose node answers for `leaves` whatever `lie` makes of the truth. */
function lying(lie: (honest: Leaves, asked: Parameters<Leaves>[0], call: number) => ReturnType<Leaves>): LogReading {
  const { canisters } = reading
  let call = 0
  const leaves: Leaves = (asked) => lie(canisters.audit.leaves, asked, call++)
  return { ...reading, headMemory: memory(), canisters: { ...canisters, audit: { ...canisters.audit, leaves } } }
}
const changing = (change: (page: Page) => Page): LogReading =>
  lying(async (honest, asked) => {
    await clinic.advance(NS_PER_MINUTE) // so that its certificate says that it knows all there is
    return { Ok: change(okOf(await honest(asked))) }
  })
const withEntries = (change: (entries: LogEntry[]) => LogEntry[]): LogReading =>
  changing((page) => ({ ...page, entries: change(page.entries) }))

/** A log of the node's own making, whole in itself: of the length of the true one, with these entries, and without the network's word. */
function forged({ entries, head, ...page }: Page, change: (leaf: Uint8Array) => Uint8Array): Page {
  const decoded = decodeTreeHead(head.treeHead)
  if (!decoded.ok) throw new Error('an honest head is a head')
  const { value } = decoded
  const told = entries.map((entry) => ({ ...entry, leaf: change(new Uint8Array(entry.leaf)) }))
  const indexOf = (leaf: Uint8Array) => Number(new DataView(leaf.buffer, leaf.byteOffset).getBigUint64(4))
  const hashes = new Map(told.map(({ leaf }) => [indexOf(leaf), leafHash(sha256, leaf)]))
  const node = (level: number, index: number): Uint8Array =>
    level === 0
      ? (hashes.get(index) ?? new Uint8Array(32))
      : nodeHash(sha256, node(level - 1, 2 * index), node(level - 1, 2 * index + 1))
  const fold = foldOf(sha256)
  const prover = createProver(fold, { node, siblings: siblingsFrom(node) }, value.size)
  const first = prover.inclusion(0)
  let root = node(0, 0)
  // The path of leaf 0 has every other part of the tree, each on the right.
  for (const sibling of first) root = nodeHash(sha256, root, sibling)
  const treeHead = encodeTreeHead({ ...value, root })
  return {
    ...page,
    head: { ...head, treeHead, witness: logWitness(new Uint8Array(32), treeHead) },
    entries: told.map((entry) => ({ ...entry, proof: prover.inclusion(indexOf(entry.leaf)) })),
  }
}
const VERSION_AT = 145

const verdict = async (read: Promise<LogReport>): Promise<string> => {
  const { verification } = await read
  return verification.kind === 'failed' ? verification.code : verification.kind
}
const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))

test('an honest node is believed, and its log proven to continue the one before', async () => {
  const headMemory = memory()
  const first = await readPatientLog({ ...reading, headMemory })
  expect(first.items.map(({ event }) => event)).toEqual(['enrol', 'listSession', 'listSession', 'listSession'])
  expect(first.verification).toMatchObject({
    kind: 'verified',
    checked: ['certificate', 'fresh', 'inclusion', 'chain', 'complete'],
  })
  const again = await readActorLog({ ...reading, headMemory })
  expect(again.verification).toMatchObject({ checked: ['certificate', 'fresh', 'inclusion', 'consistency'] })
})

describe('a node that changes what a patient reads', () => {
  const lies: readonly (readonly [what: string, lie: () => LogReading, verdict: string])[] = [
    ['leaves out the first entry', () => withEntries((all) => all.slice(1)), 'LogBroken'],
    ['leaves out an entry in between', () => withEntries((all) => all.toSpliced(1, 1)), 'LogBroken'],
    [
      'leaves out the last entry',
      () => changing(({ entries, ...page }) => ({ ...page, entries: entries.slice(0, -1), total: 3n })),
      'LogBroken',
    ],
    ['shows nothing at all', () => withEntries(() => []), 'LogBroken'],
    ['shows an entry twice', () => withEntries((all) => all.flatMap((each) => [each, each])), 'LogBroken'],
    ['turns the order round', () => withEntries((all) => all.toReversed()), 'LogBroken'],
    [
      'changes who did it',
      () => withEntries((all) => all.map((each) => ({ ...each, leaf: flipped(each.leaf, 100) }))),
      'LogBroken',
    ],
    [
      'changes the details',
      () => withEntries((all) => all.map((each) => ({ ...each, detail: flipped(each.detail, 20) }))),
      'LogBroken',
    ],
    [
      'sends no certificate',
      () => changing((page) => ({ ...page, head: { ...page.head, certificate: [] } })),
      'BadCertificate',
    ],
    [
      'sends another head than the certified one',
      () => changing((page) => ({ ...page, head: { ...page.head, treeHead: flipped(page.head.treeHead, 30) } })),
      'BadCertificate',
    ],
    [
      'sends more than was asked for',
      () => withEntries((all) => Array.from({ length: 51 }, () => all[0] as LogEntry)),
      'BadReply',
    ],
  ]
  test.each(lies)('%s: is not believed', async (_, lie, expected) => {
    expect(await verdict(readPatientLog(lie()))).toBe(expected)
  })

  test('answers with one page again and again: is left after a few', async () => {
    let calls = 0
    const stuck = lying(async (honest, asked) => {
      calls++
      return honest({ ...asked, fromSeq: 0n, count: 1 })
    })
    expect(await verdict(readPatientLog(stuck))).toBe('LogBroken')
    expect(calls).toBe(2)
  })

  test('shows the history of somebody else: is not believed', async () => {
    const { canisters } = other
    const theirs = lying((_, asked) => canisters.audit.leaves({ ...asked, of: { patient: other.account.patientId } }))
    expect(await verdict(readPatientLog(theirs))).toBe('LogBroken')
  })
})

describe('a node that changes what somebody reads of their own acts', () => {
  test.each([
    ['shows an act twice', () => withEntries((all) => all.flatMap((each) => [each, each])), 'LogBroken'],
    ['turns the order round', () => withEntries((all) => all.toReversed()), 'LogBroken'],
    [
      'says that more is to come, and sends nothing',
      () => changing((page) => ({ ...page, total: 1n << 40n })),
      'LogBroken',
    ],
    [
      'changes what it was about',
      () => withEntries((all) => all.map((each) => ({ ...each, leaf: flipped(each.leaf, VERSION_AT) }))),
      'LogBroken',
    ],
    [
      'makes up a log that fits the change',
      () => changing((page) => forged(page, (leaf) => flipped(leaf, VERSION_AT))),
      'BadCertificate',
    ],
  ] as const)('%s: is not believed', async (_, lie, expected) => {
    expect(await verdict(readActorLog(lie()))).toBe(expected)
  })

  test('shows acts of somebody else as one’s own: is not believed', async () => {
    const theirs = lying((_, asked) => other.canisters.audit.leaves(asked))
    expect(await verdict(readActorLog(theirs))).toBe('LogBroken')
  })
})

test('the head of another log, certified by the same network, is not this log’s', async () => {
  const twin = await clinic.operator.create()
  const { wasm } = await (await import('../../../scripts/build-canisters.ts')).buildCanister('audit')
  await clinic.operator.install(twin, wasm)
  const network = { ...reading.network, canisters: { ...reading.network.canisters, audit: twin.toText() } }
  const { head } = connect(clinic.person('patient').identity, network, () => {}).audit
  const foreign = okOf(await head(null))
  expect(await verdict(readPatientLog(changing((page) => ({ ...page, head: foreign }))))).toBe('BadCertificate')
})

describe('what this device saw before', () => {
  const seen = async (): Promise<[size: string, root: string, certifiedNs: string]> => {
    const headMemory = memory()
    await readPatientLog({ ...reading, headMemory })
    return (headMemory.head ?? '').split(':') as [string, string, string]
  }
  test('as a longer log means that the log went back', async () => {
    const [size, root, at] = await seen()
    const longer = memory(`${Number(size) + 1}:${root}:${at}`)
    expect(await verdict(readPatientLog({ ...reading, headMemory: longer }))).toBe('LogBroken')
    expect(longer.head).toBe(`${Number(size) + 1}:${root}:${at}`)
  })
  test.each([0, 1])('as another log of %i entries less means that it was rewritten', async (less) => {
    const [size, root, at] = await seen()
    const changed = memory(
      `${Number(size) - less}:${root.replace(/^../, (byte) => (byte === '00' ? '01' : '00'))}:${at}`,
    )
    expect(await verdict(readPatientLog({ ...reading, headMemory: changed }))).toBe('LogBroken')
  })
  test('stays remembered when an older state of the same log is shown', async () => {
    const [size, root, at] = await seen()
    const newer = memory(`${size}:${root}:${BigInt(at) + 1_000_000_000n}`)
    expect(await verdict(readPatientLog({ ...reading, headMemory: newer }))).toBe('verified')
    expect(newer.head).toBe(`${size}:${root}:${BigInt(at) + 1_000_000_000n}`)
  })
  test('in another tab meanwhile counts too: a fork shown there is not forgotten', async () => {
    const [size, root, at] = await seen()
    const fork = `${size}:${root.replace(/^../, (byte) => (byte === '00' ? '01' : '00'))}:${at}`
    let reads = 0
    const written: string[] = []
    const racing: HeadMemory = {
      read: async () => (reads++ === 0 ? null : fork),
      write: async (_, head) => void written.push(head),
    }
    expect(await verdict(readPatientLog({ ...reading, headMemory: racing }))).toBe('LogBroken')
    expect(written).toEqual([])
  })
  test('and cannot be read counts for nothing, and nothing is claimed of it', async () => {
    const { verification } = await readPatientLog({ ...reading, headMemory: memory('nonsense') })
    expect(verification).toMatchObject({ kind: 'verified' })
    expect(verification).not.toMatchObject({ checked: expect.arrayContaining(['consistency']) })
  })
  test('is kept under the log’s own id', async () => {
    const ids: string[] = []
    const noted = { ...memory(), read: async (logId: string) => (ids.push(logId), null) }
    await readPatientLog({ ...reading, headMemory: noted })
    expect([...new Set(ids)]).toEqual([toHex(logIdOf(sha256, clinic.ids.audit.toUint8Array()))])
  })
})

describe('a node that is behind the others', () => {
  const oldPage = async () => {
    const of = { patient: reading.account.patientId }
    const kept = okOf(await reading.canisters.audit.leaves({ of, fromSeq: 0n, count: 50 }))
    await clinic.advance(NS_PER_MINUTE)
    await clinic.person('patient').client.list({ of: 'me' }, ['labs'])
    return kept
  }
  test('by a moment is asked again, and both answers are proven to be of one log', async () => {
    const kept = await oldPage()
    const behind = lying(async (honest, asked, call) =>
      call > 1 ? honest(asked) : { Ok: { ...kept, entries: call === 0 ? kept.entries : [] } },
    )
    const { verification, items } = await readPatientLog(behind)
    expect(verification.kind).toBe('verified')
    expect(items.length).toBe(kept.entries.length + 1)
  })
  test('for good is not waited for', async () => {
    const kept = await oldPage()
    const behind = lying(async (_, { fromSeq }) => ({ Ok: { ...kept, entries: fromSeq === 0n ? kept.entries : [] } }))
    expect(await verdict(readPatientLog(behind))).toBe('cannotTell')
  })
})

describe('a node that says one may not read', () => {
  const refusing = () => lying(async () => ({ Err: refuse.notPermitted }))
  test('what the network has just said one may is not believed', async () => {
    expect(await verdict(readPatientLog(refusing()))).toBe('cannotTell')
  })
  test('a further part of the log hides nothing of it under "verified"', async () => {
    const { network, canisters } = reading
    const grown = { ...network, canisters: { ...network.canisters, logShards: [network.canisters.audit] } }
    const service = (further: Canisters) =>
      readShards(
        { ...reading, headMemory: memory(), network: grown, canisters: { ...canisters, atLog: () => further } },
        (each) => readOrganisationLog(each, new Uint8Array(16)),
      )
    expect(await verdict(service(canisters))).toBe('verified')
    expect(await verdict(service(refusing().canisters))).toBe('cannotTell')
  })
})

test('a genuine page of ten minutes ago is old news, not a verified log', async () => {
  const kept = okOf(
    await reading.canisters.audit.leaves({ of: { patient: reading.account.patientId }, fromSeq: 0n, count: 50 }),
  )
  await clinic.advance(10n * NS_PER_MINUTE)
  const stale = lying(async () => ({ Ok: kept }))
  const { verification } = await readPatientLog(stale)
  expect(verification).toMatchObject({ kind: 'cannotTell', code: 'Old' })
})
