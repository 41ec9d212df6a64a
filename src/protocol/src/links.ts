import { blob, bool, type Infer, named, nat32, nat64, nat8, nul, opt, record, text, update, vec } from './candid.ts'
import { LINK_ARG_BYTES_MAX } from './limits.ts'
import { result } from './refusal-schema.ts'
import { ofPatient } from './shared-types.ts'

/**
 * SMART Health Links (HL7 SMART Health Cards and Links, "SMART Health Links"): a copy of chosen records for somebody without an account, sealed under a key of its own that is
 * only in the link. Records keeps the copy and counts who asks for it over plain HTTPS (`POST /links/<token>`).
 */

export const LinkView = named(
  'Link',
  record({
    /** The first 16 bytes of SHA-256 of the token in the link. */
    linkId: blob,
    /** What its maker calls it, sealed by their client. */
    label: blob,
    madeNs: nat64,
    endNs: nat64,
    /** `why`: of `LINK_END`. Absent while it gives something. */
    ended: opt(named('LinkEnd', record({ atNs: nat64, why: nat8 }))),
    hasPasscode: bool,
    attemptsMax: nat8,
    attemptsLeft: nat8,
    sizeBytes: nat32,
    openings: nat32,
    /** The newest of them, oldest first; `recipient` is what whoever opened it said of themselves. */
    lastOpenings: vec(named('LinkOpening', record({ atNs: nat64, recipient: text }))),
  }),
)
export type LinkView = Infer<typeof LinkView>

export const linkMethods = {
  /**
   * For who may show others the patient's records. At most 20 that live. A repeat with the same token and content is `Ok`.
   */
  makeLink: update(
    record({
      patientId: ofPatient,
      /** SHA-256 of the 32 bytes in the link's address: what is stored opens nothing. */
      tokenHash: blob,
      label: blob,
      /** Where gateways have this canister, for addresses of files: `https://<canister>.icp0.io`. */
      origin: text,
      endNs: nat64,
      /** PBKDF2-HMAC-SHA-256 of the passcode with this salt of 16 bytes (`LINK_PASSCODE_ROUNDS`); 32 bytes. */
      passcode: opt(named('LinkPasscode', record({ salt: blob, verifier: blob, attemptsMax: nat8 }))),
      /** 32 random bytes, by which this canister knows the addresses of files that it has given out. */
      fileKey: blob,
      /** Each a JWE in compact form. */
      files: vec(named('LinkFile', record({ contentType: nat8, jwe: blob }))),
      requestId: blob,
    }),
    result(record({ linkId: blob })),
    LINK_ARG_BYTES_MAX,
  ),
  /** As for shares, those that are over too; the newest 40. */
  links: update(record({ patientId: ofPatient }), result(vec(LinkView)), 128),
  /** From its answer on the link gives nothing, and its content is gone. Twice is once. */
  endLink: update(record({ patientId: ofPatient, linkId: blob, requestId: blob }), result(nul), 256),
} as const
