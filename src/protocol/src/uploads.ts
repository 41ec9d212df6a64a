import { AuthorSignature } from './author-keys.ts'
import { blob, bool, type Infer, named, nat32, nat64, nat8, none, nul, opt, record, update, vec } from './candid.ts'
import { CHUNK_BYTES_MAX, WHOLE_BYTES_MAX } from './limits.ts'
import { result } from './refusal-schema.ts'

/** How a record version comes into the records canister: announced, in chunks, and committed (decision 34). */

export const Place = { patientId: blob, compartmentKind: nat8, cid: blob, grantId: opt(blob) }
export const RecordVersion = { recordId: blob, version: nat32 }
const BodyShape = { chunkCount: nat32, chunkLog2: nat8, sizeBytes: nat64 }

/** What the uploader needs to go on after a restart (keys.md, section 5.1): nothing secret in clear, and nothing that others can compare with a file. */
export const PendingUpload = named(
  'PendingUpload',
  record({
    /** Of the record secret, under the compartment's open key. */
    openWrap: blob,
    /** 32 bytes. */
    streamSalt: blob,
    /** 32 bytes: says to the holder of the secret whether a content is the one that was being sealed. */
    resumeTag: blob,
  }),
)
export type PendingUpload = Infer<typeof PendingUpload>

const Committed = named('Committed', record({ seq: nat32, manifestHash: blob }))

export const uploadMethods = {
  /**
   * Opens an upload of version `version` (1 for a new record), which goes by the request that began it: any other is `IdConflict` while it is there, or takes
   * its place where `anew` says so. `received` has bit i (least significant first) set for chunk i. `category` is what the sender takes the compartment
   * for; `IdConflict` where it is another here.
   */
  begin: update(
    record({
      ...Place,
      ...RecordVersion,
      ...BodyShape,
      requestId: blob,
      pending: opt(PendingUpload),
      category: opt(nat8),
      anew: opt(bool),
    }),
    result(named('Upload', record({ received: blob }))),
    1024,
  ),
  /** The caller's own uploads on their way, at most 16. */
  uploads: update(
    none,
    result(
      vec(
        named('OpenUpload', record({ ...Place, ...RecordVersion, ...BodyShape, touchedNs: nat64, isResumable: bool })),
      ),
    ),
    64,
  ),
  /** Gives an upload's pending wrap back to whoever began it, decided and logged like an opening; `received` as in `begin`. */
  resume: update(
    record({ ...RecordVersion, requestId: blob }),
    result(named('Resumed', record({ pending: PendingUpload, received: blob, leafIndex: nat64, uploadId: opt(blob) }))),
    256,
  ),
  /**
   * The same chunk again is `Ok`, other bytes are `IdConflict`. `uploadId` is the `requestId` of its `begin`: where another upload of the same version, by
   * the same person, has taken its place or been stored, the answer is `Stale`.
   */
  putChunk: update(
    record({ ...RecordVersion, index: nat32, bytes: blob, uploadId: opt(blob) }),
    result(nul),
    CHUNK_BYTES_MAX + 256,
  ),
  /**
   * Makes the version visible, whole. `seq` is its position in the compartment. `author` exactly where the manifest says that there is one. `uploadId` as in
   * `putChunk`.
   */
  commit: update(
    record({
      ...RecordVersion,
      manifest: blob,
      header: blob,
      listWrap: blob,
      openWrap: blob,
      requestId: blob,
      author: opt(AuthorSignature),
      uploadId: opt(blob),
    }),
    result(Committed),
    20_000,
  ),
  /**
   * `begin`, `putChunk` and `commit` of a body of one chunk of at most 64 KiB in one message, so that a small record waits for the network once. Answers as these do; what `commit`
   * refused stays begun under this `requestId`, and `commit` may be called for it.
   */
  store: update(
    record({
      ...Place,
      ...RecordVersion,
      ...BodyShape,
      category: opt(nat8),
      bytes: blob,
      manifest: blob,
      header: blob,
      listWrap: blob,
      openWrap: blob,
      requestId: blob,
      author: opt(AuthorSignature),
    }),
    result(Committed),
    WHOLE_BYTES_MAX + 21_280,
  ),
  /** `Ok` also where there is nothing to give up, or only another upload of the same version. */
  abandon: update(record({ ...RecordVersion, uploadId: opt(blob) }), result(nul), 192),
}
