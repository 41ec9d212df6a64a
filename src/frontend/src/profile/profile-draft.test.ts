import type { Profile } from '@medguard/client'
import { describe, expect, it } from 'vitest'
import { contactField, draftOf, EMPTY_CONTACT, merged, profileErrors, profileOf } from './profile-draft.ts'

const FULL: Profile = {
  name: 'Ada Nováková',
  birthDate: '1980-02-29',
  sex: 'female',
  bloodGroup: 'AB-',
  language: 'cs',
  units: 'metric',
  emergencyContacts: [{ name: 'Jan', phone: '+420 601 000 000', relation: 'son' }],
  notifications: ['recordOpened'],
  quietHours: { from: '22:30', until: '06:00' },
  trends: ['glucose', '4548-4 %'],
}

describe('a profile in its form', () => {
  it('comes back as it was, and as nothing when nothing was said', () => {
    expect(profileOf(draftOf(FULL))).toEqual(FULL)
    expect(profileOf(draftOf({}))).toEqual({})
    expect(profileErrors(draftOf(FULL))).toEqual({})
  })

  it('names each field that cannot be stored', () => {
    const draft = {
      ...draftOf(FULL),
      birthDate: '2999-01-01',
      language: 'Czech language',
      quietHours: { isOn: true, from: '07:00', until: '07:00' },
      contacts: [
        { name: ' ', phone: 'ask Jan', relation: '' },
        EMPTY_CONTACT,
        { name: 'Eva', phone: '112', relation: '' },
        { name: 'Eva', phone: '112', relation: '' },
      ],
    }
    expect(Object.keys(profileErrors(draft)).toSorted()).toEqual(
      [
        'birthDate',
        contactField(1, 'name'),
        contactField(1, 'phone'),
        contactField(4, 'name'),
        'language',
        'quietHours',
      ].toSorted(),
    )
  })

  it('keeps what another device changed meanwhile', () => {
    const there: Profile = { ...FULL, bloodGroup: 'O+', units: 'imperial' }
    const { name: _, ...nameless } = FULL
    const here: Profile = { ...nameless, units: 'metric', language: 'en' }
    const { name: __, ...expected } = there
    expect(merged(there, FULL, here)).toEqual({ ...expected, language: 'en' })
  })
})
