/**
 * A small PDF 1.4 writer (ISO 32000-1): A4 pages of text, lines and filled boxes in the two standard Helvetica faces. Nothing is
 * embedded and no time is written, so equal calls give equal bytes.
 */
export const A4 = { widthPt: 595, heightPt: 842 } as const

export type Face = 'regular' | 'bold'
/** Red, green, blue, each 0 to 1. */
export type Colour = readonly [number, number, number]

/** Coordinates in points from the lower left corner. */
export interface PdfPage {
  text(at: { x: number; y: number }, text: string, style?: { sizePt?: number; face?: Face; colour?: Colour }): void
  line(points: readonly (readonly [x: number, y: number])[], style?: { widthPt?: number; colour?: Colour }): void
  box(at: { x: number; y: number; width: number; height: number }, colour: Colour): void
}

export interface Pdf {
  addPage(): PdfPage
  /** The finished file. */
  bytes(): Uint8Array<ArrayBuffer>
}

export function createPdf({ title }: { readonly title: string }): Pdf {
  const pages: string[][] = []
  return {
    addPage() {
      const operators: string[] = []
      pages.push(operators)
      return pageOn(operators)
    },
    bytes: () =>
      serialize(
        title,
        pages.map((operators) => operators.join('\n')),
      ),
  }
}

function pageOn(operators: string[]): PdfPage {
  return {
    text({ x, y }, text, { sizePt = 10, face = 'regular', colour = [0, 0, 0] } = {}) {
      const font = face === 'bold' ? 'F2' : 'F1'
      operators.push(
        `BT ${colour.map(number).join(' ')} rg /${font} ${number(sizePt)} Tf ${number(x)} ${number(y)} Td ${literal(text)} Tj ET`,
      )
    },
    line(points, { widthPt = 0.5, colour = [0, 0, 0] } = {}) {
      const path = points.map(([x, y], index) => `${number(x)} ${number(y)} ${index === 0 ? 'm' : 'l'}`)
      operators.push(`${colour.map(number).join(' ')} RG ${number(widthPt)} w ${path.join(' ')} S`)
    },
    box({ x, y, width, height }, colour) {
      operators.push(`${colour.map(number).join(' ')} rg ${[x, y, width, height].map(number).join(' ')} re f`)
    },
  }
}

/** Section 7.5: header, objects, cross-reference table with the byte offset of each, trailer. */
function serialize(title: string, contents: readonly string[]): Uint8Array<ArrayBuffer> {
  const firstPage = 5
  const kids = contents.map((_, index) => `${firstPage + 2 * index} 0 R`)
  const font = (name: string) => `<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids.join(' ')}] /Count ${contents.length} >>`,
    font('Helvetica'),
    font('Helvetica-Bold'),
  ]
  for (const [index, content] of contents.entries()) {
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${A4.widthPt} ${A4.heightPt}] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents ${firstPage + 2 * index + 1} 0 R >>`,
      `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    )
  }
  objects.push(`<< /Title ${literal(title)} /Producer (MedGuard sample data) >>`)

  // One character is one byte from here on: everything beyond ASCII is escaped in literals, and this comment line is Latin-1.
  let file = '%PDF-1.4\n%\u00e2\u00e3\u00cf\u00d3\n'
  const offsets: number[] = []
  for (const [index, object] of objects.entries()) {
    offsets.push(file.length)
    file += `${index + 1} 0 obj\n${object}\nendobj\n`
  }
  const xrefAt = file.length
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`
  for (const offset of offsets) file += `${String(offset).padStart(10, '0')} 00000 n \n`
  file += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info ${objects.length} 0 R >>\nstartxref\n${xrefAt}\n%%EOF\n`
  return Uint8Array.from(file, (character) => character.charCodeAt(0))
}

const number = (value: number) => String(Number(value.toFixed(2)))

/** Windows-1252, which WinAnsiEncoding is, differs from Latin-1 in these of the characters we print. */
const WIN_ANSI: Readonly<Record<string, number>> = { '€': 0x80, '–': 0x96, '—': 0x97, '’': 0x92, '•': 0x95, '…': 0x85 }

/** @throws RangeError for a character that the standard fonts cannot show. */
function literal(text: string): string {
  let out = ''
  for (const character of text) {
    const code = WIN_ANSI[character] ?? character.codePointAt(0) ?? 0
    if (code < 0x20 || code > 0xff || (code > 0x7e && code < 0xa0 && WIN_ANSI[character] === undefined)) {
      throw new RangeError(`no glyph for U+${code.toString(16)}`)
    }
    if ('()\\'.includes(character)) out += `\\${character}`
    else out += code > 0x7e ? `\\${code.toString(8).padStart(3, '0')}` : character
  }
  return `(${out})`
}
