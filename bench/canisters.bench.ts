import { createHash } from 'node:crypto'
import { newTransportKey } from '@medguard/crypto'
import { HEADER_PAGE_MAX, LEAF_PAGE_MAX, NS_PER_MINUTE } from '@medguard/protocol'
import { decodeLeaf, decodeTreeHead, leafHash, verifyConsistency, verifyInclusion } from '@medguard/tlog'
import { freshId, openClinic } from '../test/scenarios/clinic.ts'
import { deriveArg, placeOf, receive, seal, store } from '../test/scenarios/sealed-record.ts'
import { enrol, grantArg, openWard, type Ward } from '../test/scenarios/ward.ts'
import { addCost, costOf, spent } from './costs.ts'
import { check, type Row, rowsOf, type Rows } from './rows.ts'

/** As many as a busy ward may have under way. */
const AT_ONCE = 32

/** What the main calls cost on chain while there is little in the canisters. Instructions repeat but for what random ids change. */
export async function run(): Promise<Row[]> {
  const clinic = await openClinic()
  try {
    const ward = await openWard(clinic)
    const rows = rowsOf('canisters')
    await warmUp(ward)
    await accounts(ward, rows)
    await keys(ward, rows)
    await uploads(ward, rows)
    await reading(ward, rows)
    await log(ward, rows)
    return rows.rows
  } finally {
    await clinic.close()
  }
}

/** The first call of a kind after an install builds what later ones find in the heap: it is made, and not counted. */
async function warmUp(ward: Ward): Promise<void> {
  const { clinic } = ward
  const [owner, owned] = [ward.senderOf('owner'), ward.reachOf('owner')]
  const body = new Uint8Array(2 ** 20)
  const { recordId, version } = await store(clinic, owner, await seal(ward.keys, owned, { body }))
  const place = placeOf(owned)
  await clinic.ok(owner, 'records', 'open', { ...place, records: [{ recordId, version }], requestId: freshId() })
  await clinic.ok(owner, 'audit', 'leaves', { of: { actor: null }, fromSeq: 0n, count: 1 })
}

async function accounts(ward: Ward, rows: Rows): Promise<void> {
  const { clinic } = ward
  const newcomer = clinic.person('newcomer').principal
  const enrolled = await spent(clinic, async () => {
    const account = await enrol(clinic, newcomer)
    check(account.compartments.length === 8, 'an account has eight compartments')
  })
  addCost(rows, 'enrol in consent and records, with its leaf', costOf(enrolled.parts), null)

  const owner = ward.senderOf('owner')
  const nowNs = await clinic.nowNs()
  const grant = grantArg({
    to: newcomer,
    compartments: [ward.labs],
    startNs: nowNs,
    endNs: nowNs + 60n * NS_PER_MINUTE,
  })
  const steps = [
    ['records.grant', () => clinic.ok(owner, 'records', 'grant', grant)],
    ['consent.grant, with its leaf', () => clinic.ok(owner, 'consent', 'grant', grant)],
    ['consent.revoke, with its leaf', () => clinic.ok(owner, 'consent', 'revoke', revokeArg())],
    ['records.revoke, with its leaf', () => clinic.ok(owner, 'records', 'revoke', revokeArg())],
  ] as const
  const revokeArg = () => ({ grantId: grant.grantId, requestId: freshId() })
  for (const [name, work] of steps) addCost(rows, name, costOf((await spent<unknown>(clinic, work)).parts), null)
}

async function keys({ clinic, ...ward }: Ward, rows: Rows): Promise<void> {
  const owned = ward.reachOf('owner')
  const derived = await spent(clinic, async () => {
    const transport = newTransportKey()
    const arg = deriveArg(owned, 1, transport.publicKey)
    const released = await clinic.ok(ward.senderOf('owner'), 'consent', 'deriveKey', arg)
    const received = await receive(clinic, owned, transport, 1, released)
    check(received.checkValue.join() === ward.firstKeys.checkValue.join(), 'the key is the compartment’s')
  })
  addCost(rows, 'consent.deriveKey, with its leaf, without the fee of key derivation', costOf(derived.parts), null)
}

async function uploads({ clinic, ...ward }: Ward, rows: Rows): Promise<void> {
  const owner = ward.senderOf('owner')
  const record = await seal(ward.keys, ward.reachOf('owner'), { body: new Uint8Array(2 ** 20).fill(65) })
  const [chunk] = record.chunks
  check(chunk !== undefined && chunk.bytes.length === 2 ** 20 + 16, 'the chunk is as large as can be')
  const begun = await spent(clinic, () => clinic.ok(owner, 'records', 'begin', record.begin))
  addCost(rows, 'records.begin', costOf(begun.parts), null)
  const put = await spent(clinic, () => clinic.ok(owner, 'records', 'putChunk', chunk))
  addCost(rows, 'records.putChunk of 1 MiB', costOf(put.parts), 40)
  const committed = await spent(clinic, async () => {
    const { manifestHash } = await clinic.ok(owner, 'records', 'commit', record.commit)
    check(Buffer.from(manifestHash).equals(record.manifestHash), 'the record that was sent is the one stored')
  })
  addCost(rows, 'records.commit with consent’s word, with its leaf', costOf(committed.parts), null)
}

async function reading({ clinic, ...ward }: Ward, rows: Rows): Promise<void> {
  const owner = ward.senderOf('owner')
  const owned = ward.reachOf('owner')
  const [live, reach] = [ward.senderOf('live'), ward.reachOf('live')]
  const records: { recordId: Uint8Array; version: number }[] = []
  for (let i = 0; i < HEADER_PAGE_MAX; i++) {
    const { recordId, version } = await store(
      clinic,
      owner,
      await seal(ward.keys, owned, { title: `Blood count ${i}` }),
    )
    records.push({ recordId, version })
  }
  const listed = await spent(clinic, async () => {
    const arg = { ...placeOf(reach), requestId: freshId() }
    const { count } = await clinic.ok(live, 'records', 'beginList', arg)
    check(count >= HEADER_PAGE_MAX, 'all records are counted')
  })
  addCost(rows, 'records.beginList over three canisters', costOf(listed.parts), null)
  for (const [count, ceiling] of [
    [1, null],
    [HEADER_PAGE_MAX, 40],
  ] as const) {
    let bytes = 0
    const page = await spent(clinic, async () => {
      const found = await clinic.ok(live, 'records', 'headers', { ...placeOf(reach), fromSeq: 0, count })
      check(found.length === count, `a page of ${count} has ${count} rows`)
      bytes = found.reduce((sum, row) => sum + row.length, 0)
    })
    addCost(rows, `records.headers of ${count}`, costOf(page.parts), ceiling)
    rows.add(`records.headers of ${count}: size`, bytes / 1000, 'kB', count === 1 ? null : 500)
  }
  for (const [count, ceiling] of [
    [1, 250],
    [HEADER_PAGE_MAX, null],
  ] as const) {
    const opened = await spent(clinic, async () => {
      const arg = { ...placeOf(reach), records: records.slice(0, count), requestId: freshId() }
      const { openWraps } = await clinic.ok(live, 'records', 'open', arg)
      check(openWraps.length === count && openWraps.every((wrap) => wrap.length === 72), 'each record has its wrap')
    })
    addCost(rows, `records.open of ${count} over three canisters`, costOf(opened.parts), ceiling)
    const id = clinic.ids.audit.toText()
    const appended = opened.parts.filter(({ canisterId, entry }) => canisterId === id && entry === 'append')
    check(appended.length === 1, 'the leaves went in one message')
    const ofMany = count === 1 ? ['audit.append of 1 leaf', 160] : ['audit.append of 100 leaves, each', 60]
    addCost(rows, ofMany[0] as string, costOf(appended), ofMany[1] as number, count)
  }
  const together = await spent(clinic, async () => {
    const answers = await Promise.all(
      records.slice(0, AT_ONCE).map((id) => {
        const arg = { ...placeOf(reach), records: [id], requestId: freshId() }
        return clinic.ok(live, 'records', 'open', arg)
      }),
    )
    check(
      answers.every(({ openWraps }) => openWraps.length === 1),
      'each record has its wrap',
    )
  })
  addCost(rows, `records.open of 1, ${AT_ONCE} of them at once, each`, costOf(together.parts), 250, AT_ONCE)
  const chunk = await spent(clinic, async () => {
    const { recordId, version } = ward.record
    const bytes = await clinic.ok(live, 'records', 'chunk', { ...placeOf(reach), recordId, version, index: 0 })
    check(Buffer.from(bytes).equals(ward.record.chunks[0]?.bytes ?? new Uint8Array()), 'the chunk is the one sent')
  })
  addCost(rows, 'records.chunk', costOf(chunk.parts), null)
}

async function log({ clinic, ...ward }: Ward, rows: Rows): Promise<void> {
  const owner = ward.senderOf('owner')
  const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())
  const headNow = async () => {
    const decoded = decodeTreeHead((await clinic.ok(owner, 'audit', 'head', null)).treeHead)
    check(decoded.ok, 'the head is a tree head')
    return decoded.value
  }
  const older = await headNow()
  addCost(rows, 'audit.head', costOf((await spent(clinic, headNow)).parts), null)

  const page = await spent(clinic, async () => {
    const of = { patient: ward.account.patientId }
    const { entries, head } = await clinic.ok(owner, 'audit', 'leaves', { of, fromSeq: 0n, count: LEAF_PAGE_MAX })
    check(entries.length === LEAF_PAGE_MAX, 'the page is full')
    const decoded = decodeTreeHead(head.treeHead)
    check(decoded.ok, 'the page has a head')
    return entries
  })
  addCost(rows, `audit.leaves, a page of ${LEAF_PAGE_MAX}`, costOf(page.parts), null)

  // One more leaf, so that there is something to be consistent about.
  await clinic.ok(owner, 'records', 'beginList', { ...placeOf(ward.reachOf('owner')), requestId: freshId() })
  const head = await headNow()
  const [entry] = page.value
  check(entry !== undefined && head.size > older.size, 'the log has grown')
  const leaf = leafHash(sha256, entry.leaf)
  const included = await spent(clinic, async () => {
    const decoded = decodeLeaf(entry.leaf)
    check(decoded.ok, 'an entry is a leaf')
    const { index } = decoded.value
    const arg = { leafIndex: BigInt(index), treeSize: BigInt(head.size) }
    const { proof } = await clinic.ok(owner, 'audit', 'inclusionProof', arg)
    const claim = { leafHash: leaf, index, size: head.size, root: head.root, path: proof }
    check(verifyInclusion(sha256, claim), 'the leaf is in the log')
  })
  addCost(rows, 'audit.inclusionProof', costOf(included.parts), 30)
  const consistent = await spent(clinic, async () => {
    const arg = { firstSize: BigInt(older.size), secondSize: BigInt(head.size) }
    const path = await clinic.ok(owner, 'audit', 'consistencyProof', arg)
    const sizes = { oldSize: older.size, oldRoot: older.root, newSize: head.size, newRoot: head.root }
    check(verifyConsistency(sha256, { ...sizes, path }), 'the log was extended')
  })
  addCost(rows, 'audit.consistencyProof', costOf(consistent.parts), 30)
  const chain = await spent(clinic, async () => {
    const { count } = await clinic.ok(owner, 'audit', 'chainHead', { patientId: ward.account.patientId })
    check(count > BigInt(LEAF_PAGE_MAX), 'the patient’s chain is counted')
  })
  addCost(rows, 'audit.chainHead', costOf(chain.parts), null)
  rows.add('leaves in the log', head.size, 'leaves')
}
