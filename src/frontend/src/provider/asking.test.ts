import { type AccessRequestInfo, CATEGORIES, Principal } from '@medguard/client'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type AskDraft, askErrors, askOf, askSentence, EMPTY_ASK, PURPOSES_ASKED, stateOf } from './asking.ts'

const PATIENT = Principal.selfAuthenticating(new Uint8Array(44).fill(7)).toText()
const OWN = Principal.selfAuthenticating(new Uint8Array(44).fill(8)).toText()
const draft: fc.Arbitrary<AskDraft> = fc.record({
  code: fc.constantFrom('', PATIENT, ` ${PATIENT.toUpperCase()} `, OWN, 'abc'),
  purpose: fc.constantFrom(null, ...PURPOSES_ASKED),
  categories: fc.subarray([...CATEGORIES]),
  parts: fc.subarray(['read' as const, 'add' as const]),
  howLong: fc.constantFrom(null, 'hour' as const, 'month' as const),
  forOrganisation: fc.constantFrom('', '0'.repeat(32)),
})

test('nothing is asked before everything is chosen, and then just that', () => {
  fc.assert(
    fc.property(draft, (one) => {
      const asked = askOf(one, OWN, 0)
      expect(asked === null).toBe(Object.keys(askErrors(one, OWN)).length > 0)
      expect(askSentence(one, OWN, null) === null).toBe(asked === null)
      if (asked === null) return
      expect(asked.patient).toBe(PATIENT)
      expect(asked.categories).toEqual(one.categories)
      expect(asked.rights.includes('write')).toBe(one.parts.includes('add'))
      expect(asked.rights.includes('open')).toBe(one.parts.includes('read'))
      expect(asked.forOrganisation).toBe(one.forOrganisation === '' ? undefined : one.forOrganisation)
    }),
  )
})

test('a draft begins with nothing', () => {
  expect(Object.keys(askErrors(EMPTY_ASK, OWN))).toEqual(['code', 'purpose', 'categories', 'parts', 'howLong'])
})

test('one says in a sentence what one asks for, and for whom', () => {
  const full: AskDraft = {
    code: PATIENT,
    purpose: 'TREAT',
    categories: ['labs', 'medicines'],
    parts: ['read'],
    howLong: 'week',
    forOrganisation: '',
  }
  expect(askSentence(full, OWN, null)).toMatch(
    /^You ask .+ to let you open records of these kinds: Lab results and Medicines\. For 7 days, for: Treatment\.$/,
  )
  expect(askSentence({ ...full, parts: ['add'] }, OWN, 'Fjordvik')).toMatch(/to let Fjordvik add records of/)
})

test('what nobody answered in time is over by this device’s clock', () => {
  const request = { state: 'pending', expiresNs: 5_000_000n } as AccessRequestInfo
  expect([4, 5].map((nowMs) => stateOf(request, nowMs))).toEqual(['pending', 'expired'])
  expect(stateOf({ ...request, state: 'denied' }, 9)).toBe('denied')
})
