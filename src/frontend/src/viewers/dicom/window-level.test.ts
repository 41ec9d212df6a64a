import { expect, test } from 'vitest'
import type { Picture } from './dicom-types.ts'
import { paintGrey, stepped, wholeWindow } from './window-level.ts'

const picture: Extract<Picture, { kind: 'grey' }> = {
  kind: 'grey',
  columns: 5,
  rows: 1,
  values: Int16Array.of(-1000, -160, 40, 240, 3000),
  slope: 1,
  intercept: 0,
  lowest: -1000,
  highest: 3000,
  isInverted: false,
}
const levels = (isInverted: boolean, of = picture) => {
  const pixels = new Uint32Array(5)
  paintGrey(of, { center: 40, width: 400 }, isInverted, pixels)
  return Array.from(pixels, (pixel) => pixel & 0xff)
}

test('a window goes from black to white, and turned round the other way', () => {
  const [air, low, middle, high, metal] = levels(false)
  expect([air, low, high, metal]).toEqual([0, 0, 255, 255])
  expect(middle).toBeCloseTo(128, -1)
  expect(levels(true)).toEqual(levels(false).map((level) => 255 - level))
  expect(levels(false, { ...picture, isInverted: true })).toEqual(levels(true))
})

test('the whole picture fits its own window, and steps keep it sensible', () => {
  expect(wholeWindow(picture)).toEqual({ center: 1000, width: 4000 })
  expect(stepped({ center: 40, width: 400 }, 1, 0)).toEqual({ center: 0, width: 400 })
  expect(stepped({ center: 40, width: 1 }, 0, 5).width).toBe(1)
})
