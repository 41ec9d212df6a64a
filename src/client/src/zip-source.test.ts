import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { unzipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { fromHex } from '@medguard/protocol'
import type { NamedFile } from './api.ts'
import { crc32 } from './crc-32.ts'
import { safePaths } from './safe-names.ts'
import { readDirectory } from './zip-format.ts'
import { zipOf, type ZippedContent, zippedBytes } from './zip-source.ts'

const text = (value: string) => new TextEncoder().encode(value)
const whole = ({ source }: ZippedContent) => source.read(0, source.sizeBytes)
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const BAD = expect.objectContaining({ code: 'BadFormat' }) as Error
const FILES: readonly NamedFile[] = [
  { name: 'series 1/b.dcm', content: text('second') },
  { name: 'series 1/a.dcm', content: new Blob([text('first')]) },
  { name: 'Ärztin.txt', content: text('') },
]

describe('several files as one archive', () => {
  test('is a ZIP that another program reads, the same in whatever order the files come', async () => {
    const bytes = await whole(await zipOf(FILES))
    expect(await whole(await zipOf(FILES.toReversed()))).toEqual(bytes)
    expect(bytes.length).toBe(zippedBytes(FILES).sizeBytes)
    const read = Object.entries(unzipSync(bytes)).map(([name, content]) => [name, new TextDecoder().decode(content)])
    expect(read).toEqual([
      ['series 1/a.dcm', 'first'],
      ['series 1/b.dcm', 'second'],
      ['Ärztin.txt', ''],
    ])
  })

  test('has bytes that stay the same: docs/crypto.md tells another implementation to make them', async () => {
    const bytes = await whole(await zipOf(FILES))
    expect(bytes.length).toBe(447)
    expect(sha256(bytes)).toBe('9adb13c9f279f5ef8d49c35484c6874bae1761cfc65b4d3b5c229ed6acdcce03')
  })

  test('is read in any pieces, and each file is found by its directory alone', async () => {
    const names = fc.string({ unit: 'binary', maxLength: 30 })
    const file = fc.record({ name: names, content: fc.uint8Array({ maxLength: 300 }) })
    await fc.assert(
      fc.asyncProperty(fc.array(file, { minLength: 1, maxLength: 8 }), fc.nat(), fc.nat(), async (files, a, b) => {
        const zipped = await zipOf(files)
        const { source, directory } = zipped
        const bytes = await whole(zipped)
        const [from, to] = [a % (bytes.length + 1), b % (bytes.length + 1)].toSorted((x, y) => x - y)
        expect(await source.read(from ?? 0, to ?? 0)).toEqual(bytes.subarray(from, to))
        const end = bytes.slice(directory.start)
        expect(sha256(end)).toBe(directory.sha256)
        const placed = readDirectory(end, directory.start)
        const contents = placed.map(({ start, sizeBytes }) => bytes.slice(start, start + sizeBytes))
        const order = (each: Uint8Array) => Buffer.from(each).toString('hex')
        expect(contents.map(order).toSorted()).toEqual(files.map(({ content }) => order(content)).toSorted())
        for (const [i, { sha256: hash }] of placed.entries())
          expect(hash).toEqual(fromHex(sha256(contents[i] ?? new Uint8Array())))
      }),
    )
  })

  test('tells a file that changes or shrinks while it is read', async () => {
    let content = text('as it was')
    const source = { sizeBytes: content.length, read: async (from: number, to: number) => content.slice(from, to) }
    const zipped = await zipOf([{ name: 'a', content: source }])
    expect((await whole(zipped)).length).toBe(zipped.source.sizeBytes)
    content = text('as it is.')
    await expect(whole(zipped)).rejects.toMatchObject({ code: 'SourceChanged' })
    content = text('shorter')
    await expect(whole(zipped)).rejects.toMatchObject({ code: 'SourceChanged' })
    await expect(zipOf([{ name: 'a', content: source }])).rejects.toMatchObject({ code: 'SourceChanged' })
  })

  test('has the checksums of the standard', () => {
    expect(crc32(text('123456789'))).toBe(0xcbf43926)
    expect(crc32(text('6789'), crc32(text('12345')))).toBe(0xcbf43926)
  })
})

describe('a directory', () => {
  test('with any byte changed, cut or added is another one or none', async () => {
    const zipped = await zipOf(FILES)
    const { start } = zipped.directory
    const end = (await whole(zipped)).slice(start)
    const before = JSON.stringify(readDirectory(end, start))
    for (let at = 0; at < end.length; at++) {
      const changed = end.slice()
      changed[at] = (changed[at] ?? 0) ^ 1
      let read = ''
      try {
        read = JSON.stringify(readDirectory(changed, start))
      } catch (error) {
        expect(error).toMatchObject({ code: 'BadFormat' })
        continue
      }
      expect(read, `byte ${at}`).not.toBe(before)
    }
    for (const wrong of [end.slice(1), end.slice(0, -1), new Uint8Array([...end, 0]), new Uint8Array()])
      expect(() => readDirectory(wrong, start)).toThrow(BAD)
    expect(() => readDirectory(end, start + 1)).toThrow(BAD)
  })

  test('of anything at all is read or refused, never a crash', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (bytes, start) => {
        const signed = new Uint8Array([0x50, 0x4b, 1, 2, ...bytes])
        expect(() => readDirectory(signed, start)).toThrow(BAD)
      }),
    )
  })
})

describe('names that are somebody else’s', () => {
  test.each([
    ['../../etc/passwd', '__/__/etc/passwd'],
    ['/etc/passwd', 'etc/passwd'],
    ['C:\\Windows\\system32', 'C_/Windows/system32'],
    ['a/./b//c', 'a/b/c'],
    ['.ssh/authorized_keys', '_ssh/authorized_keys'],
    ['-rf', '_rf'],
    ['~', '_'],
    ['nul.txt', '_nul.txt'],
    ['COM1', '_COM1'],
    ['end. ', 'end__'],
    ['a\u0000b\u001b[2J', 'a_b_[2J'],
    ['scan\u202Egnp.exe', 'scan_gnp.exe'],
    ['', 'file'],
    ['..', '__'],
    ['CT/Série 1/IM0001', 'CT/Série 1/IM0001'],
  ])('%j becomes %j', (name, path) => expect(safePaths([name])).toEqual([path]))

  test('never meet: not by case, not a file and a folder', () => {
    expect(safePaths(['a', 'A', 'a/b', 'ﬁle', 'file', 'x/y', 'x'])).toEqual([
      'a',
      'A (2)',
      'a-b (3)',
      'ﬁle',
      'file (2)',
      'x/y',
      'x (2)',
    ])
  })

  test('are safe whatever they are, as many as there may be', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 20 }), { maxLength: 20 }), (names) => {
        const paths = safePaths(names)
        const folded = paths.map((path) => path.normalize('NFKC').toLowerCase())
        expect(new Set(folded).size).toBe(names.length)
        for (const segment of paths.flatMap((path) => path.split('/'))) {
          expect(segment).toMatch(/^[^./\\~-]/)
          expect(segment).not.toMatch(/[\p{Cc}\\:*?"<>|]|[. ]$/u)
        }
        expect(safePaths(paths)).toEqual(paths)
      }),
    )
    const same = safePaths(Array.from({ length: 10_000 }, () => 'a'))
    expect(new Set(same).size).toBe(10_000)
  })
})
