import { CATEGORIES, type AccessRequestInfo, RIGHT, type Right } from '@medguard/client'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type ApprovalDraft,
  approvalDifferences,
  approvalErrors,
  approvalOf,
  approvalSentence,
  beginApproval,
  isOpen,
  shorterPeriods,
} from './approval-draft.ts'

const HOUR_NS = 3_600_000_000_000n
const rights = Object.keys(RIGHT).filter((right): right is Right => ['list', 'open', 'write'].includes(right))
const asked = fc.record({
  categories: fc.subarray([...CATEGORIES], { minLength: 1 }),
  rights: fc.subarray(rights, { minLength: 1 }),
  periodNs: fc.bigInt(1n, 8760n * HOUR_NS),
  purpose: fc.constant('TREAT' as const),
})
const draft: fc.Arbitrary<ApprovalDraft> = fc.record({
  categories: fc.subarray([...CATEGORIES]),
  parts: fc.subarray(['read' as const, 'add' as const]),
  period: fc.constantFrom('asked' as const, 'hour' as const, 'month' as const),
})
const REQUEST: AccessRequestInfo = {
  askId: '0'.repeat(32),
  direction: 'received',
  requester: 'aaaaa-aa',
  grantee: 'aaaaa-aa',
  patient: '2vxsx-fae',
  categories: ['labs', 'medicines', 'sensitive'],
  rights: ['list', 'open', 'write'],
  purpose: 'TREAT',
  periodNs: 720n * HOUR_NS,
  askedNs: 0n,
  expiresNs: HOUR_NS,
  state: 'pending',
  grantId: null,
}

test('what is given is never more than what was asked for, and nothing sensitive goes along unnamed', () => {
  fc.assert(
    fc.property(asked, draft, fc.subarray([...CATEGORIES]), (request, chosen, sensitive) => {
      const approval = approvalOf(chosen, request, sensitive)
      if (approval === null) return
      const given = approval.categories ?? []
      expect(request.categories).toEqual(expect.arrayContaining([...given]))
      expect(request.rights).toEqual(expect.arrayContaining([...(approval.rights ?? [])]))
      const isSensitive = given.some((category) => sensitive.includes(category))
      expect(approval.namesSensitive ?? false).toBe(isSensitive)
      const isShorter = chosen.period === 'asked' || shorterPeriods(request).includes(chosen.period)
      if (isShorter) expect((approval.periodNs ?? 0n) <= request.periodNs).toBe(true)
    }),
  )
})

test('a draft begins with what was asked for, but for what is sensitive', () => {
  const begun = beginApproval(REQUEST, ['sensitive'])
  expect(begun).toEqual({ categories: ['labs', 'medicines'], parts: ['read', 'add'], period: 'asked' })
  expect(approvalDifferences(begun, REQUEST)).toEqual(['Without Sensitive'])
  expect(approvalSentence(begun, REQUEST, 'Dr Meyer')).toBe(
    'Dr Meyer can open everything in Lab results and Medicines, and anything new there, and add records, for 30 days, to treat you.',
  )
})

test('every way in which it is less is said', () => {
  const less = { categories: ['labs'], parts: ['read'], period: 'week' } as const
  expect(approvalDifferences(less, REQUEST)).toEqual([
    'Without Medicines and Sensitive',
    'They may not add records',
    '7 days instead of 30 days',
  ])
})

test('nothing is no approval', () => {
  const nothing = { categories: [], parts: [], period: 'asked' } as const
  expect(Object.keys(approvalErrors(nothing))).toEqual(['categories', 'parts'])
  expect(approvalOf(nothing, REQUEST, [])).toBeNull()
})

test('a request is over at its end, by the clock of whoever reads it', () => {
  expect(isOpen(REQUEST, 3_599_999)).toBe(true)
  expect(isOpen(REQUEST, 3_600_000)).toBe(false)
  expect(isOpen({ ...REQUEST, state: 'withdrawn' }, 0)).toBe(false)
})
