import {
  BLOOD_GROUPS,
  type EmergencyContact,
  NOTIFICATIONS,
  type Profile,
  type QuietHours,
  SEXES,
  UNIT_SYSTEMS,
  wrongProfile,
} from '@medguard/client'
import { t } from '../words/language.ts'

/** A profile as it stands in the form: an empty text is nothing said. */
export interface ProfileDraft {
  readonly name: string
  readonly birthDate: string
  readonly sex: string
  readonly bloodGroup: string
  readonly language: string
  readonly units: string
  readonly contacts: readonly ContactDraft[]
  /** What the person wants to be told of. */
  readonly notifications: readonly (typeof NOTIFICATIONS)[number][]
  readonly quietHours: QuietDraft
  /** Chosen where they are shown; kept as they are. */
  readonly trends: readonly string[]
}
export interface QuietDraft extends QuietHours {
  readonly isOn: boolean
}
export interface ContactDraft {
  readonly name: string
  readonly phone: string
  readonly relation: string
}
/** By field; contacts as `contact 2 phone`, counted from 1. */
export type ProfileErrors = Readonly<Record<string, string | undefined>>

export const CONTACTS_MAX = 10
/** What is there to change once somebody switches them on. */
const QUIET: QuietHours = { from: '22:00', until: '07:00' }
export const EMPTY_CONTACT: ContactDraft = { name: '', phone: '', relation: '' }

export const draftOf = (profile: Profile): ProfileDraft => ({
  name: profile.name ?? '',
  birthDate: profile.birthDate ?? '',
  sex: profile.sex ?? '',
  bloodGroup: profile.bloodGroup ?? '',
  language: profile.language ?? '',
  units: profile.units ?? '',
  contacts: (profile.emergencyContacts ?? []).map(({ name, phone, relation = '' }) => ({ name, phone, relation })),
  notifications: profile.notifications ?? NOTIFICATIONS,
  quietHours: { ...(profile.quietHours ?? QUIET), isOn: profile.quietHours !== undefined },
  trends: profile.trends ?? [],
})

/** Of several, the one that was chosen; nothing for what is none of them. */
const chosen = <T extends string>(all: readonly T[], value: string): T | undefined => all.find((each) => each === value)

/** Only what somebody said. Everything being told is what it is without a word. */
export function profileOf(draft: ProfileDraft): Profile {
  const [name, language] = [draft.name.trim(), draft.language.trim()]
  const sex = chosen(SEXES, draft.sex)
  const bloodGroup = chosen(BLOOD_GROUPS, draft.bloodGroup)
  const units = chosen(UNIT_SYSTEMS, draft.units)
  const emergencyContacts = draft.contacts.filter((each) => !isEmpty(each)).map(contactOf)
  return {
    ...(name !== '' && { name }),
    ...(draft.birthDate !== '' && { birthDate: draft.birthDate }),
    ...(sex !== undefined && { sex }),
    ...(bloodGroup !== undefined && { bloodGroup }),
    ...(language !== '' && { language }),
    ...(units !== undefined && { units }),
    ...(emergencyContacts.length > 0 && { emergencyContacts }),
    ...(draft.notifications.length < NOTIFICATIONS.length && { notifications: draft.notifications }),
    ...(draft.trends.length > 0 && { trends: draft.trends }),
    ...(draft.quietHours.isOn && { quietHours: { from: draft.quietHours.from, until: draft.quietHours.until } }),
  }
}

function contactOf({ name, phone, relation }: ContactDraft): EmergencyContact {
  const contact = { name: name.trim(), phone: phone.trim() }
  return relation.trim() === '' ? contact : { ...contact, relation: relation.trim() }
}
/** A row that somebody opened and left. */
const isEmpty = (contact: ContactDraft) => Object.values(contact).every((text: string) => text.trim() === '')

/** What cannot be stored as it is: the rules are the client's own. */
export function profileErrors(draft: ProfileDraft): ProfileErrors {
  const profile = profileOf(draft)
  const isWrong = (part: Profile) => wrongProfile(part) !== null
  const errors: Record<string, string | undefined> = {}
  if (profile.name !== undefined && isWrong({ name: profile.name })) errors['name'] = t('profile.nameWrong')
  if (profile.birthDate !== undefined && isWrong({ birthDate: profile.birthDate }))
    errors['birthDate'] = t('profile.birthDateWrong')
  if (profile.language !== undefined && isWrong({ language: profile.language }))
    errors['language'] = t('profile.languageWrong')
  if (profile.quietHours !== undefined && isWrong({ quietHours: profile.quietHours }))
    errors['quietHours'] = t('preferences.quietWrong')
  const seen = new Set<string>()
  for (const [place, each] of draft.contacts.entries()) {
    if (isEmpty(each)) continue
    const number = place + 1
    const { name, phone, relation } = contactOf(each)
    const stands = { name: 'n', phone: '112' }
    const isWrongContact = (change: object) => isWrong({ emergencyContacts: [{ ...stands, ...change }] })
    if (isWrongContact({ name })) errors[contactField(number, 'name')] = t('profile.contactNameWrong', { number })
    if (isWrongContact({ phone })) errors[contactField(number, 'phone')] = t('profile.contactPhoneWrong', { number })
    if (relation !== undefined && isWrongContact({ relation }))
      errors[contactField(number, 'relation')] = t('profile.contactRelationWrong', { number })
    const same = JSON.stringify({ name, phone, relation })
    if (seen.has(same)) errors[contactField(number, 'name')] = t('profile.contactTwice', { number })
    seen.add(same)
  }
  return errors
}
export const contactField = (number: number, part: keyof ContactDraft): string => `contact ${number} ${part}`

/** The stored profile as it is by now, with what was changed here: what somebody changed on another device meanwhile is not taken back. */
export function merged(stored: Profile, before: Profile, wanted: Profile): Profile {
  const fields = new Set([...Object.keys(before), ...Object.keys(wanted)]) as Set<keyof Profile>
  const changed = [...fields].filter((field) => !isSame(before[field], wanted[field]))
  const kept = Object.entries(stored).filter(([field]) => !changed.some((each) => each === field))
  const put = Object.entries(wanted).filter(([field]) => changed.some((each) => each === field))
  return Object.fromEntries([...kept, ...put])
}
export const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)
