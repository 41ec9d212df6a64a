import { expect, test } from 'vitest'
import { decodeProfile, encodeProfile, type Profile, wrongProfile } from './profile.ts'

const profile: Profile = {
  name: 'Zoë Ångström',
  birthDate: '1999-12-31',
  sex: 'other',
  bloodGroup: 'AB+',
  language: 'de-CH',
  units: 'imperial',
  emergencyContacts: [{ name: 'Ada', phone: '+41 44 123 45 67' }],
  notifications: [],
}

test('a profile comes back as it was, and may tell nothing', () => {
  for (const each of [profile, {}]) {
    expect(wrongProfile(each)).toBeNull()
    expect(decodeProfile(encodeProfile(each))).toEqual(each)
  }
})

test.each<[string, unknown]>([
  ['name', ''],
  ['name', 'Ada\u202etxt.exe'],
  ['name', 'x'.repeat(201)],
  ['birthDate', '2025-02-30'],
  ['birthDate', '2999-01-01'],
  ['birthDate', '1.1.1990'],
  ['sex', 'F'],
  ['bloodGroup', '0-'],
  ['language', 'german please'],
  ['units', 'stones'],
  ['emergencyContacts', [{ name: 'Ada' }]],
  ['emergencyContacts', [{ name: 'Ada', phone: '123', fax: '1' }]],
  ['emergencyContacts', Array.from({ length: 11 }, (_, i) => ({ name: `Ada ${i}`, phone: '123' }))],
  ['notifications', ['recordAdded', 'recordAdded']],
  ['notifications', ['everything']],
  ['password', 'x'],
  ['__proto__', {}],
])('a profile with %s = %j is not stored', (field, value) => {
  const wrong = Object.fromEntries([...Object.entries(profile), [field, value]])
  expect(wrongProfile(wrong)).toMatchObject({ kind: 'BadInput', field })
})

test('what a newer version or a stranger wrote into it is left out', () => {
  const bytes = new TextEncoder().encode('{"name":"Ada","sex":"robot","__proto__":{"admin":true},"colour":"blue"}')
  expect(decodeProfile(bytes)).toEqual({ name: 'Ada' })
  for (const broken of ['[]', 'null', '"x"', '{', '\ufffd'])
    expect(() => decodeProfile(new TextEncoder().encode(broken))).toThrow('profile')
})
