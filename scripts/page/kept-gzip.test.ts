import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { gzipSync } from 'fflate'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { keptGzip } from './kept-gzip.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kept-gzip-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const text = (said: string) => new TextEncoder().encode(`${said}\n`.repeat(500))
const CONTENT = text('a page')
const PACKED = gzipSync(CONTENT, { level: 9, mtime: 0 })
const only = () => join(folder, readdirSync(folder)[0] ?? '')

test('what was packed once is found again, and is what it would be made anew', () => {
  expect(keptGzip(CONTENT, folder)).toEqual(PACKED)
  const { ino } = statSync(only())
  expect(keptGzip(CONTENT, folder)).toEqual(PACKED)
  expect(readdirSync(folder)).toHaveLength(1)
  expect(statSync(only()).ino).toBe(ino)
})

test('what is there is believed only when it unpacks to the content', () => {
  const other = gzipSync(text('a page of somebody else'), { level: 9, mtime: 0 })
  keptGzip(CONTENT, folder)
  for (const wrong of [
    other,
    PACKED.subarray(0, 40),
    PACKED.map((byte, at) => (at === 20 ? byte ^ 1 : byte)),
    new Uint8Array(),
  ]) {
    writeFileSync(only(), wrong)
    expect(keptGzip(CONTENT, folder)).toEqual(PACKED)
    expect(new Uint8Array(readFileSync(only()))).toEqual(PACKED)
  }
})

test('what is old goes when something new comes', () => {
  keptGzip(text('an older page'), folder)
  utimesSync(only(), 0, 0)
  keptGzip(CONTENT, folder)
  expect(readdirSync(folder)).toHaveLength(1)
  expect(new Uint8Array(readFileSync(only()))).toEqual(PACKED)
})

test('a folder that cannot be written to changes nothing', () => {
  expect(keptGzip(CONTENT, join('/dev/null', 'nowhere'))).toEqual(PACKED)
})
