import { EVENT, fromHex, LOG_SOURCE, toHex } from '@medguard/protocol'
import type { Rows } from '@medguard/shared'
import { foldOf, type Hash, nodeHash } from '@medguard/tlog'
import { createLog } from './append.ts'
import { decodeStoredLeaf } from './codec.ts'
import { leafInput } from './leaves.fixture.ts'
import { checkBatch } from './rules.ts'
import { createAuditStore, ROWS } from './store.ts'

const BATCH = 100
export const PATIENTS = 1_000
const ACTORS = 300
const MESSAGE_BYTES = 1_800_000

export interface LargeLog {
  /** Adds leaves until there are `size`. @yields what they wrote: rows as `key length u8 || key || value length u16 || value`. */
  fill(size: number): Generator<Uint8Array, void, undefined>
  /** The number of the next leaf that a source sends. */
  nextSeq(source: number): bigint
  /** Root over all leaves, by the definition (RFC 6962, section 2.1). */
  root(): Uint8Array
}

/**
 * The rows of a log of any length: the store's own code writes them, in this process instead of in the canister, which would take half an hour for a
 * million. `PATIENTS` people are enrolled by consent; then records adds leaf after leaf, in their chains by turns.
 *
 * @param reader may read all chains.
 */
export function createLargeLog(hash: Hash, canisterId: Uint8Array, reader: Uint8Array): LargeLog {
  /** All but leaves and tiles, which are written once and never read here. */
  const kept = new Map<string, Uint8Array>()
  const leafHashes: Uint8Array[] = []
  let out: Uint8Array[] = []
  let outBytes = 0
  const send = (key: Uint8Array, value: Uint8Array) => {
    const row = new Uint8Array(3 + key.length + value.length)
    row[0] = key.length
    row.set(key, 1)
    row[1 + key.length] = value.length >>> 8
    row[2 + key.length] = value.length
    row.set(value, 3 + key.length)
    out.push(row)
    outBytes += row.length
  }
  const rows: Rows = {
    get: (key) => kept.get(toHex(key)),
    has: (key) => kept.has(toHex(key)),
    set(key, value) {
      if (key[0] === ROWS.leaf) leafHashes.push(decodeStoredLeaf(value)?.leafHash.slice() ?? new Uint8Array())
      if (key[0] === ROWS.leaf || key[0] === ROWS.tile) send(key, value)
      else kept.set(toHex(key), value.slice())
    },
    overwrite: (key, value) => rows.set(key, value),
    delete: (key) => void kept.delete(toHex(key)),
  }
  const store = createAuditStore(rows)
  const log = createLog({ store, hash, fold: foldOf(hash), certify: () => {} })
  store.setSystemKey(new Uint8Array(32).fill(7))
  log.begin(canisterId, 0n)

  const addSome = (source: number, leafOf: (seq: number) => Uint8Array, count: number) => {
    const { next } = log.source(source)
    const leaves = Array.from({ length: count }, (_, i) => leafOf(Number(next) + i))
    const batch = checkBatch(source, next, leaves)
    if ('refusal' in batch) throw new Error('the log takes these leaves')
    log.append(source, batch.leaves, 1n)
  }
  function* fill(size: number): Generator<Uint8Array, void, undefined> {
    while (log.size() < size) {
      const count = Math.min(BATCH, size - log.size())
      if (log.size() < PATIENTS) addSome(LOG_SOURCE.consent, (seq) => enrolment(seq, reader), count)
      else addSome(LOG_SOURCE.records, (seq) => addedRecord(seq, seq), count)
      if (outBytes > MESSAGE_BYTES) yield taken()
    }
    for (const [key, value] of kept) {
      send(fromHex(key) ?? new Uint8Array(), value)
      if (outBytes > MESSAGE_BYTES) yield taken()
    }
    yield taken()
  }
  const taken = (): Uint8Array => {
    const bytes = new Uint8Array(outBytes)
    let at = 0
    for (const row of out) {
      bytes.set(row, at)
      at += row.length
    }
    out = []
    outBytes = 0
    return bytes
  }
  return {
    fill,
    nextSeq: (source) => log.source(source).next,
    root: () => rootByDefinition(hash, leafHashes, 0, leafHashes.length),
  }
}

/** Bytes as ids have them: no two alike, and nothing to see in them. */
const idOf = (n: number, sizeBytes: number) =>
  Uint8Array.from({ length: sizeBytes }, (_, i) => {
    const mixed = Math.imul(n + 1, 0x9e37_79b1) ^ Math.imul(i + 1, 0x85eb_ca6b)
    return Math.imul(mixed ^ (mixed >>> 15), 0xc2b2_ae35) >>> 24
  })
const PATIENT_IDS = Array.from({ length: PATIENTS }, (_, n) => idOf(n, 16))
const ACTOR_IDS = Array.from({ length: ACTORS }, (_, n) => idOf(n, 29))
export const patientOf = (n: number): Uint8Array => PATIENT_IDS[n % PATIENTS] as Uint8Array
const actorOf = (n: number): Uint8Array => ACTOR_IDS[(n * 7) % ACTORS] as Uint8Array

const enrolment = (seq: number, reader: Uint8Array) =>
  leafInput(BigInt(seq), {
    event: EVENT.enrol,
    patientId: patientOf(seq),
    actor: reader,
    auditKey: new Uint8Array(32).fill(seq),
    fields: patientOf(seq),
  })
/** A record that somebody added to the vault of patient `n`. */
export const addedRecord = (seq: number, n: number): Uint8Array =>
  leafInput(BigInt(seq), {
    source: LOG_SOURCE.records,
    event: EVENT.recordAdd,
    patientId: patientOf(n),
    actor: actorOf(n),
    objectId: patientOf(n + 1),
    fields: new Uint8Array(52).fill(n),
  })

function rootByDefinition(hash: Hash, hashes: readonly Uint8Array[], start: number, end: number): Uint8Array {
  if (end - start === 1) return hashes[start] ?? new Uint8Array()
  let width = 1
  while (2 * width < end - start) width *= 2
  const middle = start + width
  return nodeHash(hash, rootByDefinition(hash, hashes, start, middle), rootByDefinition(hash, hashes, middle, end))
}
