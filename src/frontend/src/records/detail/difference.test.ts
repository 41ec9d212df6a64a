import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareLines, type ComparedVersion, differenceOf } from './difference.ts'

const version = (content: unknown, over: Partial<ComparedVersion> = {}): ComparedVersion => ({
  title: 'Haemoglobin',
  clinicalDate: '2024-05-12',
  mediaType: 'application/fhir+json',
  bytes: new TextEncoder().encode(typeof content === 'string' ? content : JSON.stringify(content)),
  ...over,
})
const result = (value: number, note: string) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'Haemoglobin' },
  valueQuantity: { value, unit: 'g/dL' },
  note: [{ text: note }],
})
const changed = (before: ComparedVersion, after: ComparedVersion) =>
  differenceOf(before, after)
    ?.filter(({ kind }) => kind !== 'same')
    .map(({ kind, text }) => `${kind} ${text}`)

test('of a result the value that was corrected is told, and nothing that stayed', () => {
  expect(changed(version(result(14.1, 'fasting')), version(result(13.1, 'fasting')))).toEqual([
    'removed Value: 14.1 g/dL',
    'added Value: 13.1 g/dL',
  ])
})

test('title and day are compared, too, and a text by its lines', () => {
  const text = { mediaType: 'text/plain' }
  expect(changed(version('a\nb', text), version('a\nc', { ...text, title: 'Blood', clinicalDate: null }))).toEqual([
    'removed Title: Haemoglobin',
    'removed Date: 12 May 2024',
    'added Title: Blood',
    'added Date: –',
    'removed b',
    'added c',
  ])
})

test('what has no words is not compared', () => {
  expect(differenceOf(version('a'), version('b', { mediaType: 'image/png' }))).toBeNull()
  expect(differenceOf(version('a\n'.repeat(2_000)), version('b', { mediaType: 'text/plain' }))).toBeNull()
})

test('what is not added was before, and what is not removed is after, each in its order', () => {
  const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 })
  fc.assert(
    fc.property(lines, lines, (before, after) => {
      const all = compareLines(before, after)
      const without = (kind: string) => all.filter((line) => line.kind !== kind).map(({ text }) => text)
      expect(without('added')).toEqual(before)
      expect(without('removed')).toEqual(after)
    }),
  )
})
