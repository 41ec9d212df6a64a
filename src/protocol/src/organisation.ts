// What canisters and clients know of organisations alike. Canisters link it: no Candid types here (they are in `trust.ts`).
import { ByteReader, ByteWriter } from './bytes.ts'
import { ID_BYTES, ORG_NAME_CHARS_MAX } from './limits.ts'

/** What somebody is in an organisation, one bit each. `system` is an interface engine or gateway; an administrator sees no record for being one. */
export const ROLE = {
  physician: 1,
  nurse: 2,
  pharmacist: 4,
  laboratory: 8,
  therapist: 16,
  clerk: 32,
  system: 64,
  administrator: 128,
} as const
export type Role = keyof typeof ROLE
export const ROLES = Object.keys(ROLE) as readonly Role[]
/** Who treats people: whom records can be shared with for care, and whom a share with the whole organisation reaches unless it says otherwise. */
export const CLINICAL_ROLES = ROLE.physician | ROLE.nurse | ROLE.pharmacist | ROLE.laboratory | ROLE.therapist
export const rolesIn = (bits: number): Role[] => ROLES.filter((role) => (bits & ROLE[role]) !== 0)

/** By the number that stands for them, from 0. */
export const ORG_KINDS = [
  'hospital',
  'practice',
  'pharmacy',
  'laboratory',
  'insurer',
  'research',
  'authority',
  'other',
] as const
export type OrgKind = (typeof ORG_KINDS)[number]
/** Laboratories and institutions, whose deposits are signed by who makes them (decision 8); in a practice people act for themselves. */
const SIGNING_KINDS: ReadonlySet<OrgKind> = new Set([
  'hospital',
  'pharmacy',
  'laboratory',
  'insurer',
  'research',
  'authority',
])
/** @param kind position in `ORG_KINDS`. */
export function hasToSign(kind: number): boolean {
  const name = ORG_KINDS[kind]
  return name !== undefined && SIGNING_KINDS.has(name)
}

/** Until it is changed. */
export const NO_END_NS = (1n << 64n) - 1n

const ORG_TAG = 0x01
/** The network's mark of principals that nobody can sign as. */
const RESERVED = 0x7f

/** The principal that stands for an organisation wherever a principal is named: `orgId || 01 || 7f`. Nobody can act as it. */
export function orgPrincipal(orgId: Uint8Array): Uint8Array {
  const principal = new Uint8Array(ID_BYTES + 2)
  principal.set(orgId)
  principal[ID_BYTES] = ORG_TAG
  principal[ID_BYTES + 1] = RESERVED
  return principal
}
/** The organisation a raw principal stands for, as a part of it; null for everybody else. */
export function orgIdOf(principal: Uint8Array): Uint8Array | null {
  const isOrg =
    principal.length === ID_BYTES + 2 && principal[ID_BYTES] === ORG_TAG && principal[ID_BYTES + 1] === RESERVED
  return isOrg ? principal.subarray(0, ID_BYTES) : null
}

/**
 * Whether a name can be shown as it is: no control, format or direction characters, no odd spaces. Names that only look alike are the client's matter.
 */
export function isCleanName(name: string): boolean {
  if (name.length < 1 || name.length > ORG_NAME_CHARS_MAX || name.trim() !== name || name.includes('  ')) return false
  for (let i = 0; i < name.length; i++) if (misleads(name.charCodeAt(i))) return false
  return true
}
/** C0, DEL and C1, soft hyphen, marks of direction, invisible and unusual spaces, fillers, variation selectors, private use, tags. */
const MISLEADING: readonly (readonly [first: number, last: number])[] = [
  [0x00, 0x1f],
  [0x7f, 0xa0],
  [0xad, 0xad],
  [0x034f, 0x034f],
  [0x061c, 0x061c],
  [0x115f, 0x1160],
  [0x17b4, 0x17b5],
  [0x180b, 0x180f],
  [0x2000, 0x200f],
  [0x2028, 0x202f],
  [0x205f, 0x206f],
  [0x2800, 0x2800],
  [0x3000, 0x3000],
  [0x3164, 0x3164],
  [0xdb40, 0xdb7f], // high surrogates of tags and private use
  [0xdb80, 0xdbff],
  [0xe000, 0xf8ff],
  [0xfe00, 0xfe0f],
  [0xfeff, 0xfeff],
  [0xffa0, 0xffa0],
  [0xfff0, 0xffff],
]
const misleads = (code: number): boolean => MISLEADING.some(([first, last]) => code >= first && code <= last)

export interface CouncilShape {
  /** Raw principals. */
  readonly members: readonly Uint8Array[]
  readonly threshold: number
}
/** What a council can do, by the byte that stands for it. None of it grants, reads or widens anything. */
export const COUNCIL_ACT = { verify: 1, suspend: 2, reinstate: 3, changeCouncil: 4, setPolicy: 5 } as const
export type CouncilAct =
  | {
      readonly kind: 'verify'
      readonly orgId: Uint8Array
      readonly untilNs: bigint
      /** As the council found them: both canisters verify that very organisation or none. */
      readonly orgKind: number
      readonly registrant: Uint8Array
      readonly name: string
    }
  | { readonly kind: 'suspend' | 'reinstate'; readonly orgId: Uint8Array }
  | { readonly kind: 'changeCouncil'; readonly council: CouncilShape }
  | { readonly kind: 'setPolicy'; readonly invitationRequired: boolean }

/** @param utf8 turns text into bytes. */
export function encodeAct(act: CouncilAct, utf8: (text: string) => Uint8Array): Uint8Array {
  const code = COUNCIL_ACT[act.kind]
  switch (act.kind) {
    case 'verify': {
      const name = utf8(act.name)
      return padded(new ByteWriter(1 + 16 + 8 + 1 + 30 + name.length).u8(code).raw(act.orgId), act.registrant)
        .u64(act.untilNs)
        .u8(act.orgKind)
        .raw(name)
        .done()
    }
    case 'suspend':
    case 'reinstate':
      return new ByteWriter(17).u8(code).raw(act.orgId).done()
    case 'changeCouncil': {
      const writer = new ByteWriter(2 + 30 * act.council.members.length).u8(code).u8(act.council.threshold)
      for (const member of act.council.members) padded(writer, member)
      return writer.done()
    }
    case 'setPolicy':
      return new ByteWriter(2)
        .u8(code)
        .u8(act.invitationRequired ? 1 : 0)
        .done()
  }
}
function padded(writer: ByteWriter, principal: Uint8Array): ByteWriter {
  const filled = new Uint8Array(29)
  filled.set(principal)
  return writer.u8(principal.length).raw(filled)
}

/** @param text turns UTF-8 into text. @returns null for bytes that are no act this version knows. */
export function decodeAct(bytes: Uint8Array, text: (utf8: Uint8Array) => string): CouncilAct | null {
  const reader = new ByteReader(bytes)
  const act = readAct(reader, text)
  return reader.atEnd() ? act : null
}
function readAct(reader: ByteReader, text: (utf8: Uint8Array) => string): CouncilAct | null {
  switch (reader.u8()) {
    case COUNCIL_ACT.verify: {
      const orgId = reader.raw(16)
      const registrant = readPadded(reader)
      const untilNs = reader.u64()
      const orgKind = reader.u8()
      const name = text(reader.raw(Math.max(0, reader.bytes.length - reader.offset)))
      return { kind: 'verify', orgId, untilNs, orgKind, registrant, name }
    }
    case COUNCIL_ACT.suspend:
      return { kind: 'suspend', orgId: reader.raw(16) }
    case COUNCIL_ACT.reinstate:
      return { kind: 'reinstate', orgId: reader.raw(16) }
    case COUNCIL_ACT.changeCouncil: {
      const threshold = reader.u8()
      const members: Uint8Array[] = []
      while (reader.ok && reader.offset < reader.bytes.length) members.push(readPadded(reader))
      return { kind: 'changeCouncil', council: { members, threshold } }
    }
    case COUNCIL_ACT.setPolicy:
      return { kind: 'setPolicy', invitationRequired: reader.u8() === 1 }
    default:
      return null
  }
}
function readPadded(reader: ByteReader): Uint8Array {
  const length = reader.u8()
  if (length > 29) reader.ok = false
  return reader.raw(29).subarray(0, length)
}
