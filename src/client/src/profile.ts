import { refusalOf, refuse, type Refusal } from '@medguard/protocol'
import { Fault, type RecordSummary } from './api.ts'

// Who somebody is, as they tell it: a versioned record like any other, sealed like any other. Canisters cannot tell it from the rest.

export const PROFILE_MEDIA_TYPE = 'application/vnd.medguard.profile+json'

/**
 * Whether a record is the profile of whoever the vault is of: what others deposited under that type, or somebody took over from elsewhere, says nothing of them. It is a
 * record like any other.
 */
export const isProfile = ({
  mediaType,
  depositedBy,
  origin,
}: Pick<RecordSummary, 'mediaType' | 'depositedBy' | 'origin'>): boolean =>
  mediaType === PROFILE_MEDIA_TYPE && depositedBy === undefined && (origin === undefined || origin.isOwn === true)

export const SEXES = ['female', 'male', 'other', 'unknown'] as const
export const BLOOD_GROUPS = ['A+', 'A-', 'B+', 'B-', 'AB+', 'AB-', 'O+', 'O-'] as const
export const UNIT_SYSTEMS = ['metric', 'imperial'] as const
export const NOTIFICATIONS = ['recordAdded', 'recordOpened', 'requestMade', 'shareEnding'] as const

export interface EmergencyContact {
  readonly name: string
  readonly phone: string
  readonly relation?: string
}

/** Every field may be absent: nobody has to tell anything. */
export interface Profile {
  readonly name?: string
  /** RFC 3339 full date. */
  readonly birthDate?: string
  /** FHIR R4 `AdministrativeGender`. */
  readonly sex?: (typeof SEXES)[number]
  readonly bloodGroup?: (typeof BLOOD_GROUPS)[number]
  /** BCP 47. */
  readonly language?: string
  readonly units?: (typeof UNIT_SYSTEMS)[number]
  readonly emergencyContacts?: readonly EmergencyContact[]
  /** What the person wants to be told of; absent: everything. */
  readonly notifications?: readonly (typeof NOTIFICATIONS)[number][]
  /** When nothing but matters of security asks for attention; over midnight where `from` is the later. Absent: never. */
  /** Which values over time the person wants to see first, as the page names them: a measure, or a code and its unit. */
  readonly trends?: readonly string[]
  readonly quietHours?: QuietHours
}
/** Times of the day where the reader is, `22:00`. */
export interface QuietHours {
  readonly from: string
  readonly until: string
}

const TEXT_CHARS_MAX = 200
const CONTACTS_MAX = 10
export const PROFILE_TRENDS_MAX = 4
// oxlint-disable-next-line no-control-regex
const MISLEADING = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

type Check = (value: unknown) => boolean
const isText: Check = (value) =>
  typeof value === 'string' &&
  value.trim() !== '' &&
  Array.from(value).length <= TEXT_CHARS_MAX &&
  !MISLEADING.test(value)
const isOneOf =
  (values: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && values.includes(value)
const isPhone: Check = (value) => typeof value === 'string' && /^\+?[0-9][0-9 ()/-]{2,30}$/.test(value)
const isLanguage: Check = (value) => typeof value === 'string' && /^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/.test(value)
const isBirthDate: Check = (value) => {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false
  const ms = Date.parse(`${value}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(value) && ms <= Date.now()
}
const isContact: Check = (value) => {
  if (typeof value !== 'object' || value === null) return false
  const { name, phone, relation, ...others } = value as Partial<Record<string, unknown>>
  return (
    isText(name) && isPhone(phone) && (relation === undefined || isText(relation)) && Object.keys(others).length === 0
  )
}
const TIME = /^([01]\d|2[0-3]):[0-5]\d$/
const isQuietHours: Check = (value) => {
  if (typeof value !== 'object' || value === null) return false
  const { from, until, ...others } = value as Partial<Record<string, unknown>>
  const areTimes = [from, until].every((each) => typeof each === 'string' && TIME.test(each))
  return areTimes && from !== until && Object.keys(others).length === 0
}
const isListOf =
  (check: Check, max: number): Check =>
  (value) =>
    Array.isArray(value) &&
    value.length <= max &&
    value.every(check) &&
    new Set(value.map((each) => JSON.stringify(each))).size === value.length

const CHECKS: Readonly<Record<keyof Profile, Check>> = {
  name: isText,
  birthDate: isBirthDate,
  sex: isOneOf(SEXES),
  bloodGroup: isOneOf(BLOOD_GROUPS),
  language: isLanguage,
  units: isOneOf(UNIT_SYSTEMS),
  emergencyContacts: isListOf(isContact, CONTACTS_MAX),
  trends: isListOf(isText, PROFILE_TRENDS_MAX),
  notifications: isListOf(isOneOf(NOTIFICATIONS), NOTIFICATIONS.length),
  quietHours: isQuietHours,
}

/** Why a profile is not stored as it is; null when it may be. */
export function wrongProfile(profile: Readonly<Record<string, unknown>> | Profile): Refusal | null {
  for (const [field, value] of Object.entries(profile)) {
    if (!Object.hasOwn(CHECKS, field)) return refusalOf(refuse.badInput(field, 'unknown'))
    if (!CHECKS[field as keyof Profile](value)) return refusalOf(refuse.badInput(field, 'format'))
  }
  return null
}

export const encodeProfile = (profile: Profile): Uint8Array => new TextEncoder().encode(JSON.stringify(profile))

/** Fields that a newer version wrote, or that are not what they should be, are left out. @throws Fault `Tampered` for what is no profile at all. */
export function decodeProfile(bytes: Uint8Array): Profile {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new Fault('Tampered', 'the profile is not JSON', { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Fault('Tampered', 'the profile is no object')
  const sound = Object.entries(value).filter(([field, each]) => wrongProfile({ [field]: each }) === null)
  return Object.fromEntries(sound)
}
