import { blob, bool, type Infer, named, nat64, nat8, none, opt, principal, record, update, vec } from './candid.ts'
import { AUTHORS_PER_CALL_MAX } from './limits.ts'
import { result } from './refusal-schema.ts'

/** A public key with which somebody says that a record is theirs (keys.md, section 5.2). Canisters check no signature: clients do. */
export const AuthorKeyView = named(
  'AuthorKey',
  record({
    /** First 16 bytes of the SHA-256 over algorithm and key (docs/crypto.md). */
    keyId: blob,
    /** 1 Ed25519, 2 P-256. */
    algorithm: nat8,
    publicKey: blob,
    /** Made with the key itself: it is `principal`'s. */
    proof: blob,
    /** Who registered it. It counts for every sign-in of their account. */
    principal,
    fromNs: nat64,
    endNs: opt(nat64),
  }),
)
export type AuthorKeyView = Infer<typeof AuthorKeyView>

export const authorKeyMethods = {
  /** At the caller's own account; at most 8 at a time and 64 ever. The same key again is what it was. */
  addAuthorKey: update(
    record({ algorithm: nat8, publicKey: blob, proof: blob, requestId: blob }),
    result(AuthorKeyView),
    512,
  ),
  /** What was signed and stored before stays signed. A repeat gets the first answer. */
  endAuthorKey: update(record({ keyId: blob, requestId: blob }), result(AuthorKeyView), 128),
  /** The caller's own. */
  authorKeys: update(none, result(vec(AuthorKeyView)), 64),
  /** For whoever read a signed record: at most 100 keys by id, each empty unless it is a key of the account that `depositor` is of. */
  authorsOf: update(
    record({ asked: vec(named('AskedAuthor', record({ keyId: blob, depositor: principal }))) }),
    result(vec(opt(AuthorKeyView))),
    128 + 64 * AUTHORS_PER_CALL_MAX,
  ),
} as const

export const AuthorSignature = named('AuthorSignature', record({ keyId: blob, /** 64 bytes. */ signature: blob }))
export type AuthorSignature = Infer<typeof AuthorSignature>

/** How a version came to be stored, where it was deposited under a grant or signed. */
export const DepositView = named(
  'Deposit',
  record({
    depositor: principal,
    depositedNs: nat64,
    /** Not by the patient or in their place. */
    isUnderGrant: bool,
    /** The organisation through which it came. */
    orgId: opt(blob),
    /** The device that posted it. */
    deviceId: opt(blob),
    author: opt(AuthorSignature),
  }),
)
export type DepositView = Infer<typeof DepositView>
