import { expect, test } from 'vitest'
import { linesOfTexts } from './pdf-lines.ts'

const text = (str: string, x: number, y: number) => ({ str, transform: [10, 0, 0, 10, x, y], width: 10, height: 10 })

test('a row of a table is one line from the left, whatever order its cells are in', () => {
  const texts = [
    text('g/dL', 300, 700),
    text('Haemoglobin', 50, 701),
    text(' ', 120, 700),
    text('11.2', 200, 699.5),
    text('Ferritin', 50, 680),
    text('Hospital', 50, 750),
  ]
  expect(linesOfTexts(texts)).toEqual(['Hospital', 'Haemoglobin 11.2 g/dL', 'Ferritin'])
})
