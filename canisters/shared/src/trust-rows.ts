import { ByteReader, ByteWriter, NO_END_NS, ROLE } from '@medguard/protocol'
import { bytes, flag, principal, u32, u64, u8 } from './collections/fields.ts'
import { type RowCodec, rowOf } from './collections/rows.ts'
import { hasCome } from './horizon.ts'

// Rows of the trust book: layout in byte 0, total decoders. What decisions turn on stands in front, at places of its own, and is read without the rest.

const LAYOUT = 1

export interface StoredOrganisation {
  readonly isSuspended: boolean
  /** Zero before the first verification; so are the next two. */
  readonly verifiedUntilNs: bigint
  readonly verifiedNs: bigint
  /** Id of the council's act. */
  readonly verifiedBy: Uint8Array
  readonly registeredNs: bigint
  readonly registrant: Uint8Array
  readonly kind: number
  /** Invited, active and suspended ones. */
  readonly members: number
  /** Administrators without an end: there is always one. */
  readonly lastingAdministrators: number
  /** UTF-8. */
  readonly name: Uint8Array
}
type Fixed = Omit<StoredOrganisation, 'name'>
const FIXED: RowCodec<Fixed> = rowOf(LAYOUT, {
  isSuspended: flag,
  verifiedUntilNs: u64,
  verifiedNs: u64,
  verifiedBy: bytes(16),
  registeredNs: u64,
  registrant: principal,
  kind: u8,
  members: u32,
  lastingAdministrators: u32,
})
const FIXED_BYTES = 1 + 1 + 8 + 8 + 16 + 8 + 30 + 1 + 4 + 4

/** The fixed fields, then the name. */
export const ORGANISATION: RowCodec<StoredOrganisation> = {
  encode(organisation) {
    const row = new Uint8Array(FIXED_BYTES + organisation.name.length)
    row.set(FIXED.encode(organisation))
    row.set(organisation.name, FIXED_BYTES)
    return row
  },
  decode(row) {
    const fixed = FIXED.decode(row.subarray(0, FIXED_BYTES))
    return fixed === null ? null : { ...fixed, name: row.subarray(FIXED_BYTES) }
  },
}
/** Whether an organisation is verified and not suspended. A row that is not there stands for one that is not. */
export function isInForce(row: Uint8Array | undefined, nowNs: bigint): boolean {
  const known = row ?? NO_ROW
  return known[1] === 0 && !hasCome(new DataView(known.buffer, known.byteOffset).getBigUint64(2), nowNs)
}
/** Until when `isInForce` holds if nobody changes the row; 0 where it does not hold. */
export function inForceUntil(row: Uint8Array | undefined, nowNs: bigint): bigint {
  const known = row ?? NO_ROW
  return isInForce(known, nowNs) ? new DataView(known.buffer, known.byteOffset).getBigUint64(2) : 0n
}
const NO_ROW = new Uint8Array(FIXED_BYTES)

/** What became of a member, as bits. Active is `accepted` and nothing else. */
export const MEMBER = { accepted: 1, suspended: 2, removed: 4 } as const
export interface StoredMember {
  /** Of `MEMBER`; none: invited. */
  readonly flags: number
  /** Of `ROLE`. */
  readonly roles: number
  readonly validUntilNs: bigint
  readonly sinceNs: bigint
  readonly setBy: Uint8Array
}
export const STORED_MEMBER: RowCodec<StoredMember> = rowOf(LAYOUT, {
  flags: u8,
  roles: u8,
  validUntilNs: u64,
  sinceNs: u64,
  setBy: principal,
})
/** The roles that a member's row gives now: none for whoever is invited, suspended, removed or over, and for whoever has no row. */
export function rolesNow(row: Uint8Array | undefined, nowNs: bigint): number {
  const known = row ?? NO_ROW
  const isActive =
    known[1] === MEMBER.accepted && !hasCome(new DataView(known.buffer, known.byteOffset).getBigUint64(3), nowNs)
  return isActive ? (known[2] ?? 0) : 0
}
/** Until when `rolesNow` gives what it gives now if nobody changes the row. */
export const rolesUntil = (row: Uint8Array): bigint => new DataView(row.buffer, row.byteOffset).getBigUint64(3)
export const isActive = ({ flags, validUntilNs }: StoredMember, nowNs: bigint): boolean =>
  flags === MEMBER.accepted && nowNs < validUntilNs
/** Whether an organisation can count on this administrator. */
export const isLastingAdministrator = ({ flags, roles, validUntilNs }: StoredMember): boolean =>
  flags === MEMBER.accepted && (roles & ROLE.administrator) !== 0 && validUntilNs === NO_END_NS

/** Of one person: how many organisations they registered, and the ids of those they are a member of. `1 || registered u8 || n × orgId`. */
export interface StoredPerson {
  readonly registered: number
  /** Behind one another. */
  readonly orgIds: Uint8Array
}
export const PERSON: RowCodec<StoredPerson> = {
  encode: ({ registered, orgIds }) => new ByteWriter(2 + orgIds.length).u8(LAYOUT).u8(registered).raw(orgIds).done(),
  decode: (row) =>
    row[0] === LAYOUT && row.length >= 2 && (row.length - 2) % 16 === 0
      ? { registered: row[1] ?? 0, orgIds: row.subarray(2) }
      : null,
}
export const NOBODY: StoredPerson = { registered: 0, orgIds: new Uint8Array(0) }

/** A list of raw principals: `count u8`, then a length and 29 bytes each. */
export function writePrincipals(writer: ByteWriter, principals: readonly Uint8Array[]): ByteWriter {
  writer.u8(principals.length)
  for (const each of principals) {
    const padded = new Uint8Array(29)
    padded.set(each)
    writer.u8(each.length).raw(padded)
  }
  return writer
}
export const principalsSize = (principals: readonly Uint8Array[]): number => 1 + 30 * principals.length
export function readPrincipals(reader: ByteReader): Uint8Array[] {
  const principals: Uint8Array[] = []
  for (let left = reader.u8(); left > 0; left--) {
    const length = reader.u8()
    if (length < 1 || length > 29) reader.ok = false
    principals.push(reader.raw(29).subarray(0, length))
  }
  return principals
}

/** Who invited somebody that has not answered: `1 || n × orgId`, oldest first. */
export const WAITING: RowCodec<Uint8Array> = {
  encode: (orgIds) => new ByteWriter(1 + orgIds.length).u8(LAYOUT).raw(orgIds).done(),
  decode: (row) => (row[0] === LAYOUT && row.length % 16 === 1 ? row.subarray(1) : null),
}
