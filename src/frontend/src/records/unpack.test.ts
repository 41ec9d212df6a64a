import { zipSync } from 'fflate' // of other people: what packs here is not what unpacks
import { expect, test } from 'vitest'
import { opened, type PickedFile } from './picked-files.ts'
import { unpacked } from './unpack.ts'

const text = (words: string) => new TextEncoder().encode(words)
const picked = (name: string, content: Uint8Array): PickedFile => ({
  path: name,
  file: new File([new Uint8Array(content)], name),
})
const disc = zipSync({
  DICOM: { IM0001: text('first'), IM0002: new Uint8Array(3_000_000).fill(7) },
  'README.TXT': text('read me'),
  'Thumbs.db': text('of the system'),
  VIEWER: { 'viewer.exe': text('MZ'), 'codec.dll': text('MZ') },
  'autorun.inf': text('[autorun]'),
})

test('a disc in a ZIP file is taken like its folder: without what systems leave, and without its programs, which are named', async () => {
  const { files, programs } = await opened([picked('CT 2024.zip', disc)])
  expect(files.map(({ path, file }) => [path, file.name, file.size])).toEqual([
    ['CT 2024/DICOM/IM0001', 'IM0001', 5],
    ['CT 2024/DICOM/IM0002', 'IM0002', 3_000_000],
    ['CT 2024/README.TXT', 'README.TXT', 7],
  ])
  expect(await files[0]?.file.text()).toBe('first')
  expect(programs).toEqual(['CT 2024/VIEWER/viewer.exe', 'CT 2024/VIEWER/codec.dll', 'CT 2024/autorun.inf'])
})

test('what is locked, broken, cut short or no ZIP file at all is kept as it is', async () => {
  const entry = Buffer.from(disc).lastIndexOf('DICOM/IM0001') - 46 // in the directory
  const changed = (place: number, byte: number) => disc.with(entry + place, byte)
  const locked = changed(8, 1)
  const unheard = changed(10, 99)
  const larger = changed(24, 1) // than it says to be: five bytes where it says one
  const cut = disc.slice(0, -400)
  for (const content of [locked, unheard, larger, cut, disc.slice(0, 200), text('no zip'), new Uint8Array(0)]) {
    expect(await unpacked(picked('x.zip', content))).toBeNull()
    expect((await opened([picked('x.zip', content)])).files).toHaveLength(1)
  }
})

test('a program that somebody chose by itself is what they meant', async () => {
  expect(await opened([picked('setup.exe', text('MZ'))])).toMatchObject({
    files: [{ path: 'setup.exe' }],
    programs: [],
  })
})
