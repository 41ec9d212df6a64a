import { describe, expect, test } from 'vitest'
import { agreementText } from './agreement.ts'
import { RIGHT, type Right } from './compartments.ts'
import { CLINICAL_ROLES, ROLE } from './organisation.ts'

const TERMS = {
  grantee: 'aaaaa-aa',
  scope: ['labs'],
  rights: ['list', 'open'] as readonly Right[],
  purpose: 'TREAT',
  startsAt: '2026-03-14T00:00:00.000Z',
  endsAt: '2026-03-15T00:00:00.000Z',
}
const FROM = 'until: 2026-03-15T00:00:00.000Z\n'
const sentences = (...rights: readonly Right[]) => agreementText({ ...TERMS, rights }).split(FROM)[1]

describe('the text that is confirmed', () => {
  test('is fixed to the letter', () => {
    expect(agreementText({ ...TERMS, roles: ROLE.physician | ROLE.nurse, excluded: ['bbbbb-bb'] })).toBe(
      `MedGuard sharing agreement 2
recipient: aaaaa-aa
members: physician, nurse
but not: bbbbb-bb
shared: labs
may: list, open
purpose: TREAT
from: 2026-03-14T00:00:00.000Z
until: 2026-03-15T00:00:00.000Z
The recipient may read what is shared. Every opening is recorded.
Sharing can be stopped at any time. What was opened before cannot be taken back.
`,
    )
  })
  test('says of each choice of rights what it allows, and of nothing else', () => {
    expect(sentences('write')).toBe(`The recipient may add records and new versions, and can read nothing.
Sharing can be stopped at any time. What was added stays.
`)
    expect(sentences('list'))
      .toBe(`The recipient may see what there is, and can open none of it. Every look is recorded.
Sharing can be stopped at any time. What was seen before cannot be taken back.
`)
    expect(sentences('list', 'open', 'write', 'rewrap')).toBe(
      `The recipient may read what is shared. Every opening is recorded.
The recipient may add records and new versions.
The recipient may change the keys under which records are kept.
Sharing can be stopped at any time. What was opened before cannot be taken back. What was added stays.
`,
    )
    const all = Object.keys(RIGHT) as Right[]
    for (let bits = 1; bits < 16; bits++) {
      const rights = all.filter((right) => (bits & RIGHT[right]) !== 0)
      const text = sentences(...rights) ?? ''
      expect(text.includes('may read'), text).toBe(rights.includes('open'))
      expect(text.includes('may add'), text).toBe(rights.includes('write'))
      expect(text.includes('may change the keys'), text).toBe(rights.includes('rewrap'))
    }
  })
  test('says in place of what it stands, where it is a change', () => {
    const before = '00112233445566778899aabbccddeeff'
    expect(agreementText({ ...TERMS, inPlaceOf: before })).toContain(`${FROM}in place of: ${before}\nThe recipient may`)
    expect(agreementText(TERMS)).not.toContain('in place of')
  })
  test('names roles by their words, all that treat people where none is picked', () => {
    expect(agreementText({ ...TERMS, roles: CLINICAL_ROLES })).toContain(
      'members: physician, nurse, pharmacist, laboratory, therapist\n',
    )
    expect(agreementText(TERMS)).not.toContain('members')
  })
})
