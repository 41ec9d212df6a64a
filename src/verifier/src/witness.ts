import { ascii } from '@medguard/protocol'
import {
  cosignedText,
  decodeNote,
  encodeCosignature,
  encodeNote,
  encodeNoteKey,
  NOTE_KEY,
  noteKeyHash,
} from '@medguard/tlog'
import { ed25519 } from '@noble/curves/ed25519'
import { sha256 } from '@noble/hashes/sha2'

/** The public key of a witness, as others name it: `name+hash+base64`. @param seed 32 secret bytes. */
export const witnessKeyOf = (name: string, seed: Uint8Array): string =>
  encodeNoteKey(sha256, { name, type: NOTE_KEY.cosignature, publicKey: ed25519.getPublicKey(seed) })

/**
 * The note with one line more: that this witness saw this checkpoint continue every one it cosigned before (C2SP tlog-cosignature). Whether it does is for
 * the caller to have checked.
 *
 * @throws RangeError for what is no note.
 */
export function cosignNote(note: string, name: string, seed: Uint8Array, timeS: bigint): string {
  const signed = decodeNote(note)
  if (signed === null) throw new RangeError('a witness cosigns notes')
  const keyHash = noteKeyHash(sha256, name, NOTE_KEY.cosignature, ed25519.getPublicKey(seed))
  const signature = encodeCosignature(timeS, ed25519.sign(ascii(cosignedText(timeS, signed.text)), seed))
  return encodeNote({ text: signed.text, signatures: [...signed.signatures, { name, keyHash, signature }] })
}
