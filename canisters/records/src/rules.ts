import {
  AUTHOR_SIGNATURE_BYTES,
  type CapsuleHead,
  type CapsuleStep,
  decodeManifest,
  decodeWrap,
  isHeaderBlob,
  type Manifest,
} from '@medguard/crypto/verify'
import {
  type AuthorSignature,
  BYTES_ANNOUNCED_UNDER_GRANT_MAX,
  BYTES_OF_OWNER_ALONE,
  BYTES_PER_ACCOUNT_MAX,
  BYTES_STORED_MAX,
  BYTES_UNDER_GRANT_MAX,
  CHUNK_LOG2_MAX,
  CHUNK_LOG2_MIN,
  CHUNK_TAG_BYTES,
  CHUNKS_MAX,
  equalBytes,
  ID_BYTES,
  OPEN_UPLOADS_MAX,
  RECORD_BYTES_MAX,
  RECORDS_OF_OWNER_ALONE,
  RECORDS_PER_ACCOUNT_MAX,
  refuse,
  type RefusalArm,
  RESUME_TAG_BYTES,
  STREAM_SALT_BYTES,
  WRAP_BYTES,
} from '@medguard/protocol'
import type { Pending, Upload, Usage } from './codec.ts'
import type { Place, VersionId, Wraps } from './lists.ts'

/** Every decision of this canister, as functions of facts. Whoever calls gathers the facts again after each `await` (R5). */

export function wrongIds(ids: Readonly<Record<string, Uint8Array | null>>): RefusalArm | null {
  for (const field in ids) {
    const id = ids[field]
    if (id !== null && id?.length !== ID_BYTES) return refuse.badInput(field, 'length')
  }
  return null
}

export function hasDouble(ids: readonly VersionId[]): boolean {
  const seen = new Set<string>()
  // Letters of the bytes: hexadecimal ones take ten times as long to make.
  for (const { recordId, version } of ids) seen.add(`${String.fromCharCode(...recordId)} ${version}`)
  return seen.size < ids.length
}

/** Whether the sizes of a body fit together and within the limits. */
export function wrongBody(body: { chunkCount: number; chunkLog2: number; sizeBytes: bigint }): RefusalArm | null {
  const { chunkCount, chunkLog2, sizeBytes } = body
  if (chunkLog2 < CHUNK_LOG2_MIN || chunkLog2 > CHUNK_LOG2_MAX) return refuse.badInput('chunkLog2', 'range')
  if (chunkCount < 1 || chunkCount > CHUNKS_MAX) return refuse.badInput('chunkCount', 'range')
  const whole = BigInt(2 ** chunkLog2 + CHUNK_TAG_BYTES)
  const before = whole * BigInt(chunkCount - 1)
  // Only a body without content ends in an empty chunk.
  const leastBytes = BigInt(chunkCount === 1 ? CHUNK_TAG_BYTES : CHUNK_TAG_BYTES + 1)
  const isLastSound = sizeBytes >= before + leastBytes && sizeBytes <= before + whole
  if (!isLastSound) return refuse.badInput('sizeBytes', 'range')
  const plaintextBytes = sizeBytes - BigInt(chunkCount * CHUNK_TAG_BYTES)
  return plaintextBytes > BigInt(RECORD_BYTES_MAX) ? refuse.tooLarge(RECORD_BYTES_MAX) : null
}

/** What came under the same grant, or from the same device. */
export interface SentUnder {
  readonly stored: Usage
  /** What the caller has announced there. */
  readonly announcedBytes: bigint
  readonly versionsMax: number
}

/** Whether a vault has room for one more version of that size, and this canister with it. */
export function refuseRoom(
  sizeBytes: bigint,
  used: {
    readonly openUploads: number
    /** With what uploads on their way will need. */
    readonly ofPatient: Usage
    /** What is there: a promise of bytes takes no room from others. */
    readonly storedBytes: bigint
    /** Null for the owner and who acts in their place. */
    readonly underGrant: SentUnder | null
  },
): RefusalArm | null {
  if (used.underGrant !== null && isFullForSenders(sizeBytes, used.ofPatient, used.underGrant)) return refuse.full
  const isFull =
    used.openUploads >= OPEN_UPLOADS_MAX ||
    used.ofPatient.versions >= RECORDS_PER_ACCOUNT_MAX ||
    used.ofPatient.sizeBytes + sizeBytes > BYTES_PER_ACCOUNT_MAX ||
    used.storedBytes + sizeBytes > BYTES_STORED_MAX
  return isFull ? refuse.full : null
}

/** Nobody else takes all of a vault, nor much of it by promising: the owner cannot make room, since what is deleted counts on. */
function isFullForSenders(
  sizeBytes: bigint,
  { versions, sizeBytes: vaultBytes }: Usage,
  { stored, announcedBytes, versionsMax }: SentUnder,
): boolean {
  return (
    stored.versions >= versionsMax ||
    stored.sizeBytes + sizeBytes > BYTES_UNDER_GRANT_MAX ||
    announcedBytes + sizeBytes > BYTES_ANNOUNCED_UNDER_GRANT_MAX ||
    versions >= RECORDS_PER_ACCOUNT_MAX - RECORDS_OF_OWNER_ALONE ||
    vaultBytes + sizeBytes > BYTES_PER_ACCOUNT_MAX - BYTES_OF_OWNER_ALONE
  )
}

/** Whether what would let an upload be taken up again has the right shape. */
export function refusePending({ openWrap, streamSalt, resumeTag }: Pending): RefusalArm | null {
  if (streamSalt.length !== STREAM_SALT_BYTES || resumeTag.length !== RESUME_TAG_BYTES)
    return refuse.badInput('pending', 'length')
  const wrap = decodeWrap(openWrap)
  const isSound = openWrap.length === WRAP_BYTES && wrap.ok && wrap.value.tier === 'open'
  return isSound ? null : refuse.badInput('pending', 'format')
}

export const isSamePending = (a: Pending, b: Pending | undefined): boolean =>
  b !== undefined &&
  equalBytes(a.openWrap, b.openWrap) &&
  equalBytes(a.streamSalt, b.streamSalt) &&
  equalBytes(a.resumeTag, b.resumeTag)

export interface CommitFacts {
  readonly id: VersionId
  readonly upload: Upload
  /** Manifest hash of the version before, or null. */
  readonly previous: Uint8Array | null
}

/** What a commit brings, if it fits the upload and is well formed; the content itself nobody here can read. */
export function readCommit(
  arg: Wraps & { readonly manifest: Uint8Array; readonly header: Uint8Array; readonly author: [] | [AuthorSignature] },
  facts: CommitFacts,
): WrapsHead | { readonly refusal: RefusalArm } {
  const decoded = decodeManifest(arg.manifest)
  if (!decoded.ok) return { refusal: refuse.badInput('manifest', 'format') }
  const field = foreignField(decoded.value, facts)
  if (field !== null) return { refusal: refuse.badInput(field, 'differs') }
  const wrongAuthor = refuseAuthor(decoded.value, arg.author[0])
  if (wrongAuthor !== null) return { refusal: wrongAuthor }
  if (!isHeaderBlob(arg.header)) return { refusal: refuse.badInput('header', 'format') }
  return wrapEpoch(arg)
}

/** A manifest says whether its author signed it, and so it is or is not; the signature itself only readers check. */
function refuseAuthor({ isAuthorSigned }: Manifest, author: AuthorSignature | undefined): RefusalArm | null {
  if (isAuthorSigned !== (author !== undefined)) return refuse.badInput('author', 'differs')
  if (author === undefined) return null
  const isSound = author.keyId.length === ID_BYTES && author.signature.length === AUTHOR_SIGNATURE_BYTES
  return isSound ? null : refuse.badInput('author', 'length')
}

/** The first field in which a manifest is not that of the upload. */
function foreignField(manifest: Manifest, { id, upload, previous }: CommitFacts): string | null {
  if (!equalBytes(manifest.recordId, id.recordId) || manifest.version !== id.version) return 'recordId'
  if (!equalBytes(manifest.patientId, upload.patientId)) return 'patientId'
  const isHome =
    manifest.homeCompartmentKind === upload.compartmentKind && equalBytes(manifest.homeCompartmentId, upload.cid)
  if (!isHome) return 'cid'
  const sizeBytes = BigInt(manifest.paddedBytes + manifest.chunkCount * CHUNK_TAG_BYTES)
  const { chunkCount, chunkLog2 } = manifest
  if (chunkCount !== upload.chunkCount || chunkLog2 !== upload.chunkLog2 || sizeBytes !== upload.sizeBytes)
    return 'chunkCount'
  return equalBytes(manifest.previousManifestHash, previous ?? new Uint8Array(32)) ? null : 'previousManifestHash'
}

/** Whether a capsule is to the compartment where it is to be kept. */
export const isCapsuleOf = ({ place }: CapsuleHead, to: Place): boolean =>
  place.compartmentKind === to.compartmentKind &&
  equalBytes(place.patientId, to.patientId) &&
  equalBytes(place.compartmentId, to.cid)

export interface WrapsHead {
  readonly epoch: number
  /** The step of a capsule that they are under; null under the compartment's keys. */
  readonly capsule: CapsuleStep | null
}

/** The one epoch of both wraps, at least 1, and what they are under. */
export function wrapEpoch({ listWrap, openWrap }: Wraps): WrapsHead | { readonly refusal: RefusalArm } {
  const list = decodeWrap(listWrap)
  const open = decodeWrap(openWrap)
  if (!list.ok || !open.ok || list.value.tier !== 'list' || open.value.tier !== 'open')
    return { refusal: refuse.badInput('wraps', 'format') }
  const { epoch, capsule } = list.value
  const other = open.value.capsule
  const isSame =
    epoch === open.value.epoch &&
    (capsule === null || other === null
      ? capsule === other
      : capsule.step === other.step && equalBytes(capsule.capsuleId, other.capsuleId))
  return isSame ? { epoch, capsule } : { refusal: refuse.badInput('wraps', 'differs') }
}
