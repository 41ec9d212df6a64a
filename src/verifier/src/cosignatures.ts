import { ascii } from '@medguard/protocol'
import {
  type Checkpoint,
  cosignedText,
  decodeCheckpoint,
  decodeCosignature,
  decodeNote,
  decodeNoteKey,
  isOfKey,
  NOTE_KEY,
  type NoteKey,
} from '@medguard/tlog'
import { ed25519 } from '@noble/curves/ed25519'
import { sha256 } from '@noble/hashes/sha2'
import { Unsound } from './verdict.ts'

/** Whom to believe that a log has one history only. */
export interface WitnessPolicy {
  /** `name+hash+base64` each, of cosigning keys. */
  readonly keys: readonly string[]
  /** How many of them have to have cosigned. */
  readonly needed: number
}

export interface OpenedNote {
  readonly checkpoint: Checkpoint
  /** Names of the known witnesses that cosigned it, each once. */
  readonly witnesses: readonly string[]
}

/** @throws RangeError for a key that is none of a witness, which is the caller's mistake and not the evidence's. */
export function witnessKeys(texts: readonly string[]): NoteKey[] {
  return texts.map((text) => {
    const key = decodeNoteKey(sha256, text)
    if (key?.type !== NOTE_KEY.cosignature) throw new RangeError(`not the key of a witness: ${text}`)
    return key
  })
}

/**
 * Reads a signed note and checks every line of a known key. Lines of others say nothing, as the format wants.
 *
 * @throws Unsound `BadCosignature` for what is no note of a checkpoint, and for a line under a known key that it has not signed.
 */
export function openNote(note: string, keys: readonly NoteKey[]): OpenedNote {
  const signed = decodeNote(note)
  const checkpoint = signed === null ? null : decodeCheckpoint(signed.text)
  if (signed === null || checkpoint === null) throw new Unsound('BadCosignature', 'a checkpoint is none')
  const witnesses = new Set<string>()
  for (const line of signed.signatures) {
    const key = keys.find((each) => isOfKey(line, each))
    if (key === undefined) continue
    if (!isSigned(key, signed.text, line.signature))
      throw new Unsound('BadCosignature', `${key.name} has not signed the checkpoint that bears its name`)
    witnesses.add(key.name)
  }
  return { checkpoint, witnesses: [...witnesses] }
}

/** Whether a note's text was signed with a key, by the kind of that key. */
export function isSigned(key: NoteKey, text: string, signature: Uint8Array): boolean {
  if (key.type === NOTE_KEY.ed25519) return verifyEd25519(key.publicKey, text, signature)
  const cosignature = decodeCosignature(signature)
  return (
    cosignature !== null && verifyEd25519(key.publicKey, cosignedText(cosignature.timeS, text), cosignature.signature)
  )
}

function verifyEd25519(publicKey: Uint8Array, text: string, signature: Uint8Array): boolean {
  try {
    return ed25519.verify(signature, ascii(text), publicKey, { zip215: false })
  } catch {
    return false // bytes that are no signature
  }
}
