import { ID_BYTES } from '@medguard/protocol'
import {
  asIs,
  bytes,
  createRows,
  idsIn,
  keyOf,
  positionOfId,
  principal,
  type RowCodec,
  rowOf,
  type Rows,
  section,
  u64,
} from '@medguard/shared'

/** A key with which an account's holder says that records are theirs. */
export interface AuthorKey {
  readonly algorithm: number
  readonly publicKey: Uint8Array
  /** 64 bytes, which only clients check. */
  readonly proof: Uint8Array
  /** Whose account it is of. */
  readonly patientId: Uint8Array
  /** Who registered it. */
  readonly principal: Uint8Array
  readonly fromNs: bigint
  /** 0 while it is in force. */
  readonly endNs: bigint
}

const id = bytes(ID_BYTES)
const REST = { proof: bytes(64), patientId: id, principal, fromNs: u64, endNs: u64 }
/** By algorithm, whose keys have a length each. */
const OF_ED25519 = rowOf(1, { publicKey: bytes(32), ...REST })
const OF_P256 = rowOf(2, { publicKey: bytes(65), ...REST })
const AUTHOR_KEY: RowCodec<AuthorKey> = {
  encode: ({ algorithm, ...key }) => (algorithm === 1 ? OF_ED25519 : OF_P256).encode(key),
  decode(row) {
    const key = row[0] === 1 ? OF_ED25519.decode(row) : OF_P256.decode(row)
    return key === null ? null : { ...key, algorithm: row[0] ?? 0 }
  },
}

/** Keys by their ids, and of each account the ids of its keys in the order they came. Keys stay: what they signed is others' to check. */
export function createAuthorKeyBook(rows: Rows) {
  const keys = createRows(section(rows, 0), { key: keyOf({ keyId: id }), row: AUTHOR_KEY })
  const ofAccount = createRows(section(rows, 1), { key: asIs, row: { encode: asIs, decode: (row) => row } })
  const book = {
    get: (keyId: Uint8Array): AuthorKey | undefined => keys.get({ keyId }),
    /** Ids of all that an account ever had. */
    idsOf: (patientId: Uint8Array): Uint8Array[] => idsIn(ofAccount.get(patientId) ?? NONE),
    /** The key of that id, if the account has it. */
    ofAccount: (patientId: Uint8Array, keyId: Uint8Array): AuthorKey | undefined =>
      positionOfId(ofAccount.get(patientId) ?? NONE, keyId) < 0 ? undefined : keys.get({ keyId }),
    add(keyId: Uint8Array, key: AuthorKey): void {
      const before = ofAccount.get(key.patientId) ?? NONE
      const after = new Uint8Array(before.length + ID_BYTES)
      after.set(before)
      after.set(keyId, before.length)
      keys.set({ keyId }, key)
      ofAccount.set(key.patientId, after)
    },
    end(keyId: Uint8Array, key: AuthorKey, endNs: bigint): AuthorKey {
      const ended = { ...key, endNs }
      keys.set({ keyId }, ended)
      return ended
    },
    /** Of an account that is erased: its keys end, and stay with who registered them, since the records they signed are others'. */
    forget(patientId: Uint8Array, endNs: bigint): void {
      for (const keyId of book.idsOf(patientId)) {
        const key = book.get(keyId)
        if (key !== undefined) keys.set({ keyId }, { ...key, patientId: NOBODY, endNs: key.endNs || endNs })
      }
      ofAccount.delete(patientId)
    },
  }
  return book
}
export type AuthorKeyBook = ReturnType<typeof createAuthorKeyBook>

const NONE = new Uint8Array(0)
/** In place of an account that is gone. */
const NOBODY = new Uint8Array(ID_BYTES)
