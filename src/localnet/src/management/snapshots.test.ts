import { IDL } from '@dfinity/candid'
import { Principal } from '@dfinity/principal'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Outcome } from '../contracts.ts'
import { builtInModule } from '../native/index.ts'
import { NOTEBOOK } from '../native/notebook.fixture.ts'
import {
  ALICE,
  BOB,
  decoded,
  errorOf,
  idArg,
  messageOf,
  numberOf,
  openNetwork,
  replyOf,
  settingsOf,
  type TestNetwork,
  textOf,
} from '../state-machine/network.fixture.ts'
import * as uc from '../state-machine/universal-canister.fixture.ts'
import { ARGUMENTS, type GlobalVariant, RESULTS } from './candid.ts'

const { program } = uc
const wasm = uc.universalWasm()
let network: TestNetwork

interface Snapshot {
  readonly id: Uint8Array
  readonly taken_at_timestamp: bigint
  readonly total_size: bigint
}
interface Metadata {
  readonly wasm_module_size: bigint
  readonly wasm_memory_size: bigint
  readonly stable_memory_size: bigint
  readonly globals: readonly GlobalVariant[]
  readonly certified_data: Uint8Array
  readonly canister_version: bigint
  readonly global_timer: [object]
  readonly wasm_chunk_store: { readonly hash: Uint8Array }[]
  readonly source: object
}

beforeEach(() => {
  network = openNetwork()
})

const withId = (canister: Uint8Array, id: Uint8Array) => ({ ...idArg(canister), snapshot_id: id })
const take = (canister: Uint8Array, more: object = {}, sender = ALICE): Outcome =>
  network.manage(
    'take_canister_snapshot',
    ARGUMENTS.TakeSnapshot,
    { ...idArg(canister), replace_snapshot: [], uninstall_code: [], sender_canister_version: [], ...more },
    sender,
  )
const taken = (outcome: Outcome): Snapshot => decoded(RESULTS.Snapshot, outcome) as Snapshot
const load = (canister: Uint8Array, id: Uint8Array, sender = ALICE): Outcome =>
  network.manage(
    'load_canister_snapshot',
    ARGUMENTS.LoadSnapshot,
    { ...withId(canister, id), sender_canister_version: [] },
    sender,
  )
const list = (canister: Uint8Array, sender = ALICE): Snapshot[] =>
  decoded(
    RESULTS.Snapshots,
    network.manage('list_canister_snapshots', ARGUMENTS.CanisterId, idArg(canister), sender),
  ) as Snapshot[]
const remove = (canister: Uint8Array, id: Uint8Array): Outcome =>
  network.manage('delete_canister_snapshot', ARGUMENTS.SnapshotId, withId(canister, id))
const metadata = (canister: Uint8Array, id: Uint8Array): Metadata =>
  decoded(
    RESULTS.SnapshotMetadata,
    network.manage('read_canister_snapshot_metadata', ARGUMENTS.SnapshotId, withId(canister, id)),
  ) as Metadata
const read = (canister: Uint8Array, id: Uint8Array, kind: object): Outcome =>
  network.manage('read_canister_snapshot_data', ARGUMENTS.ReadSnapshotData, { ...withId(canister, id), kind })
const bytesOf = (outcome: Outcome): Uint8Array =>
  (decoded(RESULTS.SnapshotData, outcome) as { chunk: Uint8Array }).chunk
const upload = (canister: Uint8Array, id: Uint8Array, kind: object, chunk: Uint8Array): Outcome =>
  network.manage('upload_canister_snapshot_data', ARGUMENTS.UploadSnapshotData, {
    ...withId(canister, id),
    kind,
    chunk,
  })
const uploadMetadata = (canister: Uint8Array, given: object): Outcome =>
  network.manage('upload_canister_snapshot_metadata', ARGUMENTS.UploadSnapshotMetadata, {
    ...idArg(canister),
    replace_snapshot: [],
    wasm_module_size: 0n,
    globals: [],
    wasm_memory_size: 0n,
    stable_memory_size: 0n,
    certified_data: [],
    global_timer: [],
    on_low_wasm_memory_hook_status: [],
    ...given,
  })
const newId = (outcome: Outcome): Uint8Array =>
  (decoded(RESULTS.NewSnapshotId, outcome) as { snapshot_id: Uint8Array }).snapshot_id

const heapOf = (canister: Uint8Array): number => numberOf(network.query(canister, program(uc.sayHeap, uc.reply)))
const stableOf = (canister: Uint8Array): string =>
  textOf(network.query(canister, program(uc.sayStable(9000, 5), uc.reply)))

/** Heap and global 6, "first" in stable memory at 9000, certified data, a timer far off, one chunk. */
function filled(): Uint8Array {
  const id = network.install(wasm, uc.addToHeap(6))
  const set = program(uc.say('first'), uc.writeStable(9000), uc.certify, uc.setTimer(10n ** 15n), uc.reply)
  replyOf(network.update(id, set))
  replyOf(network.manage('upload_chunk', ARGUMENTS.UploadChunk, { ...idArg(id), chunk: [1, 2, 3] }))
  return id
}
function change(id: Uint8Array): void {
  replyOf(
    network.update(
      id,
      program(uc.addToHeap(30), uc.clear, uc.say('other'), uc.writeStable(9000), uc.setTimer(null), uc.reply),
    ),
  )
  replyOf(network.manage('clear_chunk_store', ARGUMENTS.CanisterId, idArg(id)))
}

describe('a snapshot', () => {
  test('brings heap, globals, stable memory, certified data, timer and chunks back', () => {
    const id = filled()
    const snapshot = taken(take(id))
    change(id)
    const before = network.statusOf(id)
    replyOf(load(id, snapshot.id))
    expect([heapOf(id), stableOf(id)]).toEqual([6, 'first'])
    const again = taken(take(id))
    expect(metadata(id, again.id)).toMatchObject({
      certified_data: Uint8Array.from(Buffer.from('first')),
      global_timer: [{ active: expect.any(BigInt) as bigint }],
      wasm_chunk_store: [{ hash: expect.any(Uint8Array) as Uint8Array }],
      canister_version: before.version + 1n,
    })
    expect(heapOf(id)).toBe(6)
  })

  test('brings back code and state that were uninstalled in the same step', () => {
    const id = filled()
    const snapshot = taken(take(id, { uninstall_code: [true] }))
    expect(network.machine.canister(id)?.moduleHash).toBeNull()
    replyOf(load(id, snapshot.id))
    expect([heapOf(id), stableOf(id)]).toEqual([6, 'first'])
  })

  test('is not touched by what its canister does afterwards, and can be loaded twice', () => {
    const id = filled()
    const snapshot = taken(take(id))
    for (let round = 0; round < 2; round++) {
      change(id)
      expect([heapOf(id), stableOf(id)]).toEqual([36, 'other'])
      replyOf(load(id, snapshot.id))
      expect([heapOf(id), stableOf(id)]).toEqual([6, 'first'])
    }
  })

  test('survives a restart, and so does what was loaded from it', () => {
    const id = filled()
    const snapshot = taken(take(id))
    change(id)
    network.save()
    network = openNetwork(network.saved)
    expect(list(id)).toEqual([snapshot])
    replyOf(load(id, snapshot.id))
    network.save()
    network = openNetwork(network.saved)
    expect([heapOf(id), stableOf(id)]).toEqual([6, 'first'])
    replyOf(remove(id, snapshot.id))
    network.save()
    expect([...network.saved.keys()].filter((key) => key.includes('/snapshot/'))).toEqual([])
  })

  test('stays loadable after its module was replaced, across a restart', () => {
    const id = filled()
    const snapshot = taken(take(id))
    replyOf(network.installCode(id, uc.universalWasm({ variant: 2 }), { reinstall: null }))
    network.save()
    network = openNetwork(network.saved)
    replyOf(load(id, snapshot.id))
    expect([heapOf(id), stableOf(id)]).toEqual([6, 'first'])
  })

  test('loads onto another canister of the same controller', () => {
    const [source, target] = [filled(), network.create()]
    const snapshot = taken(take(source))
    replyOf(load(target, snapshot.id))
    expect([heapOf(target), stableOf(target)]).toEqual([6, 'first'])
    const theirs = network.manage('update_settings', ARGUMENTS.UpdateSettings, {
      ...idArg(target),
      settings: settingsOf({ controllers: [[Principal.fromUint8Array(BOB)]] }),
      sender_canister_version: [],
    })
    replyOf(theirs)
    expect(errorOf(load(target, snapshot.id, BOB))).toBe('IC0406')
  })

  test('is written down in the history and counted in the status', () => {
    const id = filled()
    const plain = network.statusOf(id)
    const snapshot = taken(take(id))
    const status = network.statusOf(id)
    expect(status).toMatchObject({ memory_metrics: { snapshots_size: snapshot.total_size } })
    expect(status.idle_cycles_burned_per_day).toBeGreaterThan(plain.idle_cycles_burned_per_day)
    expect(plain.cycles - status.cycles).toBeGreaterThan(2_000_000_000n)
    replyOf(load(id, snapshot.id))
    const asker = network.install(wasm)
    const body = uc.call({
      callee: new Uint8Array(0),
      method: 'canister_info',
      payload: encodeInfo(id),
      onReply: program(uc.sayArgument, uc.reply),
    })
    const info = decoded(RESULTS.Info, network.update(asker, body)) as { recent_changes: { details: object }[] }
    expect(info.recent_changes.at(-1)?.details).toMatchObject({
      load_snapshot: {
        snapshot_id: snapshot.id,
        from_canister_id: [],
        taken_at_timestamp: snapshot.taken_at_timestamp,
      },
    })
  })

  test('of a canister without Wasm brings back what it stored', () => {
    network = openNetwork(undefined, undefined, { natives: new Map([['notebook', NOTEBOOK]]) })
    const bytes = (text: string) => new Uint8Array(Buffer.from(text))
    const id = network.install(builtInModule('notebook', 'service : {}'), bytes('dear diary'))
    const write = (line: string) => replyOf(network.update(id, bytes(line), { method: 'write' }))
    const read = (key: string) => textOf(network.query(id, bytes(key), { method: 'read' }))
    write('a=1')
    const snapshot = taken(take(id, { uninstall_code: [true] }))
    replyOf(load(id, snapshot.id))
    write('a=2')
    replyOf(load(id, snapshot.id))
    expect([read('a'), read('first')]).toEqual(['1', 'dear diary'])
  })

  test('goes with its canister', () => {
    const id = filled()
    take(id)
    replyOf(network.manage('stop_canister', ARGUMENTS.CanisterId, idArg(id)))
    replyOf(network.manage('delete_canister', ARGUMENTS.CanisterId, idArg(id)))
    network.save()
    expect([...network.saved.keys()].filter((key) => key.startsWith('c/') || key.startsWith('module/'))).toEqual([])
  })
})

describe('a snapshot is refused', () => {
  test('beyond ten, unless one is replaced', () => {
    const id = filled()
    const all = Array.from({ length: 10 }, () => taken(take(id)))
    expect(errorOf(take(id))).toBe('IC0406')
    const last = taken(take(id, { replace_snapshot: [all[3]?.id] }))
    const ids = list(id).map((snapshot) => Buffer.from(snapshot.id).toString('hex'))
    expect(ids).toHaveLength(10)
    expect(ids).toContain(Buffer.from(last.id).toString('hex'))
    expect(ids).not.toContain(Buffer.from(all[3]?.id ?? []).toString('hex'))
  })

  test('of an empty canister, with an unknown id and with one of another canister', () => {
    const [id, other] = [filled(), filled()]
    expect(messageOf(take(network.create()))).toContain('empty canister')
    const snapshot = taken(take(other))
    const gone = taken(take(id))
    replyOf(remove(id, gone.id))
    expect(errorOf(load(id, gone.id))).toBe('IC0305')
    expect(errorOf(remove(id, gone.id))).toBe('IC0305')
    expect(errorOf(load(id, new Uint8Array(3)))).toBe('IC0305')
    expect(errorOf(remove(id, snapshot.id))).toBe('IC0406')
    expect(errorOf(take(id, { replace_snapshot: [snapshot.id] }))).toBe('IC0406')
  })

  test('to strangers, but for those whom the settings let see', () => {
    const id = filled()
    const snapshot = taken(take(id))
    expect(() => take(id, {}, BOB)).toThrow('IC0512')
    expect(() => load(id, snapshot.id, BOB)).toThrow('IC0512')
    expect(() => list(id, BOB)).toThrow('IC0512')
    replyOf(
      network.manage('update_settings', ARGUMENTS.UpdateSettings, {
        ...idArg(id),
        settings: settingsOf({ snapshot_visibility: [{ allowed_viewers: [Principal.fromUint8Array(BOB)] }] }),
        sender_canister_version: [],
      }),
    )
    expect(list(id, BOB)).toHaveLength(1)
    expect(() => take(id, {}, BOB)).toThrow('IC0512')
  })

  test('to a canister that would be frozen by storing it', () => {
    const id = network.create({}, 350_000_000_000n + 10n ** 9n)
    replyOf(network.installCode(id, wasm, { install: null }))
    const freeze = { settings: settingsOf({ freezing_threshold: [4n * 10n ** 9n] }), sender_canister_version: [] }
    replyOf(network.manage('update_settings', ARGUMENTS.UpdateSettings, { ...idArg(id), ...freeze }))
    expect(errorOf(take(id))).toBe('IC0532')
    expect(list(id)).toEqual([])
  })
})

describe('the data of a snapshot', () => {
  test('read piece by piece and uploaded to another network, makes the same canister', () => {
    const id = filled()
    const snapshot = taken(take(id))
    const told = metadata(id, snapshot.id)
    const pieces = (name: string, size: bigint) => {
      const piece = (offset: bigint) => {
        const length = size - offset < 100_000n ? size - offset : 100_000n
        return [offset, bytesOf(read(id, snapshot.id, { [name]: { offset, size: length } }))] as const
      }
      return Array.from({ length: Math.ceil(Number(size) / 100_000) }, (_, index) => piece(BigInt(index) * 100_000n))
    }
    const parts = {
      wasm_module: pieces('wasm_module', told.wasm_module_size),
      wasm_memory: pieces('wasm_memory', told.wasm_memory_size),
      stable_memory: pieces('stable_memory', told.stable_memory_size),
    }
    const [{ hash } = { hash: new Uint8Array() }] = told.wasm_chunk_store
    const chunk = bytesOf(read(id, snapshot.id, { wasm_chunk: { hash } }))
    expect(chunk).toEqual(Uint8Array.of(1, 2, 3))

    network = openNetwork()
    const copy = network.create()
    const uploaded = newId(uploadMetadata(copy, { ...told }))
    expect(errorOf(load(copy, uploaded))).toBe('IC0505')
    for (const [name, each] of Object.entries(parts)) {
      for (const [offset, bytes] of each) replyOf(upload(copy, uploaded, { [name]: { offset } }, bytes))
    }
    replyOf(upload(copy, uploaded, { wasm_chunk: null }, chunk))
    network.save()
    network = openNetwork(network.saved)
    expect(metadata(copy, uploaded)).toMatchObject({ source: { metadata_upload: null }, globals: told.globals })
    replyOf(load(copy, uploaded))
    expect([heapOf(copy), stableOf(copy)]).toEqual([6, 'first'])
    const stored = network.manage('stored_chunks', ARGUMENTS.CanisterId, idArg(copy))
    expect(decoded(RESULTS.ChunkHashes, stored)).toEqual([{ hash }])
  })

  test('is refused beyond its ends, in too large a piece, and where it was taken', () => {
    const id = filled()
    const snapshot = taken(take(id))
    const size = metadata(id, snapshot.id).wasm_memory_size
    expect(errorOf(read(id, snapshot.id, { wasm_memory: { offset: size, size: 1n } }))).toBe('IC0408')
    expect(errorOf(read(id, snapshot.id, { wasm_memory: { offset: 2n ** 64n - 1n, size: 1n } }))).toBe('IC0408')
    expect(errorOf(read(id, snapshot.id, { wasm_memory: { offset: 0n, size: 2_000_001n } }))).toBe('IC0408')
    expect(errorOf(read(id, snapshot.id, { wasm_chunk: { hash: new Uint8Array(32) } }))).toBe('IC0504')
    expect(errorOf(upload(id, snapshot.id, { wasm_memory: { offset: 0n } }, Uint8Array.of(1)))).toBe('IC0409')
    const uploaded = newId(uploadMetadata(id, { wasm_memory_size: 65_536n }))
    expect(errorOf(upload(id, uploaded, { wasm_memory: { offset: 65_536n } }, Uint8Array.of(1)))).toBe('IC0408')
    expect(errorOf(upload(id, uploaded, { wasm_chunk: null }, new Uint8Array(1024 * 1024 + 1)))).toBe('IC0504')
  })

  const impossible: [string, object][] = [
    ['a heap of no whole page', { wasm_memory_size: 1n }],
    ['a heap over 4 GiB', { wasm_memory_size: 2n ** 32n + 65_536n }],
    ['a stable memory over 500 GiB', { stable_memory_size: 501n * 2n ** 30n }],
    ['a module over 100 MiB', { wasm_module_size: 2n ** 27n }],
    ['certified data of 33 bytes', { certified_data: new Uint8Array(33) }],
    ['a v128 global', { globals: [{ v128: 1n }] }],
  ]
  test.each(impossible)('is not accepted for %s', (_, given) => {
    expect(errorOf(uploadMetadata(network.create(), given))).toBe('IC0504')
  })

  test('that is no state of its module is not loaded, and the canister stays as it was', () => {
    const id = filled()
    const told = metadata(id, taken(take(id)).id)
    const size = BigInt(wasm.length)
    const tries: object[] = [
      { globals: [], wasm_memory_size: told.wasm_memory_size },
      { globals: told.globals, wasm_memory_size: 65_536n },
      { globals: told.globals.map(() => ({ f64: 1 })), wasm_memory_size: told.wasm_memory_size },
    ]
    for (const given of tries) {
      const uploaded = newId(uploadMetadata(id, { wasm_module_size: size, ...given }))
      replyOf(upload(id, uploaded, { wasm_module: { offset: 0n } }, wasm))
      expect(messageOf(load(id, uploaded))).toContain('inconsistent')
    }
    expect([heapOf(id), stableOf(id)]).toEqual([6, 'first'])
  })
})

const encodeInfo = (id: Uint8Array): Uint8Array =>
  IDL.encode([ARGUMENTS.CanisterInfo], [{ ...idArg(id), num_requested_changes: [5n] }])
