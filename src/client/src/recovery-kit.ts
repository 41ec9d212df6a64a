import { Ed25519KeyIdentity } from '@dfinity/identity'
import { sha256 } from '@noble/hashes/sha2'

/** Crockford's base32: no I, L, O or U. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const SEED_BYTES = 32
/** 256 bits in letters of five, the last of them filled up with zeros. */
const SEED_LETTERS = 52
/** Twenty bits: of a million mistyped kits one is taken for another, which is then refused as unknown. */
const CHECK_LETTERS = 4
const CHECK_LABEL = new TextEncoder().encode('medguard/1/recovery-kit\0')

export interface RecoveryKit {
  /** To be printed: fourteen groups of four letters. Whoever has it can start a recovery, and do nothing else. */
  readonly text: string
  readonly principal: string
}

/** A new kit, from 32 random bytes; its text is the only copy. */
export function newKit(): RecoveryKit {
  return kitOf(crypto.getRandomValues(new Uint8Array(SEED_BYTES)))
}
export function kitOf(seed: Uint8Array): RecoveryKit {
  const letters = lettersOf(seed, SEED_LETTERS) + lettersOf(checkOf(seed), CHECK_LETTERS)
  const text = letters.match(/.{4}/g)?.join('-') ?? ''
  return { text, principal: Ed25519KeyIdentity.generate(seed).getPrincipal().toText() }
}

/** The 32 bytes of a kit as somebody types it: in any case, with or without dashes, O for 0 and I or L for 1. Null for a text that is none. */
export function readKit(text: string): Uint8Array | null {
  const letters = text.toUpperCase().replaceAll(/[\s-]/g, '').replaceAll('O', '0').replaceAll(/[IL]/g, '1')
  if (letters.length !== SEED_LETTERS + CHECK_LETTERS) return null
  const seed = bytesOf(letters.slice(0, SEED_LETTERS))
  if (seed === null) return null
  return lettersOf(checkOf(seed), CHECK_LETTERS) === letters.slice(SEED_LETTERS) ? seed : null
}

/** Who a kit signs as; null for a text that is none. */
export function identityOfKit(text: string): Ed25519KeyIdentity | null {
  const seed = readKit(text)
  return seed === null ? null : Ed25519KeyIdentity.generate(seed)
}

function checkOf(seed: Uint8Array): Uint8Array {
  const labelled = new Uint8Array(CHECK_LABEL.length + seed.length)
  labelled.set(CHECK_LABEL)
  labelled.set(seed, CHECK_LABEL.length)
  return sha256(labelled)
}

/** The first `count` groups of five bits, with zeros behind the end. */
function lettersOf(bytes: Uint8Array, count: number): string {
  let text = ''
  for (let i = 0; i < count; i++) {
    const bit = 5 * i
    const pair = ((bytes[bit >> 3] ?? 0) << 8) | (bytes[(bit >> 3) + 1] ?? 0)
    text += LETTERS[(pair >> (11 - (bit & 7))) & 31] ?? ''
  }
  return text
}

/** Null for other letters, and for bits behind the end. */
function bytesOf(letters: string): Uint8Array | null {
  const bytes = new Uint8Array(SEED_BYTES)
  let bits = 0
  let held = 0
  let at = 0
  for (const letter of letters) {
    const value = LETTERS.indexOf(letter)
    if (value < 0) return null
    bits = ((bits << 5) | value) & 0xfff
    held += 5
    if (held < 8) continue
    held -= 8
    bytes[at++] = bits >> held
  }
  return at === SEED_BYTES && (bits & ((1 << held) - 1)) === 0 ? bytes : null
}
