import type { Ecg } from './dicom-types.ts'

// The paper of an electrocardiogram: squares of 1 and 5 mm, one lead below the other, time to the right.

/** CSS pixels of a millimetre: not the ruler's, which no screen tells, but the squares say what is what. */
const MM = 4
const LEAD_MM = 22
const MARGIN_MM = 6
/** More pixels no canvas has on every phone. */
const WIDTH_MAX = 16_000

/** Seconds of it that fit on the paper at 25 mm/s. */
export const lengthOfEcg = ({ seconds }: Ecg): number => Math.min(seconds, WIDTH_MAX / (50 * MM) - 1)

/** @param speed mm/s. @param gain mm/mV. */
export function drawEcg(canvas: HTMLCanvasElement, ecg: Ecg, { speed, gain }: { speed: number; gain: number }): void {
  const seconds = lengthOfEcg(ecg)
  const width = Math.ceil((seconds * speed + 2 * MARGIN_MM) * MM)
  const height = (ecg.leads.length * LEAD_MM + MARGIN_MM) * MM
  const sharp = width * height * 4 > WIDTH_MAX * 1000 ? 1 : Math.min(2, devicePixelRatio)
  canvas.width = Math.floor(width * sharp)
  canvas.height = Math.floor(height * sharp)
  canvas.style.width = `${width}px`
  canvas.style.height = `${height}px`
  const context = canvas.getContext('2d')
  if (context === null) return
  context.scale(sharp, sharp)
  context.fillStyle = '#fff'
  context.fillRect(0, 0, width, height)
  for (const [step, colour] of [
    [1, '#fbe3e3'],
    [5, '#eeb4b4'],
  ] as const) {
    context.beginPath()
    context.strokeStyle = colour
    context.lineWidth = 1
    for (let x = 0; x <= width; x += step * MM) line(context, x + 0.5, 0, x + 0.5, height)
    for (let y = 0; y <= height; y += step * MM) line(context, 0, y + 0.5, width, y + 0.5)
    context.stroke()
  }
  context.strokeStyle = '#14171a'
  context.fillStyle = '#14171a'
  context.lineWidth = 1.2
  context.lineJoin = 'round'
  context.font = ['600', '13px', 'sans-serif'].join(' ')
  for (const [row, { name, samples }] of ecg.leads.entries()) {
    const middle = (row + 0.5) * LEAD_MM * MM + (MARGIN_MM * MM) / 2
    context.fillText(name, 4, middle - 8 * MM)
    context.beginPath()
    const count = Math.min(samples.length, Math.floor(seconds * ecg.samplesPerSecond))
    for (let i = 0; i < count; i++) {
      const x = MARGIN_MM * MM + (i / ecg.samplesPerSecond) * speed * MM
      const y = middle - (samples[i] ?? 0) * gain * MM
      if (i === 0) context.moveTo(x, y)
      else context.lineTo(x, y)
    }
    context.stroke()
  }
}

function line(context: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  context.moveTo(x1, y1)
  context.lineTo(x2, y2)
}
