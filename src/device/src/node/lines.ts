import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { type Reading, ReadingFault } from '@medguard/readings'
import { type ReadFrom, readingIn } from '../reading-input.ts'

/** A line of input: a reading, or what is wrong with it. */
export type Line =
  | { readonly number: number; readonly reading: Reading }
  | { readonly number: number; readonly problem: string }

const LINE_CHARS_MAX = 4_096

/** Lines that are empty are counted and left out. What a line says is no part of what is said about it. */
export async function* linesOf(input: Readable, source: () => ReadFrom): AsyncGenerator<Line> {
  let number = 0
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number++
    if (text.trim() !== '') yield lineOf(number, text, source())
  }
}

function lineOf(number: number, text: string, source: ReadFrom): Line {
  if (text.length > LINE_CHARS_MAX) return { number, problem: 'TooLong' }
  try {
    return { number, reading: readingIn(JSON.parse(text), source) }
  } catch (error) {
    return { number, problem: error instanceof ReadingFault ? error.problem.kind : 'BadJson' }
  }
}
