import type { AuthorSigner } from '@medguard/crypto'
import type { Outcome } from './api.ts'

// Who says that a record is theirs, by a signature that clients check (docs/crypto.md, "Author signatures").

/** What the author's signature on a record says. `wrong` is never shown as anybody's: the record does not open. */
export type Signature =
  /** `isExpected`: it came through a laboratory or an institution, which has to sign. */
  | { readonly kind: 'unsigned'; readonly isExpected: boolean }
  | (SignedBy & { readonly kind: 'signed' })
  /** Made with a key that its owner had ended before: whoever had it may be somebody else. */
  | (SignedBy & { readonly kind: 'keyEnded'; readonly keyUntilNs: bigint })
  | { readonly kind: 'wrong' }
  /** This platform cannot check that kind of key. */
  | { readonly kind: 'unchecked'; readonly by: string }

export interface SignedBy {
  /** Principal who deposited it, whose account the key is registered at. */
  readonly by: string
  /** Hexadecimal. */
  readonly keyId: string
  readonly keyFromNs: bigint
  /** By the network's clock. */
  readonly depositedNs: bigint
  /** Organisation through which it came, or null. */
  readonly orgId: string | null
}

/** Keeps the key that this device signs records with, for one person. */
export interface AuthorKeeper {
  read(): Promise<AuthorSigner | null>
  /** Makes one where there is none. */
  make(): Promise<AuthorSigner>
  remove(): Promise<void>
}

/** A key that one signs records with. */
export interface AuthorKeyInfo {
  readonly keyId: string
  readonly algorithm: 'Ed25519' | 'P-256'
  /** Principal who registered it. */
  readonly registeredBy: string
  readonly fromNs: bigint
  /** Null while it is in force. */
  readonly endNs: bigint | null
  /** Whether it is the one that this device signs with. */
  readonly isHere: boolean
}

export interface AuthorMethods {
  /** All that one ever registered, oldest first. */
  authorKeys(): Promise<Outcome<readonly AuthorKeyInfo[]>>
  /** From now on this device signs what it stores, with a key of its own that is made where there is none. Safe to repeat. */
  addAuthorKey(): Promise<Outcome<AuthorKeyInfo>>
  /** What was stored before stays signed. The key of this device is removed from it. Safe to repeat. */
  endAuthorKey(keyId: string): Promise<Outcome<AuthorKeyInfo>>
}
