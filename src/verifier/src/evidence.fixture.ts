import { Principal } from '@medguard/protocol'
import { decodeNote, encodeCheckpoint, encodeNote, originOf } from '@medguard/tlog'
import { cosignNote, witnessKeyOf } from './witness.ts'

/** A witness with a key of its own. */
export function witnessOf(name: string) {
  const seed = new Uint8Array(32).fill(name.length)
  seed.set(new TextEncoder().encode(name).subarray(0, 32))
  return { name, seed, key: witnessKeyOf(name, seed) }
}
export type TestWitness = ReturnType<typeof witnessOf>

const TIME_S = 1_800_000_000n
const LOGS_OWN = { name: 'log', keyHash: new Uint8Array(4), signature: new Uint8Array(64) }

/** The note of a log's head, cosigned, and without the log's own signature: evidence needs none. */
export function cosignedNote(
  log: Uint8Array,
  head: { readonly size: number; readonly root: Uint8Array },
  witnesses: readonly TestWitness[],
  origin = originOf(Principal.fromUint8Array(log).toText()),
): string {
  const text = encodeCheckpoint({ origin, size: head.size, root: head.root })
  const own = encodeNote({ text, signatures: [LOGS_OWN] })
  const note = witnesses.reduce((note, { name, seed }) => cosignNote(note, name, seed, TIME_S), own)
  return encodeNote({ text, signatures: decodeNote(note)?.signatures.slice(1) ?? [] })
}
