/**
 * Checkpoints of a log as signed notes, so that any witness can cosign them without knowing certificates of the Internet Computer
 * (C2SP signed-note, tlog-checkpoint and tlog-cosignature, all v1). Only the formats: whoever checks a signature brings the curve.
 */
import { ascii, COUNT_MAX, equalBytes } from './bytes.ts'
import { fromBase64, toBase64 } from './base64.ts'
import { type Hash, HASH_BYTES } from './tree.ts'

export interface Checkpoint {
  /** Names the log; without spaces, plus signs and line breaks. */
  readonly origin: string
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
}

/** One line below a note. */
export interface NoteSignature {
  readonly name: string
  /** 4 bytes, see `noteKeyHash`. */
  readonly keyHash: Uint8Array
  readonly signature: Uint8Array
}
export interface SignedNote {
  /** With its last line break: what is signed. ASCII. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** C2SP signed-note, "Signature types": Ed25519 over the text, and a cosignature with its time. */
export const NOTE_KEY = { ed25519: 0x01, cosignature: 0x04 } as const
const KEY_BYTES = 32
const KEY_HASH_BYTES = 4
const ED25519_BYTES = 64
const SIGNATURES_MAX = 64
const NAME = /^[!-*,-~]{1,200}$/ // visible ASCII but the plus sign

/** The name of the log that a canister keeps. @param canister its id in text form. */
export const originOf = (canister: string): string => `medguard/log/1/${canister}`

/** @throws RangeError for what is no checkpoint. */
export function encodeCheckpoint({ origin, size, root }: Checkpoint): string {
  if (!NAME.test(origin) || !Number.isSafeInteger(size) || size < 0 || root.length !== HASH_BYTES)
    throw new RangeError('a checkpoint has a name, a size and a root')
  return `${origin}\n${size}\n${toBase64(root)}\n`
}

/** Null for a text that `encodeCheckpoint` never writes: without extension lines. */
export function decodeCheckpoint(text: string): Checkpoint | null {
  const [origin, sizeText, rootText, end, ...more] = text.split('\n')
  if (origin === undefined || sizeText === undefined || rootText === undefined || end !== '' || more.length > 0)
    return null
  const root = fromBase64(rootText)
  const size = /^(0|[1-9][0-9]{0,15})$/.test(sizeText) ? Number(sizeText) : -1
  if (!NAME.test(origin) || size < 0 || size > COUNT_MAX || root?.length !== HASH_BYTES) return null
  return { origin, size, root }
}

/** First 4 bytes of `H(name || 0x0a || type || public key)`. */
export function noteKeyHash(hash: Hash, name: string, type: number, publicKey: Uint8Array): Uint8Array {
  const head = ascii(`${name}\n`)
  const block = new Uint8Array(head.length + 1 + publicKey.length)
  block.set(head)
  block[head.length] = type
  block.set(publicKey, head.length + 1)
  return hash(block).slice(0, KEY_HASH_BYTES)
}

export function encodeNote({ text, signatures }: SignedNote): string {
  const lines = signatures.map(({ name, keyHash, signature }) => {
    const bytes = new Uint8Array(keyHash.length + signature.length)
    bytes.set(keyHash)
    bytes.set(signature, keyHash.length)
    return `\u2014 ${name} ${toBase64(bytes)}\n`
  })
  return `${text}\n${lines.join('')}`
}

/** A note as bytes: UTF-8, of which it has the dashes only. */
export function noteBytes(note: string): Uint8Array {
  const bytes: number[] = []
  for (let i = 0; i < note.length; i++) {
    const code = note.charCodeAt(i)
    if (code === 0x2014) bytes.push(0xe2, 0x80, 0x94)
    else bytes.push(code)
  }
  return Uint8Array.from(bytes)
}

/** Null for what is no signed note. Signatures are only taken apart. */
export function decodeNote(note: string): SignedNote | null {
  const end = note.lastIndexOf('\n\n')
  if (end < 0 || !note.endsWith('\n')) return null
  const lines = note
    .slice(end + 2)
    .split('\n')
    .slice(0, -1)
  if (lines.length === 0 || lines.length > SIGNATURES_MAX) return null
  const signatures: NoteSignature[] = []
  for (const line of lines) {
    const [, name, encoded] = /^\u2014 ([!-*,-~]{1,200}) ([A-Za-z0-9+/=]{1,400})$/.exec(line) ?? []
    const bytes = encoded === undefined ? null : fromBase64(encoded)
    if (name === undefined || bytes === null || bytes.length <= KEY_HASH_BYTES) return null
    signatures.push({ name, keyHash: bytes.slice(0, KEY_HASH_BYTES), signature: bytes.slice(KEY_HASH_BYTES) })
  }
  return { text: note.slice(0, end + 1), signatures }
}

/** A key that a verifier knows: `name+hash+base64(type || key)`. */
export interface NoteKey {
  readonly name: string
  readonly type: number
  readonly publicKey: Uint8Array
  readonly keyHash: Uint8Array
}
export function encodeNoteKey(hash: Hash, { name, type, publicKey }: Omit<NoteKey, 'keyHash'>): string {
  const keyHash = noteKeyHash(hash, name, type, publicKey)
  const hex = Array.from(keyHash, (byte) => byte.toString(16).padStart(2, '0')).join('')
  const bytes = new Uint8Array(1 + publicKey.length)
  bytes[0] = type
  bytes.set(publicKey, 1)
  return `${name}+${hex}+${toBase64(bytes)}`
}
/** Null for what is no key of one of the two types, or whose hash is another's. */
export function decodeNoteKey(hash: Hash, text: string): NoteKey | null {
  const [, name, , encoded] = /^([!-*,-~]{1,200})\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text) ?? []
  const bytes = encoded === undefined ? null : fromBase64(encoded)
  if (name === undefined || bytes?.length !== 1 + KEY_BYTES) return null
  const type = bytes[0]
  if (type !== NOTE_KEY.ed25519 && type !== NOTE_KEY.cosignature) return null
  const publicKey = bytes.slice(1)
  const key = { name, type, publicKey, keyHash: noteKeyHash(hash, name, type, publicKey) }
  return encodeNoteKey(hash, key) === text ? key : null
}

/** What a witness signs: the time of its promise and the checkpoint (C2SP tlog-cosignature, "Format"). ASCII. */
export const cosignedText = (timeS: bigint, text: string): string => `cosignature/v1\ntime ${timeS}\n${text}`

/** A cosignature: `time(8) || Ed25519(64)`. */
export function encodeCosignature(timeS: bigint, signature: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + ED25519_BYTES)
  new DataView(bytes.buffer).setBigUint64(0, timeS)
  bytes.set(signature, 8)
  return bytes
}
/** Null for what is no cosignature. */
export function decodeCosignature(bytes: Uint8Array): { timeS: bigint; signature: Uint8Array } | null {
  if (bytes.length !== 8 + ED25519_BYTES) return null
  return { timeS: new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0), signature: bytes.slice(8) }
}

/** Whether a line claims to be made with a key: by name and hash, as the format asks. */
export const isOfKey = (line: NoteSignature, key: NoteKey): boolean =>
  line.name === key.name && equalBytes(line.keyHash, key.keyHash)
