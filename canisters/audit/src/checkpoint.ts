import {
  ascii,
  type Checkpoint,
  CYCLES_RESERVE,
  NS_PER_HOUR,
  NS_PER_MINUTE,
  Principal,
  refuse,
  type Result,
} from '@medguard/protocol'
import {
  assert,
  call,
  cycleBalance,
  MANAGEMENT,
  nowNs,
  onTrap,
  type Rows,
  schnorrPublicKeyCall,
  self,
  sha256,
  signWithSchnorrCall,
} from '@medguard/shared'
import { encodeCheckpoint, encodeNote, encodeNoteKey, NOTE_KEY, noteBytes, noteKeyHash, originOf } from '@medguard/tlog'
import type { Log } from './append.ts'

/** 26.15 B cycles is the fee of `key_1`; what is left over comes back. An hourly checkpoint is 313 USD a year (keys.md 19.6). */
const CYCLES_ATTACHED = 30_000_000_000n
const EVERY_NS = NS_PER_HOUR
/** After an attempt that the network did not answer. */
const RETRY_NS = NS_PER_MINUTE
const BUSY_MS = 5_000
const PUBLIC_KEY_BYTES = 32
const SIGNATURE_BYTES = 64
/** SYS_FATAL: stands for an answer of the wrong shape. */
const BAD_REPLY = 1
const KEY_NAME = /^[a-z0-9_]{1,40}$/
/** So that no signature of a checkpoint is ever one of anything else. */
const PATH = [ascii('medguard/checkpoint/1')]

const LAYOUT = 1
const NOTE_AT = 17
const NO_KEY = new Uint8Array(0)
const NAME_ROW = Uint8Array.of(0)
const PUBLIC_KEY_ROW = Uint8Array.of(1)

interface Kept {
  readonly atNs: bigint
  readonly size: number
  /** UTF-8. */
  readonly note: Uint8Array
}

/** Signed checkpoints of the log, for witnesses that know nothing of the Internet Computer. Anybody may ask for one; how often, time and cycles decide. */
export function createCheckpoints({ rows, keyRows, log }: { rows: Rows; keyRows: Rows; log: Log }) {
  let isMaking = false
  let triedNs = 0n
  const keyName = (): string | null => {
    const row = keyRows.get(NAME_ROW)
    return row === undefined ? null : String.fromCharCode(...row)
  }
  const kept = (): Kept | null => {
    const row = rows.get(NO_KEY)
    if (row === undefined) return null
    assert(row[0] === LAYOUT && row.length > NOTE_AT, 'a checkpoint decodes')
    const view = new DataView(row.buffer, row.byteOffset, row.length)
    return { atNs: view.getBigUint64(1), size: Number(view.getBigUint64(9)), note: row.slice(NOTE_AT) }
  }
  const keep = ({ atNs, size, note }: Kept): void => {
    const row = new Uint8Array(NOTE_AT + note.length)
    const view = new DataView(row.buffer)
    row[0] = LAYOUT
    view.setBigUint64(1, atNs)
    view.setBigUint64(9, BigInt(size))
    row.set(note, NOTE_AT)
    rows.set(NO_KEY, row)
  }
  const origin = (): string => originOf(Principal.fromUint8Array(self()).toText())
  const viewOf = ({ note, atNs }: Kept): Checkpoint => {
    const publicKey = keyRows.get(PUBLIC_KEY_ROW)
    assert(publicKey !== undefined, 'what was signed has a key')
    return { note, atNs, key: encodeNoteKey(sha256, { name: origin(), type: NOTE_KEY.ed25519, publicKey }) }
  }

  /** @returns the code of a reject instead, if that is the answer. */
  async function publicKey(keyId: KeyId): Promise<Uint8Array | number> {
    const known = keyRows.get(PUBLIC_KEY_ROW)
    if (known !== undefined) return known
    const outcome = await call(MANAGEMENT, schnorrPublicKeyCall, {
      canister_id: [],
      derivation_path: PATH,
      key_id: keyId,
    })
    if (outcome.kind === 'rejected') return outcome.code
    if (outcome.kind === 'badReply' || outcome.value.public_key.length !== PUBLIC_KEY_BYTES) return BAD_REPLY
    keyRows.set(PUBLIC_KEY_ROW, outcome.value.public_key)
    return outcome.value.public_key
  }
  async function sign(keyId: KeyId): Promise<Kept | number> {
    const key = await publicKey(keyId)
    if (typeof key === 'number') return key
    // The log as it is in this very message, and not as it was before the key was asked for.
    const size = log.size()
    const text = encodeCheckpoint({ origin: origin(), size, root: log.root() })
    const arg = { message: ascii(text), derivation_path: PATH, key_id: keyId }
    const outcome = await call(MANAGEMENT, signWithSchnorrCall, arg, CYCLES_ATTACHED)
    if (outcome.kind === 'rejected') return outcome.code
    const signature = outcome.kind === 'reply' ? outcome.value.signature : NO_KEY
    if (signature.length !== SIGNATURE_BYTES) return BAD_REPLY
    const keyHash = noteKeyHash(sha256, origin(), NOTE_KEY.ed25519, key)
    const note = encodeNote({ text, signatures: [{ name: origin(), keyHash, signature }] })
    const made = { atNs: nowNs(), size, note: noteBytes(note) }
    keep(made)
    return made
  }

  return {
    /** The first name stays: another key would make every witness begin anew. @returns whether it is new. */
    configure(name: string): Result<boolean> {
      if (!KEY_NAME.test(name)) return { Err: refuse.badInput('keyName', 'value') }
      const present = keyName()
      if (present !== null) return present === name ? { Ok: false } : { Err: refuse.idConflict }
      keyRows.set(NAME_ROW, ascii(name))
      return { Ok: true }
    },
    latest(): Checkpoint | null {
      const found = kept()
      return found === null ? null : viewOf(found)
    },
    async make(): Promise<Result<Checkpoint>> {
      const name = keyName()
      if (name === null) return { Err: refuse.notReady }
      const before = kept()
      const isDue = before === null || (before.size < log.size() && nowNs() >= before.atNs + EVERY_NS)
      if (before !== null && !isDue) return { Ok: viewOf(before) }
      if (cycleBalance() < CYCLES_RESERVE) return before === null ? { Err: refuse.lowCycles } : { Ok: viewOf(before) }
      if (isMaking || nowNs() < triedNs + RETRY_NS) return { Err: refuse.busy(BUSY_MS) }
      isMaking = true
      triedNs = nowNs()
      const release = () => {
        isMaking = false
      }
      const forget = onTrap(release)
      const made = await sign({ algorithm: { ed25519: null }, name })
      release()
      forget()
      return typeof made === 'number' ? { Err: refuse.keysUnavailable(made) } : { Ok: viewOf(made) }
    },
  }
}

interface KeyId {
  readonly algorithm: { readonly ed25519: null }
  readonly name: string
}
