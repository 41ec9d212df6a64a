import { createHash } from 'node:crypto'
import { Certificate, LookupPathStatus } from '@dfinity/agent'
import { AUDIT_ROWS } from '@medguard/audit/rows'
import { CONSENT_SECTION } from '@medguard/consent/facts'
import { type CompartmentKeys, openBody, openHead, unwrapHeaderSecret, unwrapRecordKey } from '@medguard/crypto'
import { LOCALNET_ROOT_KEY } from '@medguard/localnet'
import { RECORDS_SECTION } from '@medguard/records/facts'
import {
  type CertifiedHead,
  COMPARTMENT_KIND,
  decodeDetail,
  decodeHeaderRow,
  equalBytes,
  fromHex,
  IDL,
  NS_PER_DAY,
  purposeCode,
  toHex,
} from '@medguard/protocol'
import {
  decodeLeaf,
  decodeTreeHead,
  leafHash,
  readLogWitness,
  type TreeHead,
  verifyConsistency,
  verifyInclusion,
} from '@medguard/tlog'
import { beforeAll, describe, expect, test } from 'vitest'
import { buildCanister } from '../../scripts/build-canisters.ts'
import { CANISTER_NAMES, type CanisterName, freshId, kindOf, Rejected } from './clinic.ts'
import {
  ask,
  type Facts,
  moduleOf,
  principalOf,
  readFacts,
  readImages,
  type Release,
  RELEASES,
  reopen,
  settleAll,
} from './golden.fixture.ts'
import { deriveArg, keysFor, placeOf, type Reach, seal, store } from './sealed-record.ts'
import type { StableImage } from './stable-image.ts'
import type { Stepped } from './stepped.ts'
import { eventsOf, trailOf } from './trail.ts'
import { give, grantArg, takeBack } from './ward.ts'

// What the modules of each release stored, brought under the present ones: it has to mean what it meant (I28), and the story goes on.

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())
const bytesOf = (text: string): Uint8Array => {
  const bytes = fromHex(text)
  if (bytes === null) throw new Error(`${text} is hexadecimal`)
  return bytes
}
const [amal, berta, emil] = [principalOf('amal'), principalOf('berta'), principalOf('emil')]

/** What the image of a release is about. */
interface Told {
  readonly facts: Facts
  readonly patientId: Uint8Array
  readonly labs: Reach
  readonly shared: Reach
}
function told(release: Release): Told {
  const facts = readFacts(release)
  const patientId = bytesOf(facts.ids.patientId)
  const shareGrantId = bytesOf(facts.ids.shareGrantId)
  const of = (compartmentKind: number, cid: Uint8Array, grantId: Uint8Array | null): Reach => ({
    patientId,
    compartment: { compartmentKind, cid },
    grantId,
  })
  const labs = of(COMPARTMENT_KIND.category, bytesOf(facts.ids.labs), null)
  return { facts, patientId, labs, shared: of(COMPARTMENT_KIND.share, shareGrantId, shareGrantId) }
}
const reopenRelease = (release: Release) => reopen(readImages(release), BigInt(readFacts(release).takenNs))

const headThen = (facts: Facts): TreeHead => {
  const decoded = decodeTreeHead(bytesOf(facts.log.treeHead))
  if (!decoded.ok) throw new Error(decoded.reason)
  return decoded.value
}

/** The head, once its certificate says that the network certified it. */
async function certified(net: Stepped, head: CertifiedHead): Promise<TreeHead> {
  const { audit } = net.ids
  const [certificate] = head.certificate
  if (certificate === undefined) throw new Error('a query has a certificate')
  const options = { certificate, rootKey: LOCALNET_ROOT_KEY, canisterId: audit, disableTimeVerification: true }
  const checked = await Certificate.create(options)
  const data = checked.lookup_path(['canister', audit.toUint8Array(), 'certified_data'])
  const witness = readLogWitness(sha256, head.witness)
  if (data.status !== LookupPathStatus.Found || witness === null) throw new Error('nothing is certified')
  expect(toHex(witness.root)).toBe(toHex(data.value))
  expect(toHex(witness.treeHeadBytes)).toBe(toHex(head.treeHead))
  return witness.treeHead
}
async function headNow(net: Stepped): Promise<TreeHead> {
  const answer = net.query(amal, 'audit', 'head', null)
  if ('Err' in answer) throw new Error(kindOf(answer))
  return certified(net, answer.Ok)
}

async function expectExtends(net: Stepped, older: TreeHead, newer: TreeHead): Promise<void> {
  const sizes = { oldSize: older.size, oldRoot: older.root, newSize: newer.size, newRoot: newer.root }
  const between = { firstSize: BigInt(older.size), secondSize: BigInt(newer.size) }
  const path = await net.ok(amal, 'audit', 'consistencyProof', between)
  expect(newer.timeNs >= older.timeNs && equalBytes(newer.logId, older.logId)).toBe(true)
  expect(verifyConsistency(sha256, { ...sizes, path })).toBe(true)
}

/** Titles and texts of one list, opened the way the client does. */
async function readAll(net: Stepped, who: typeof amal, reach: Reach): Promise<Record<string, string>> {
  const keys = new Map<number, CompartmentKeys>()
  const keysOf = async (wrap: Uint8Array) => {
    const epoch = new DataView(wrap.buffer, wrap.byteOffset).getUint32(8)
    const known = keys.get(epoch) ?? (await keysFor(net, who, reach, epoch))
    keys.set(epoch, known)
    return known
  }
  const place = placeOf(reach)
  const { count } = await net.ok(who, 'records', 'beginList', { ...place, requestId: freshId() })
  const found: Record<string, string> = {}
  for (const bytes of await net.ok(who, 'records', 'headers', { ...place, fromSeq: 0, count })) {
    const row = decodeHeaderRow(new Uint8Array(bytes))
    if (row === null) throw new Error('a list holds records')
    const { recordId, version } = row
    const of = { patientId: new Uint8Array(reach.patientId), recordId, version }
    const head = await openHead(await unwrapHeaderSecret(await keysOf(row.listWrap), of, row.listWrap), of, row)
    const open = { ...place, records: [{ recordId, version }], requestId: freshId() }
    const [openWrap = new Uint8Array()] = (await net.ok(who, 'records', 'open', open)).openWraps
    const chunks: Uint8Array[] = []
    for (let index = 0; index < head.manifest.chunkCount; index++)
      chunks.push(new Uint8Array(await net.ok(who, 'records', 'chunk', { ...place, recordId, version, index })))
    const key = await unwrapRecordKey(await keysOf(new Uint8Array(openWrap)), of, new Uint8Array(openWrap))
    const text = new TextDecoder().decode(await openBody(key, head, chunks))
    found[`${head.header.title} ${version}`] = text.length > 100 ? `${text[0]} × ${text.length}` : text
  }
  return found
}

/** Records are added, shared, read and withdrawn, and the log has it all. */
async function goesOn(net: Stepped, { patientId, labs }: Told): Promise<void> {
  const before = await headNow(net)
  const seen = (await trailOf(net, amal, patientId)).length
  const { account } = await net.ok(amal, 'consent', 'whoAmI', null)
  const place = account[0]?.compartments.find(({ cid }) => equalBytes(cid, labs.compartment.cid))
  const keys = await keysFor(net, amal, labs, place?.currentEpoch)
  await store(net, amal, await seal(keys, labs, { title: 'Later', chunkLog2: 16 }))
  const startNs = net.nowNs()
  // Between the two of them: nobody vouches for berta, and the newest release has a council.
  const purpose = purposeCode('FAMRQT')
  const terms = grantArg({ to: berta, compartments: [labs.compartment], startNs, endNs: startNs + NS_PER_DAY, purpose })
  const grantId = await give(net, amal, terms)
  expect(await readAll(net, berta, { ...labs, grantId })).toMatchObject({ 'Later 1': 'Haemoglobin 13.9 g/dL' })
  await takeBack(net, amal, grantId)
  const late = deriveArg({ ...labs, grantId })
  expect(kindOf(await net.call(berta, 'consent', 'deriveKey', late))).toBe('ConsentEnded')
  await settleAll(net)

  const now = await headNow(net)
  await expectExtends(net, before, now)
  const events = eventsOf(await trailOf(net, amal, patientId), seen)
  expect(events.filter((event) => ['recordAdd', 'grant', 'revoke'].includes(event))).toEqual([
    'recordAdd',
    'grant',
    'revoke',
  ])
  const page = net.query(amal, 'audit', 'leaves', { of: { patient: patientId }, fromSeq: 0n, count: 50 })
  if ('Err' in page) throw new Error(kindOf(page))
  const head = await certified(net, page.Ok.head)
  let previous = new Uint8Array(32)
  for (const [seq, { leaf, detail, proof }] of page.Ok.entries.entries()) {
    const decoded = decodeLeaf(new Uint8Array(leaf))
    if (!decoded.ok || decodeDetail(new Uint8Array(detail)) === null) throw new Error('an entry is a leaf')
    const { index, patientSeq, previousLeafHash, detailHash } = decoded.value
    expect([patientSeq, toHex(previousLeafHash), toHex(detailHash)]).toEqual([
      seq,
      toHex(previous),
      toHex(sha256(detail)),
    ])
    previous = leafHash(sha256, leaf) as typeof previous
    const claim = { leafHash: previous, index, size: head.size, root: head.root, path: proof }
    expect(verifyInclusion(sha256, claim)).toBe(true)
  }
}

describe.each(RELEASES)('canisters of %s under the present modules', (release) => {
  const { facts, patientId, labs, shared } = told(release)
  let net: Stepped
  beforeAll(async () => {
    net = await reopenRelease(release)
  })

  test('the log is the one that was there: each leaf is in it, and it only grew', async () => {
    const [then, now] = [headThen(facts), await headNow(net)]
    // Each canister says that it was upgraded, and what waited for the log has arrived.
    expect(now.size).toBeGreaterThanOrEqual(then.size + 4)
    await expectExtends(net, then, now)
    for (const [index, known] of facts.log.leafHashes.entries()) {
      const at = { leafIndex: BigInt(index), treeSize: BigInt(then.size) }
      const { leafHash: own, proof } = await net.ok(amal, 'audit', 'inclusionProof', at)
      expect(toHex(own)).toBe(known)
      expect(verifyInclusion(sha256, { leafHash: own, index, size: then.size, root: then.root, path: proof })).toBe(
        true,
      )
    }
    for (let oldSize = 1; oldSize <= then.size; oldSize++) {
      const between = { firstSize: BigInt(oldSize), secondSize: BigInt(now.size) }
      expect(kindOf(await net.call(amal, 'audit', 'consistencyProof', between))).toBe('Ok')
    }
  })

  test('every answer is the one that was given then', () => {
    const size = facts.log.leafHashes.length
    for (const expected of facts.exchanges) {
      const [answered] = ask(net, [expected], size)
      // Later modules may say more, and nothing else.
      expect(answered).toMatchObject(expected)
    }
  })

  test('a leaf that the log had and its source did not know of is there once', async () => {
    const trail = await trailOf(net, amal, patientId)
    const late = trail.findLast(({ event }) => event === 'grant')
    const events = trail.filter(({ grantId }) => grantId === late?.grantId).map(({ event }) => event)
    expect(events.filter((event) => event !== 'refused')).toEqual(['grant', 'copyWithdrawn'])
  })

  test('what was sealed then opens with keys derived now', async () => {
    expect(await readAll(net, amal, labs)).toEqual({
      'Blood count 1': 'Haemoglobin 13.9 g/dL',
      'Blood count 2': 'Haemoglobin 14.1 g/dL',
      'Two chunks 1': 'a × 70000',
      'After the others left 1': 'Haemoglobin 13.9 g/dL',
      'Under way 1': 'b × 70000',
    })
    expect(await readAll(net, emil, shared)).toEqual({
      'Blood count 1': 'Haemoglobin 13.9 g/dL',
      'Metformin 1': '500 mg twice a day',
    })
  })

  test('records, grants and the log go on', async () => {
    await goesOn(net, told(release))
  })
})

describe('the newest image', () => {
  const EMPTY: Readonly<Record<CanisterName, readonly string[]>> = {
    // Marks, author keys, devices, links and shards of the log came after this image; marks go by themselves. Announced erasures have another number since.
    consent: [
      'announcedErasures',
      'devices',
      'authorKeys',
      'erasureMarks',
      'logShards',
      'shardOutboxes',
      'readerNotes',
    ],
    records: [
      'announcedErasures',
      'erasureMarks',
      'devices',
      'devicePosts',
      'healthLinks',
      'logShards',
      'shardOutboxes',
    ],
    // Upgrades: from one to the next message. The others came with further canisters of the log.
    audit: ['upgrades', 'notes', 'shardHead'],
  }
  const REGISTERS = { consent: CONSENT_SECTION, records: RECORDS_SECTION, audit: AUDIT_ROWS } as const

  test.each(CANISTER_NAMES)('has rows in every section of %s', async (name) => {
    const release = RELEASES.at(-1) ?? 'vault-core'
    const net = await reopenRelease(release)
    const writer = await buildCanister('row-writer', { entry: 'test/canisters/row-writer.ts' })
    net.upgrade(name, writer.wasm)
    const answer = net.send(amal, name, 'sections', new Uint8Array(IDL.encode([], [])))
    const [found] = IDL.decode([IDL.Vec(IDL.Nat8)], answer) as unknown as [Uint8Array]
    const kept = new Set(found)
    const empty = Object.entries(REGISTERS[name]).flatMap(([section, prefix]) => (kept.has(prefix) ? [] : [section]))
    expect(empty).toEqual(EMPTY[name])
  })
})

describe('an upgrade that finds a layout of a later module', () => {
  const Bytes = IDL.Vec(IDL.Nat8)
  /** Where each canister notes its layout, and what First light has there. */
  const LAYOUT_ROWS = { consent: [255], records: [255], audit: [0] } as const satisfies Record<CanisterName, number[]>

  test.each(CANISTER_NAMES)('%s refuses it, and nothing is changed by the attempt', async (name) => {
    const key = Uint8Array.from(LAYOUT_ROWS[name])
    const net = await reopenRelease('first-light')
    const writer = await buildCanister('row-writer', { entry: 'test/canisters/row-writer.ts' })
    const { wasm } = await buildCanister(name)
    const send = (method: string, ...args: Uint8Array[]) =>
      net.send(
        amal,
        name,
        method,
        new Uint8Array(
          IDL.encode(
            args.map(() => Bytes),
            args,
          ),
        ),
      )
    net.upgrade(name, writer.wasm)
    const [was] = IDL.decode([Bytes], send('read', key)) as unknown as [Uint8Array]
    send('write', key, Uint8Array.of(200, ...new Uint8Array(was).subarray(1)))
    const before = [moduleOf(net, name), textOf(net.imageOf(name))]
    expect(() => net.upgrade(name, wasm)).toThrow(Rejected)
    expect([moduleOf(net, name), textOf(net.imageOf(name))]).toEqual(before)
    // The same state without that row is taken.
    if (was.length === 0) send('erase', key)
    else send('write', key, new Uint8Array(was))
    net.upgrade(name, wasm)
    expect(kindOf(await net.call(amal, 'audit', 'head', null))).toBe('Ok')
  })

  const moduleOf = (net: Stepped, name: CanisterName) => toHex(net.facts(name).moduleHash ?? new Uint8Array())
  const textOf = ({ pages, blocks }: StableImage): string =>
    `${pages} ${[...blocks].map(([number, bytes]) => `${number} ${toHex(sha256(bytes))}`).join()}`
})

describe('a release that is taken back', () => {
  test('finds what it stored, and what the later modules stored meanwhile is there when they come again', async () => {
    const past = told('toolkit')
    const net = await reopenRelease('toolkit')
    await goesOn(net, past)
    const { patientId, labs } = past
    const before = [await headNow(net), await readAll(net, amal, labs), await trailOf(net, amal, patientId)] as const
    for (const name of CANISTER_NAMES) net.upgrade(name, await moduleOf('toolkit', name))
    await settleAll(net)
    expect(await readAll(net, amal, labs)).toEqual(before[1])
    await expectExtends(net, before[0], await headNow(net))
    await goesOn(net, past)
    for (const name of CANISTER_NAMES) net.upgrade(name, (await buildCanister(name)).wasm)
    await settleAll(net)
    expect(await readAll(net, amal, labs)).toMatchObject(before[1])
    expect((await trailOf(net, amal, patientId)).slice(0, before[2].length)).toEqual(before[2])
    await expectExtends(net, before[0], await headNow(net))
    await goesOn(net, past)
  })
})
