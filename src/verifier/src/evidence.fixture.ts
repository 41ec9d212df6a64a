import { Principal } from '@medguard/protocol'
import {
  cosignedText,
  encodeCheckpoint,
  encodeCosignature,
  encodeNote,
  encodeNoteKey,
  NOTE_KEY,
  noteKeyHash,
  originOf,
} from '@medguard/tlog'
import { ed25519 } from '@noble/curves/ed25519'
import { sha256 } from '@noble/hashes/sha2'

/** A witness with a key of its own. */
export function witnessOf(name: string) {
  const secret = sha256(new TextEncoder().encode(name))
  const publicKey = ed25519.getPublicKey(secret)
  const keyHash = noteKeyHash(sha256, name, NOTE_KEY.cosignature, publicKey)
  return {
    name,
    key: encodeNoteKey(sha256, { name, type: NOTE_KEY.cosignature, publicKey }),
    /** The line with which it says that it saw this text. */
    line: (text: string, timeS = 1_800_000_000n) => ({
      name,
      keyHash,
      signature: encodeCosignature(timeS, ed25519.sign(new TextEncoder().encode(cosignedText(timeS, text)), secret)),
    }),
  }
}
export type TestWitness = ReturnType<typeof witnessOf>

/** The note of a log's head, cosigned. */
export function cosignedNote(
  log: Uint8Array,
  head: { readonly size: number; readonly root: Uint8Array },
  witnesses: readonly TestWitness[],
  origin = originOf(Principal.fromUint8Array(log).toText()),
): string {
  const text = encodeCheckpoint({ origin, size: head.size, root: head.root })
  return encodeNote({ text, signatures: witnesses.map((witness) => witness.line(text)) })
}
