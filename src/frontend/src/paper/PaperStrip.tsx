import { useEffect, useRef } from 'react'
import type { Place } from './paper-types.ts'
import type { PaperPages } from './read-paper.ts'

/** Letters around a line are seen with it, for those that were cut off. */
const AIR = 0.6

/** The line on the paper that something was read in, right above what it was read as: on a phone the paper itself is out of sight there. */
export function PaperStrip({ pages, place }: { pages: PaperPages; place: Place | null }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const picture = place === null ? undefined : pages.pictures[place.page]
  useEffect(() => {
    if (canvas.current === null || place === null || picture === undefined) return
    const { left, top, right, bottom } = place.box
    const air = (bottom - top) * AIR
    const [x, y] = [Math.max(0, left - 2 * air), Math.max(0, top - air)]
    const width = Math.min(picture.width, right + 2 * air) - x
    const height = Math.min(picture.height, bottom + air) - y
    canvas.current.width = Math.max(1, Math.round(width))
    canvas.current.height = Math.max(1, Math.round(height))
    canvas.current.getContext('2d')?.drawImage(picture, x, y, width, height, 0, 0, width, height)
  }, [picture, place])
  // What it shows stands beside it in words, as it was read.
  return picture === undefined ? null : <canvas ref={canvas} className="mg-paper-strip" aria-hidden />
}
