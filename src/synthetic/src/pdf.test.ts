import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { generatePatient } from './index.ts'
import { createPdf } from './pdf.ts'

/** Follows the file as a reader does: from its end to the cross-reference table, from there to each object. */
function readObjects(bytes: Uint8Array): string[] {
  const file = Buffer.from(bytes).toString('latin1')
  expect(file.startsWith('%PDF-1.4\n')).toBe(true)
  const tail = /startxref\n(\d+)\n%%EOF\n$/.exec(file)
  expect(tail).not.toBeNull()
  const table = /^xref\n0 (\d+)\n/.exec(file.slice(Number(tail?.[1])))
  const count = Number(table?.[1])
  const entriesAt = Number(tail?.[1]) + (table?.[0].length ?? 0)
  expect(file).toContain(`/Size ${count} /Root 1 0 R`)
  return Array.from({ length: count }, (_, index) => {
    const entry = file.slice(entriesAt + index * 20, entriesAt + (index + 1) * 20)
    if (index === 0) {
      expect(entry).toBe('0000000000 65535 f \n')
      return ''
    }
    expect(entry).toMatch(/^\d{10} 00000 n \n$/)
    const object = file.slice(Number(entry.slice(0, 10)))
    expect(object.startsWith(`${index} 0 obj\n`)).toBe(true)
    return object.slice(0, object.indexOf('\nendobj\n'))
  })
}

describe('a laboratory report', () => {
  test('is a PDF whose every object lies where its table says, of one or two pages', () => {
    for (let seed = 0; seed < 25; seed++) {
      const objects = readObjects(generatePatient({ seed, yearsOfVisits: 1 + (seed % 9) }).labReportPdf)
      const pages = objects.filter((object) => object.includes('/Type /Page '))
      expect(pages.length).toBeGreaterThanOrEqual(1)
      expect(pages.length).toBeLessThanOrEqual(2)
      for (const object of objects) {
        const stream = /<< \/Length (\d+) >>\nstream\n([\s\S]*)\nendstream$/.exec(object)
        if (stream !== null) expect(stream[2]?.length).toBe(Number(stream[1]))
      }
    }
  })

  test('carries the name, each test of the sample and its unit', () => {
    const { labReportPdf, person, documents } = generatePatient({ seed: 3 })
    const text = Buffer.from(labReportPdf).toString('latin1')
    expect(text).toContain(person.given)
    expect(text).toContain('mg/dL')
    expect(documents.find(({ mediaType }) => mediaType === 'application/pdf')?.bytes).toBe(labReportPdf)
  })
})

describe('the PDF writer', () => {
  test('escapes what would end a text, and stays readable for any Latin text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('(', ')', '\\', 'a', 'é', 'ß', '€', 'µ', '~', '-') }), (text) => {
        const pdf = createPdf({ title: text })
        pdf.addPage().text({ x: 10, y: 10 }, text)
        const objects = readObjects(pdf.bytes())
        const written = objects.find((object) => object.includes(' Tj ET')) ?? ''
        const literal = written.slice(written.indexOf('Td (') + 4, written.indexOf(') Tj ET'))
        const read = literal.replaceAll(/\\([0-7]{3}|.)/g, (_, code: string) =>
          code.length === 3 ? String.fromCharCode(Number.parseInt(code, 8)) : code,
        )
        expect(read).toBe(text.replaceAll('€', '\u0080'))
      }),
    )
  })

  test('refuses characters that the standard fonts lack', () => {
    const page = createPdf({ title: '' }).addPage()
    for (const text of ['Ω', '\n', '\u0085', '😀']) expect(() => page.text({ x: 0, y: 0 }, text)).toThrow(RangeError)
  })
})
