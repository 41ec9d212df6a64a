import { createPrng } from '@medguard/localnet'
import { HEADER_PAGE_MAX } from '@medguard/protocol'
import {
  type Arg,
  CANISTER_NAMES,
  type CanisterName,
  freshId,
  kindOf,
  type MethodName,
} from '../test/scenarios/clinic.ts'
import { deriveArg, keysFor, placeOf, seal } from '../test/scenarios/sealed-record.ts'
import { openStepped, somebody, type Stepped } from '../test/scenarios/stepped.ts'
import { addCost, costOf, type Cost, MILLIONS } from './costs.ts'
import { check, type Row, rowsOf, type Rows } from './rows.ts'
import { fillVault, type Size } from './vault-fill.ts'
import { grantTo, openArg, openWorld } from './vault-world.ts'

// The ceilings of the reliability design, section 4, in small canisters and in full ones.

const SIZES: readonly [Size, Size] = [
  { name: '10^3', leaves: 2_000, patients: 100, headers: 1_000 },
  { name: '10^6', leaves: 1_000_000, patients: 100_000, headers: 1_000_000 },
]
/** For trying out: how much smaller the full one is. */
const SHRINK = Number(process.env['MEDGUARD_BENCH_SHRINK'] ?? 1)
const REPEATS = 16

export async function run(): Promise<Row[]> {
  const rows = rowsOf('vault')
  const [few, many] = SIZES
  const before = await measure(rows, few)
  const { leaves, patients, headers } = many
  const full = { name: many.name, leaves: leaves / SHRINK, patients: patients / SHRINK, headers: headers / SHRINK }
  const after = await measure(rows, full)
  for (const [name, cost] of before) {
    const grown = after.get(name)
    if (grown !== undefined) rows.add(`${name}: growth from ${few.name} to ${many.name}`, grown / cost, 'times')
  }
  return rows.rows
}

/** What each of the rows may take, in millions; null for what is only watched. */
const CEILINGS = {
  'refusal of a stranger, the dearest method': 5,
  'garbage, the dearest method': 5,
  'consent: decide on an opening': 20,
  'audit.append, on average': 60,
  'audit.append, the dearest': 160,
  'audit.inclusionProof': 30,
  'records.putChunk of 1 MiB': 40,
  'records.open by a grantee, in three canisters': 250,
  'a page of 100 headers': 40,
  'consent.deriveKey, in all canisters': null,
  'records.commit, in all canisters': null,
  'consent.grant and its leaf': null,
  'consent.grant, its leaf left out': null,
  'records.grant, its leaf left out': null,
} as const satisfies Record<string, number | null>

async function measure(rows: Rows, size: Size): Promise<Map<string, number>> {
  console.error(`filling: ${size.leaves} leaves, ${size.patients} patients, ${size.headers} headers`)
  const net = await openStepped()
  const upgrades = await fillVault(net, size)
  const at = ` (${size.name})`
  for (const name of CANISTER_NAMES) rows.add(`upgrade of ${name}${at}`, upgrades[name] / 1e6, MILLIONS, 10_000)
  console.error('measuring')
  const { patient, reader, owned, granted, record } = await openWorld(net)
  const costs = new Map<string, number>()
  const add = (name: keyof typeof CEILINGS, cost: Cost) => {
    costs.set(name, cost.instructions)
    addCost(rows, name + at, cost, CEILINGS[name])
  }
  const spent = async (work: () => Promise<unknown>): Promise<ReturnType<Stepped['takeMeters']>> => {
    net.settle()
    net.takeMeters()
    await work()
    net.settle()
    return net.takeMeters().filter(({ entry }) => entry !== 'canister_inspect_message')
  }
  const of = (name: CanisterName, parts: ReturnType<Stepped['takeMeters']>) =>
    costOf(parts.filter(({ canisterId }) => canisterId === net.ids[name].toText()))
  const dearest = (all: readonly Cost[]) =>
    all.reduce((most, cost) => (cost.instructions > most.instructions ? cost : most))

  const stranger = somebody('stranger')
  const refused: Cost[] = []
  const vain = async <C extends CanisterName, M extends MethodName<C>>(canister: C, method: M, arg: Arg<C, M>) => {
    const parts = await spent(async () =>
      check(kindOf(await net.call(stranger, canister, method, arg)) !== 'Ok', `${method} refuses`),
    )
    refused.push(costOf(parts))
  }
  await vain('consent', 'deriveKey', deriveArg(owned))
  await vain('consent', 'revoke', { grantId: freshId(), requestId: freshId() })
  await vain('records', 'beginList', { ...placeOf(owned), requestId: freshId() })
  await vain('records', 'open', openArg(owned, record))
  await vain('audit', 'leaves', { of: { patient: owned.patientId }, fromSeq: 0n, count: 50 })
  add('refusal of a stranger, the dearest method', dearest(refused))
  const garbage: Cost[] = []
  for (const [canister, method] of [
    ['consent', 'deriveKey'],
    ['records', 'commit'],
    ['audit', 'append'],
  ] as const) {
    const junk = createPrng(method).bytes(400)
    const parts = await spent(async () => {
      try {
        net.send(stranger, canister, method, junk)
      } catch {
        return
      }
      throw new Error('junk is rejected')
    })
    garbage.push(costOf(parts))
  }
  add('garbage, the dearest method', dearest(garbage))

  const open = async () => {
    const answer = await net.call(reader, 'records', 'open', openArg(granted, record))
    check('Ok' in answer && answer.Ok.openWraps.length === 1, 'the wrap comes')
  }
  await open()
  const opening = await spent(open)
  add('records.open by a grantee, in three canisters', costOf(opening))
  add('consent: decide on an opening', of('consent', opening))
  const appends: Cost[] = []
  for (let i = 0; i < REPEATS; i++) appends.push(of('audit', await spent(open)))
  const sum = (part: keyof Cost) => appends.reduce((total, cost) => total + cost[part], 0) / appends.length
  add('audit.append, on average', {
    instructions: sum('instructions'),
    transmission: sum('transmission'),
    dirtyPages: sum('dirtyPages'),
  })
  add('audit.append, the dearest', dearest(appends))

  const treeSize = BigInt(size.leaves)
  const proof = await spent(async () => {
    const { proof: path } = await net.ok(stranger, 'audit', 'inclusionProof', { leafIndex: treeSize / 3n, treeSize })
    rows.add(`size of an inclusion proof${at}`, path.length * 32, 'bytes', 4_096)
  })
  add('audit.inclusionProof', costOf(proof))

  const large = await seal(await keysFor(net, patient, owned), owned, { body: new Uint8Array(2 ** 20) })
  await net.ok(patient, 'records', 'begin', large.begin)
  const [chunk] = large.chunks
  check(chunk !== undefined, 'a body has a chunk')
  add('records.putChunk of 1 MiB', costOf(await spent(() => net.ok(patient, 'records', 'putChunk', chunk))))
  for (const each of large.chunks.slice(1)) await net.ok(patient, 'records', 'putChunk', each)
  add('records.commit, in all canisters', costOf(await spent(() => net.ok(patient, 'records', 'commit', large.commit))))
  const asked = deriveArg(owned)
  add('consent.deriveKey, in all canisters', costOf(await spent(() => net.ok(patient, 'consent', 'deriveKey', asked))))
  const further = grantTo(net, somebody('another'), owned)
  const granting = (canister: 'consent' | 'records') => spent(() => net.ok(patient, canister, 'grant', further))
  const alone = (parts: ReturnType<Stepped['takeMeters']>) => costOf(parts.filter(({ entry }) => entry === 'grant'))
  add('records.grant, its leaf left out', alone(await granting('records')))
  const inConsent = await granting('consent')
  add('consent.grant and its leaf', costOf(inConsent))
  add('consent.grant, its leaf left out', alone(inConsent))

  await net.ok(patient, 'records', 'beginList', { ...placeOf(owned), requestId: freshId() })
  const page = await spent(async () => {
    const listed = await net.ok(patient, 'records', 'headers', {
      ...placeOf(owned),
      fromSeq: 0,
      count: HEADER_PAGE_MAX,
    })
    check(listed.length === HEADER_PAGE_MAX, 'the page is full')
    const sizeBytes = listed.reduce((total, { length }) => total + length, 0)
    rows.add(`size of a page of 100 headers${at}`, sizeBytes / 1_000, 'kB', 500)
  })
  add('a page of 100 headers', costOf(page))
  return costs
}
