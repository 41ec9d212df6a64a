import { expect, test } from 'vitest'
import {
  archiveKeyFromText,
  archiveKeyToText,
  createArchiveWriter,
  newArchiveKey,
  openArchive,
  sourceOf,
} from '../src/index.ts'
import { expectFault, flipped, sha256Hex, hex } from './fixture.ts'

const MiB = 1024 * 1024
const FRAME = MiB + 16

async function sealed(key: Uint8Array, content: Uint8Array, pieceBytes = 300_000) {
  const parts: Uint8Array[] = []
  const writer = await createArchiveWriter(key, async (part) => void parts.push(part))
  for (let at = 0; at < content.length; at += pieceBytes) await writer.write(content.subarray(at, at + pieceBytes))
  const hash = await writer.finish()
  const file = Uint8Array.from(Buffer.concat(parts))
  expect(hex(hash)).toBe(sha256Hex(file))
  return file
}
const patterned = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 7) >>> 3)

test.each([0, 1, MiB - 1, MiB, MiB + 1, 2 * MiB, 2 * MiB + 5])(
  'an archive of %i bytes is read as it was written, at any place',
  async (length) => {
    const key = newArchiveKey()
    const content = patterned(length)
    const archive = await openArchive(key, sourceOf(await sealed(key, content)))
    expect(archive.sizeBytes).toBe(length)
    expect(Buffer.compare(await archive.read(0, length), content)).toBe(0)
    const [from, to] = [Math.floor(length / 3), Math.floor(length * 0.9)]
    expect(Buffer.compare(await archive.read(from, to), content.subarray(from, to))).toBe(0)
  },
)

test('an archive that was cut, reordered, lengthened or changed anywhere does not open, nor with another key', async () => {
  const key = newArchiveKey()
  const content = patterned(2 * MiB + 100)
  const file = await sealed(key, content)
  const read = async (bytes: Uint8Array, with_ = key) => {
    const archive = await openArchive(with_, sourceOf(bytes))
    await archive.read(0, archive.sizeBytes)
  }
  await read(file)
  const frame = (i: number) => file.subarray(40 + i * FRAME, 40 + (i + 1) * FRAME)
  const joined = (...parts: Uint8Array[]) => Uint8Array.from(Buffer.concat(parts))
  const head = file.subarray(0, 40)
  await expectFault('Tampered', () => read(file, newArchiveKey()))
  await expectFault('Tampered', () => read(joined(head, frame(1), frame(0), frame(2))))
  await expectFault('Tampered', () => read(joined(head, frame(0), frame(1)))) // a whole frame less
  await expectFault('Tampered', () => read(joined(head, frame(0), frame(2))))
  await expectFault('Tampered', () => read(joined(file, frame(2))))
  await expectFault('Tampered', () => read(file.subarray(0, file.length - 1)))
  await expectFault('TruncatedBody', () => read(head))
  await expectFault('BadFormat', () => read(file.subarray(0, 39)))
  await expectFault('BadFormat', () => read(flipped(file, 0)))
  await expectFault('UnknownSuite', () => read(flipped(file, 4)))
  for (const at of [8, 39, 40, 40 + FRAME, file.length - 1])
    await expectFault('Tampered', () => read(flipped(file, at)))
})

test('a key is written down and read again, and a slip of the pen is noticed', () => {
  const key = newArchiveKey()
  const text = archiveKeyToText(key)
  expect(text).toMatch(/^([0-9a-f]{4} ){16}[0-9a-f]{4}$/)
  expect(archiveKeyFromText(`  ${text.toUpperCase().replaceAll(' ', '\n')}\n`)).toEqual(key)
  for (let i = 0; i < text.length; i += 5)
    expect(archiveKeyFromText(`${text.slice(0, i)}${text[i] === '0' ? '1' : '0'}${text.slice(i + 1)}`)).toBeNull()
  for (const wrong of ['', text.slice(1), `${text}0`, 'correct horse battery staple'])
    expect(archiveKeyFromText(wrong)).toBeNull()
})
