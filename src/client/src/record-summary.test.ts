import type { RecordHeader } from '@medguard/crypto'
import { expect, test } from 'vitest'
import type { ListedRecord } from './listing.ts'
import { newestOf, summaryOf } from './record-summary.ts'

const summaryWith = (header: Partial<RecordHeader>) => {
  const compartment = { compartmentKind: 1, cid: new Uint8Array(16) }
  const listed = {
    reach: { patientId: new Uint8Array(16), compartment, grantId: null },
    row: { recordId: new Uint8Array(16), version: 1 },
    head: { header: { title: 'Title', mediaType: 'text/plain', bodyBytes: 1, bodySha256: '', ...header } },
  }
  return summaryOf({ of: 'me' }, listed as unknown as ListedRecord, new Map())
}

test.each([
  ['a command to the terminal', 'Blood\u001b[2J\u001b]0;owned\u0007 count'],
  ['a C1 command', 'Blood \u009b31m count'],
  ['a line break that forges a row', 'Blood count\nfeed beef'],
  ['a carriage return', 'Blood count\rX-ray'],
  ['an override of the direction', 'invoice-\u202efdp.exe'],
  ['an isolate', '\u2066Blood\u2069'],
  ['a line separator', 'Blood\u2028count'],
  ['invisible letters', 'Blo\u200bod\u{e0041}'],
  ['half a letter', 'Blood \ud800'],
])('%s in what an author sealed is made visible and harmless', (_, text) => {
  const summary = summaryWith({
    title: text,
    fileName: text,
    author: text,
    subject: text,
    clinicalDate: text,
    mediaType: text,
  })
  const { title, fileName, author, subject, clinicalDate, mediaType } = summary
  for (const shown of [title, fileName, author, subject, clinicalDate, mediaType]) {
    expect(shown).toContain('\ufffd')
    expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
  }
})

test('text of any script stays as it is, with the joiners that some need', () => {
  const title = '血液検査 – بررسی می\u200cشود – 👩\u200d⚕️ é'
  expect(summaryWith({ title }).title).toBe(title)
})

test('a damaged version neither hides the one before it nor is hidden by it', () => {
  const version = (n: number, isDamaged: boolean) => {
    const row = { recordId: new Uint8Array(16), version: n }
    return { row, head: isDamaged ? null : {} } as unknown as ListedRecord
  }
  const versions = [version(1, false), version(2, false), version(3, true), version(4, true)]
  expect(newestOf(versions).map(({ row }) => row.version)).toEqual([2, 3, 4])
})

test('a title that fills the header is cut', () => {
  expect(Array.from(summaryWith({ title: '血'.repeat(5000) }).title).length).toBe(255)
})
