import { expect, test } from 'vitest'
import type { Tag } from './tags-api.ts'
import { isFitTag, TAG_BOOK, TAGS_MAX, withTag } from './tags.ts'

const id = (n: number) => n.toString(16).padStart(32, '0')
let drawn = 0
const newId = () => (++drawn).toString(16).padStart(8, '0')
const given = (tags: readonly Tag[], name: string, records: readonly number[], isOn = true) =>
  withTag(tags, { name, recordIds: records.map(id), isOn }, newId)
const said = (tags: readonly Tag[] | null) => tags?.map(({ name, records }) => [name, records.map(Number)])

test('a tag is given and taken off; by any spelling it is the same; one that is on nothing is gone', () => {
  const one = given([], ' Heart ', [1, 2]) ?? []
  expect(said(one)).toEqual([['Heart', [1, 2]]])
  const two = given(one, 'travel', [1]) ?? []
  const three = given(two, 'HEART', [2, 3]) ?? []
  expect(said(three)).toEqual([
    ['Heart', [1, 2, 3]],
    ['travel', [1]],
  ])
  expect(three[0]?.id).toBe(one[0]?.id)
  expect(said(given(three, 'heart', [1, 2], false))).toEqual([
    ['Heart', [3]],
    ['travel', [1]],
  ])
  expect(said(given(three, 'travel', [1, 7], false))).toEqual([['Heart', [1, 2, 3]]])
  expect(given(three, 'unknown', [1], false)).toBe(three)
})

test('there is an end to tags, and to what one is called', () => {
  let tags: readonly Tag[] = []
  for (let n = 0; n < TAGS_MAX; n++) tags = given(tags, `tag ${n}`, [1]) ?? []
  expect(given(tags, 'one more', [1])).toBeNull()
  expect(given(tags, 'tag 5', [2])).toHaveLength(TAGS_MAX)
  for (const name of ['', '  ', 'x'.repeat(41), 'two\nlines', 'turned \u202e round']) expect(isFitTag(name)).toBe(false)
  expect(isFitTag('před operací')).toBe(true)
})

test('what lies on the device is read back, and what is none is left out', () => {
  const tags = given([], 'Heart', [1]) ?? []
  expect(TAG_BOOK.decode(TAG_BOOK.encode({ tags }))).toEqual({ tags })
  const odd = [{ id: 'x', name: 'a', records: [] }, { ...tags[0], records: ['no id'] }, null, { ...tags[0], name: '' }]
  const bytes = new TextEncoder().encode(JSON.stringify({ format: 1, tags: [...odd, ...tags] }))
  expect(TAG_BOOK.decode(bytes)).toEqual({ tags })
  expect(TAG_BOOK.decode(new Uint8Array([255, 1]))).toBeNull()
  expect(TAG_BOOK.decode(new TextEncoder().encode('[]'))).toBeNull()
})
