import { expect, test } from 'vitest'
import { endInCalendar } from './calendar.ts'

test('the end of a share is a calendar entry in universal time, with a reminder, and says nothing of whom or what', () => {
  const lines = endInCalendar(Date.UTC(2025, 5, 30, 22, 0), Date.UTC(2025, 4, 1), 'one').split('\r\n')
  expect(lines).toContain('DTSTART:20250630T220000Z')
  expect(lines).toContain('TRIGGER:-P1D')
  expect(lines.filter((line) => line.startsWith('SUMMARY'))).toEqual(['SUMMARY:MedGuard: a share ends'])
  for (const line of lines) expect(new TextEncoder().encode(line).length).toBeLessThan(76) // longer ones would have to be folded
  expect(lines.at(-1)).toBe('')
})
