import type { ProgressStep } from '@medguard/client'
import { afterEach, expect, test, vi } from 'vitest'
import { createProgress } from './progress.ts'

/** What is written to standard error, and nothing anywhere else. */
function said(isJson: boolean, steps: readonly ProgressStep[]): string[] {
  const lines: string[] = []
  vi.spyOn(process.stderr, 'write').mockImplementation((part) => lines.push(String(part)) > 0)
  const progress = createProgress(isJson)
  for (const step of steps) progress(step)
  return lines
}
afterEach(() => vi.restoreAllMocks())

const through = (step: 'rewrapping' | 'listing' | 'sharing', totalRecords: number): ProgressStep[] =>
  Array.from({ length: totalRecords }, (_, i) => ({ step, doneRecords: i + 1, totalRecords }))

test('a long list and a share by record say how far they are, a line for every tenth', () => {
  const tenths = Array.from({ length: 11 }, (_, i) => `${10 * i} %\n`)
  expect(said(false, through('listing', 500))).toEqual(tenths.map((each) => `checking records ${each}`))
  expect(said(false, through('sharing', 5))).toEqual([20, 40, 60, 80, 100].map((each) => `sharing records ${each} %\n`))
})
test('what is soon over says nothing, nor anything with --json', () => {
  expect(said(false, [{ step: 'asking' }, ...through('listing', 99), ...through('sharing', 4)])).toEqual([])
  expect(said(true, [...through('listing', 500), ...through('sharing', 50)])).toEqual([])
})
