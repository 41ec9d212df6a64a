import { deserialize, serialize } from 'node:v8'
import type { Delta } from '../contracts.ts'
import { StableMemory } from '../system-api/stable-memory.ts'
import {
  type Callback,
  type CallContext,
  type Canister,
  type CanisterLongTermFacts,
  type CanisterRecord,
  DEFAULT_SETTINGS,
  idOf,
  type Key,
  type LogRecord,
  type Message,
  newCanister,
  newConsumption,
  newQueryStats,
} from './canister.ts'
import { type GlobalValue, Instance } from './instance.ts'
import { restoreNetwork, type SavedNetwork, savedNetwork } from './saved-network.ts'
import type { Outcall } from './outcalls.ts'
import { collectSnapshot, savedSnapshots, restoredSnapshot, type SnapshotParts } from './saved-snapshots.ts'
import { removeSnapshot } from './snapshots.ts'
import type { Crossing } from './streams.ts'
import { addDeadline, codeOf, type Request, type World } from './world.ts'

// [Note: stored keys] One flat key space, kept by a storage that knows nothing of it:
//   network                 clock, counters, deleted ids
//   request/<id>            one ingress request
//   management/<number>     one queued call of the management canister
//   outcall/<number>        an HTTP request of a canister that has no answer
//   stream/<number>         one message between subnets
//   module/<hash>           a module as uploaded, once however many canisters run it
//   c/<id>/record           what nearly every message changes, with the sizes of the memories and the globals
//   c/<id>/facts            settings and history
//   c/<id>/logs
//   c/<id>/context|callback|message/<number>, c/<id>/chunk/<hash>
//   c/<id>/heap|stable/<number>   4 KiB each; all-zero pages are not stored
//   c/<id>/snapshot/<number>/record|chunk/<hash>|module/<page>|heap/<page>|stable/<page>
// Values are `v8.serialize`d but for modules, chunks, heap and stable memory, which are the bytes themselves.

interface SavedRecord extends CanisterRecord {
  readonly module: {
    readonly hash: Key
    readonly heapBytes: number
    readonly globals: readonly GlobalValue[]
    readonly stablePages: number
  } | null
}

/** Everything that changed since the last call, or null. */
export function takeDelta(world: World): Delta | null {
  const puts: [string, Uint8Array][] = []
  const deletes: string[] = []
  const { unsaved } = world
  const save = (key: string, value: Uint8Array | null | undefined) => {
    if (value === null || value === undefined) deletes.push(key)
    else puts.push([key, value])
  }
  const packed = (value: unknown): Uint8Array | null => (value === undefined ? null : pack(value))

  for (const id of unsaved.requests) save(`request/${id}`, packed(world.requests.get(id)))
  for (const number of unsaved.management) save(`management/${number}`, packed(world.management.get(number)))
  for (const number of unsaved.outcalls) save(`outcall/${number}`, packed(world.outcalls.get(number)))
  for (const number of unsaved.streams) save(`stream/${number}`, packed(world.streams.get(number)))
  for (const hash of unsaved.modules) save(`module/${hash}`, world.modules.get(hash)?.uploaded)
  for (const key of unsaved.canisters) {
    const canister = world.canisters.get(key)
    if (canister !== undefined) saveCanister(canister, save, packed)
  }
  for (const canister of unsaved.gone) {
    canister.unsaved.record = canister.unsaved.facts = canister.unsaved.logs = false
    saveCanister(canister, save, packed)
    for (const name of ['record', 'facts', 'logs']) deletes.push(`c/${canister.key}/${name}`)
  }
  unsaved.gone.clear()
  if (unsaved.network || puts.length > 0 || deletes.length > 0) puts.push(['network', pack(savedNetwork(world))])
  unsaved.network = false
  for (const set of [
    unsaved.requests,
    unsaved.management,
    unsaved.streams,
    unsaved.outcalls,
    unsaved.modules,
    unsaved.canisters,
  ])
    set.clear()
  return puts.length === 0 && deletes.length === 0 ? null : { puts, deletes }
}

type Save = (key: string, value: Uint8Array | null | undefined) => void

function saveCanister(canister: Canister, save: Save, packed: (value: unknown) => Uint8Array | null): void {
  const { unsaved, instance } = canister
  const at = (name: string) => `c/${canister.key}/${name}`
  if (unsaved.record) save(at('record'), pack(savedRecord(canister)))
  if (unsaved.facts) save(at('facts'), pack(savedFacts(canister)))
  if (unsaved.logs) save(at('logs'), pack(canister.logs))
  for (const id of unsaved.contexts) save(at(`context/${id}`), packed(canister.contexts.get(id)))
  for (const id of unsaved.callbacks) save(at(`callback/${id}`), packed(canister.callbacks.get(id)))
  for (const number of unsaved.messages) save(at(`message/${number}`), packed(canister.queue.get(number)))
  for (const hash of unsaved.chunks) save(at(`chunk/${hash}`), canister.chunks.get(hash))
  for (const page of unsaved.heap) save(at(`heap/${page}`), instance?.storedPage(page))
  for (const block of unsaved.stable) save(at(`stable/${block}`), instance?.stable.blocks.get(block))
  for (const [part, stored] of savedSnapshots(canister, pack)) save(at(`snapshot/${part}`), stored)
  unsaved.snapshots.clear()
  unsaved.record = unsaved.facts = unsaved.logs = false
  const { contexts, callbacks, messages, chunks, heap, stable } = unsaved
  for (const set of [contexts, callbacks, messages, chunks, heap, stable]) set.clear()
}

function savedRecord(canister: Canister): SavedRecord {
  const { status, stops, version, cycles, certifiedData, globalTimerNs, lastHeartbeatNs, nextLogIndex, lowMemory } =
    canister
  const { chargedNs, consumed, queryStats } = canister
  const { instance } = canister
  const module =
    instance === null
      ? null
      : {
          hash: Buffer.from(instance.code.prepared.moduleHash).toString('hex'),
          heapBytes: instance.committedBytes,
          globals: instance.committedGlobals,
          stablePages: instance.stable.committedPages,
        }
  return {
    status,
    stops,
    version,
    cycles,
    certifiedData,
    globalTimerNs,
    lastHeartbeatNs,
    nextLogIndex,
    lowMemory,
    chargedNs,
    consumed,
    queryStats,
    module,
  }
}

function savedFacts(canister: Canister): CanisterLongTermFacts {
  const { createdNs, lastInstalledNs, settings, history, totalChanges, snapshotsMade } = canister
  return { createdNs, lastInstalledNs, settings, history, totalChanges, snapshotsMade }
}

/** Takes an uninstalled, stopped canister out of the network; its id is never used again. */
export function forgetCanister(world: World, canister: Canister): void {
  for (const snapshot of canister.snapshots.values()) removeSnapshot(world, canister, snapshot)
  world.canisters.delete(canister.key)
  world.unsaved.gone.add(canister)
  world.deletedIds.add(canister.key)
  world.unsaved.network = true
}

const pack = (value: unknown): Uint8Array => {
  const bytes = serialize(value)
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** Trusted: only this file has ever written it, and storage checks its own bytes. */
const unpack = (bytes: Uint8Array): unknown => withOwnBytes(deserialize(bytes))

/** Deserialised byte arrays are views into what they came from; Candid decoders misread such views, and they keep it all alive. */
function withOwnBytes(value: unknown): unknown {
  if (value instanceof Uint8Array) return new Uint8Array(value)
  if (Array.isArray(value)) return value.map(withOwnBytes)
  if (typeof value !== 'object' || value === null || value instanceof Set) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withOwnBytes(part)]))
}

interface Parts {
  record?: SavedRecord
  facts?: CanisterLongTermFacts
  logs: readonly LogRecord[]
  readonly contexts: CallContext[]
  readonly callbacks: [number, Callback][]
  readonly messages: [number, Message][]
  readonly chunks: [Key, Uint8Array][]
  readonly heap: Map<number, Uint8Array>
  readonly stable: Map<number, Uint8Array>
  readonly snapshots: Map<number, SnapshotParts>
}

/** Puts a saved state into an empty world; no entry point runs. @throws Error for a state this version can't read. */
export function restore(world: World, saved: Iterable<readonly [key: string, value: Uint8Array]>): void {
  const canisters = new Map<Key, Parts>()
  const modules = new Map<Key, Uint8Array>()
  const management: [number, Message][] = []
  const streams: [number, Crossing][] = []
  for (const [key, value] of saved) {
    const [area = '', id = '', name = '', item = '', part = '', of = ''] = key.split('/')
    if (area === 'network') restoreNetwork(world, unpack(value) as SavedNetwork)
    else if (area === 'request') world.requests.set(id, unpack(value) as Request)
    else if (area === 'management') management.push([Number(id), unpack(value) as Message])
    else if (area === 'outcall') world.outcalls.set(Number(id), unpack(value) as Outcall)
    else if (area === 'stream') streams.push([Number(id), unpack(value) as Crossing])
    else if (area === 'module') modules.set(id, value.slice())
    else if (area === 'c') {
      const parts = canisters.get(id) ?? emptyParts()
      canisters.set(id, parts)
      if (name === 'snapshot') collectSnapshot(parts.snapshots, [Number(item), part, of], value, unpack)
      else collect(parts, name, item, value)
    } else throw new Error(`the saved state has an unknown key: ${key}`)
  }
  for (const [number, message] of inOrder(management)) world.management.set(number, message)
  for (const [number, crossing] of inOrder(streams)) world.streams.set(number, crossing)
  // Creation order is id order, but for ids that were asked for by name; the order only decides who runs first.
  for (const [key, parts] of [...canisters].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    restoreCanister(world, key, parts, modules)
  }
  world.unsaved.modules.clear()
}

const emptyParts = (): Parts => ({
  logs: [],
  contexts: [],
  callbacks: [],
  messages: [],
  chunks: [],
  heap: new Map(),
  stable: new Map(),
  snapshots: new Map(),
})

function collect(parts: Parts, name: string, item: string, value: Uint8Array): void {
  switch (name) {
    case 'record':
      parts.record = unpack(value) as SavedRecord
      break
    case 'facts':
      parts.facts = unpack(value) as CanisterLongTermFacts
      break
    case 'logs':
      parts.logs = unpack(value) as LogRecord[]
      break
    case 'context':
      parts.contexts.push(unpack(value) as CallContext)
      break
    case 'callback':
      parts.callbacks.push([Number(item), unpack(value) as Callback])
      break
    case 'message':
      parts.messages.push([Number(item), unpack(value) as Message])
      break
    case 'chunk':
      parts.chunks.push([item, value.slice()])
      break
    case 'heap':
      parts.heap.set(Number(item), value)
      break
    case 'stable':
      parts.stable.set(Number(item), value.slice())
      break
    default:
      throw new Error(`the saved state has an unknown part: ${name}`)
  }
}

/** What states that were saved before these existed mean by leaving them out. */
const LATER_FACTS = { snapshotsMade: 0 }
const laterRecord = (nowNs: bigint) => ({
  chargedNs: nowNs,
  consumed: newConsumption(),
  queryStats: newQueryStats(),
})

function restoreCanister(world: World, key: Key, parts: Parts, modules: ReadonlyMap<Key, Uint8Array>): void {
  const { record, facts } = parts
  if (record === undefined || facts === undefined) throw new Error(`the saved state of canister ${key} is incomplete`)
  const { module, ...state } = record
  const canister = newCanister(idOf(key), {
    ...laterRecord(world.clockNs),
    ...state,
    ...LATER_FACTS,
    ...facts,
    settings: { ...DEFAULT_SETTINGS, ...facts.settings },
  })
  for (const [number, found] of inOrder([...parts.snapshots])) {
    const snapshot = restoredSnapshot(number, found)
    canister.snapshots.set(number, snapshot)
    keepModule(world, modules, snapshot.moduleHash)
  }
  canister.logs = parts.logs
  for (const context of parts.contexts) canister.contexts.set(context.id, context)
  for (const [id, callback] of inOrder(parts.callbacks)) canister.callbacks.set(id, callback)
  for (const [number, message] of inOrder(parts.messages)) canister.queue.set(number, message)
  for (const [hash, chunk] of parts.chunks) canister.chunks.set(hash, chunk)
  if (module !== null) {
    const uploaded = modules.get(module.hash)
    if (uploaded === undefined) throw new Error(`the saved state lacks module ${module.hash}`)
    const stable = new StableMemory()
    stable.restore(module.stablePages, parts.stable)
    canister.instance = new Instance(codeOf(world, uploaded).code, stable)
    canister.instance.restore(module.heapBytes, parts.heap, module.globals)
  }
  world.canisters.set(key, canister)
  for (const [id, { deadlineNs, answered }] of canister.callbacks) {
    if (deadlineNs > 0n && !answered) addDeadline(world, { atNs: deadlineNs, canister: key, callbackId: id })
  }
  for (const { deadlineNs } of canister.stops) addDeadline(world, { atNs: deadlineNs, canister: key, callbackId: null })
}

function keepModule(world: World, modules: ReadonlyMap<Key, Uint8Array>, hash: Key | null): void {
  if (hash === null) return
  const uploaded = modules.get(hash)
  if (uploaded === undefined) throw new Error(`the saved state lacks module ${hash}`)
  codeOf(world, uploaded)
}

const inOrder = <T>(numbered: readonly (readonly [number, T])[]): (readonly [number, T])[] =>
  numbered.toSorted(([a], [b]) => a - b)
