import { encodeQR } from 'qr'
import { expect, test } from 'vitest'
import { textIn } from './read-qr.ts'

const CODE = 'k7ifc-tpwu4-pkwcm-ovtrm-iv5xg-t2a3o-6bsie-rv5wn-5rktw-tycnd-iae'

/** A picture of a code, each module some pixels wide. */
function pictured(text: string, scale: number) {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: 4 })
  const side = rows.length * scale
  const data = new Uint8ClampedArray(side * side * 4).fill(255)
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      if (rows[Math.floor(y / scale)]?.[Math.floor(x / scale)] === true)
        data.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3)
  return { width: side, height: side, data }
}

test('a code that is drawn here is read here', () => {
  expect(textIn(pictured(CODE, 5))).toBe(CODE)
})

test('a picture without a code, or with half of one, has none', () => {
  expect(textIn({ width: 200, height: 200, data: new Uint8ClampedArray(200 * 200 * 4).fill(255) })).toBeNull()
  const half = pictured(CODE, 5)
  half.data.fill(255, half.data.length / 2)
  expect(textIn(half)).toBeNull()
})
