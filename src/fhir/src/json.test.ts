import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JSON_DEPTH_MAX, readJson } from './json.ts'

const problemOf = (text: string | Uint8Array, bytesMax?: number) => {
  const read = readJson(text, bytesMax)
  return read.kind === 'unreadable' ? [read.problem.code, read.problem.place] : 'read'
}
/** Names that `JSON.parse` takes and FHIR does not. */
const isForbidden = (text: string) => text.includes('"__proto__"')

describe('JSON that somebody else wrote', () => {
  test('is what the platform reads, or is refused', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(3), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        const read = readJson(text)
        if (isForbidden(text)) expect(problemOf(text)[0]).toBe('forbiddenName')
        else expect(read.kind === 'read' && read.value).toEqual(JSON.parse(text))
      }),
    )
  })

  test('is refused where the platform refuses it', () => {
    const pieces = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b',
      '1',
      '-',
      '01',
      '1.',
      'true',
      'nul',
      ' ',
      '"\\u12"',
      '"\\x"',
      '"\u0001"',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 8 }), (parts) => {
        const text = parts.join('')
        let isJson = true
        try {
          JSON.parse(text)
        } catch {
          isJson = false
        }
        const said = problemOf(text)
        // `{"a":1,"a":2}` is the one that it takes and we do not.
        expect(said === 'read' || said[0] === 'duplicateName').toBe(isJson)
      }),
      { numRuns: 2000 },
    )
  })

  test('names the place of what no two programs read alike', () => {
    expect(problemOf('{"entry":[{},{"resource":{"id":"1","id":"2"}}]}')).toEqual([
      'duplicateName',
      'entry[1].resource.id',
    ])
    expect(problemOf('{"a":{"__proto__":{"isAdmin":true}}}')).toEqual(['forbiddenName', 'a.__proto__'])
    expect(problemOf('{"a":[0,1e999]}')).toEqual(['notFinite', 'a[1]'])
    expect(problemOf('{"a":[0,]}')).toEqual(['syntax', 'a[1]'])
    expect(problemOf(Uint8Array.of(0x22, 0xff, 0x22))).toEqual(['notText', ''])
    expect(problemOf('[1,2,3]', 6)).toEqual(['tooLarge', ''])
    expect(problemOf(new TextEncoder().encode('\ufeff{"resourceType":"Patient"}'))).toBe('read')
  })

  test('has a depth that no stack minds', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    expect(problemOf(nested(JSON_DEPTH_MAX))).toBe('read')
    expect(problemOf(nested(JSON_DEPTH_MAX + 1))[0]).toBe('tooDeep')
    expect(problemOf('['.repeat(1_000_000))[0]).toBe('tooDeep')
  })

  test('a string of any length is read, escapes and all', () => {
    const long = 'A'.repeat(10_000_000)
    const read = readJson(`{"data":"${long}","end":"\\u00e9\\n"}`)
    expect(read.kind === 'read' && read.value).toEqual({ data: long, end: 'é\n' })
  })

  test('the resources of a bundle are cut out as they stand, digits and spaces included', () => {
    const first = '{ "resourceType": "Observation",\n  "valueQuantity": { "value": 14.10 } }'
    const text = ` {"entry":[{"fullUrl":"a\\"}","resource":${first}},{"fullUrl":"b"},{"resource":{"resource":[1]}}]} `
    const read = readJson(text)
    expect(read.kind === 'read' && [...read.entries]).toEqual([
      [0, first],
      [2, '{"resource":[1]}'],
    ])
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.string(), fc.jsonValue())),
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.nat(3),
        (resources, more, indent) => {
          const bundle = { ...more, entry: resources.map((one) => ({ ...more, resource: one })), last: '"]}' }
          const json = JSON.stringify(bundle, null, indent)
          fc.pre(!isForbidden(json))
          const found = readJson(json)
          const pieces = found.kind === 'read' ? [...found.entries.values()] : []
          expect(pieces.map((piece) => JSON.parse(piece) as unknown)).toEqual(JSON.parse(JSON.stringify(resources)))
        },
      ),
    )
  })
})
