import { MEASURED } from '@medguard/client'
import { useEffect, useRef } from 'react'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { markText } from '../app/dates.ts'
import { numberText } from '../words/language.ts'
import { type Point, type Series, type Span, thinned } from './series.ts'

const HEIGHT = 280
/** Seconds between marks of the axis: whole days, as its labels are. */
const STEPS = [1, 2, 7, 14, 30, 61, 91, 182, 365, 730, 1825, 3650].map((days) => days * 86_400)
const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

/** Parts of the span that are told apart: about as many as a chart has pixels. */
const PARTS = 800
const dataOf = (points: readonly Point[], span: Span): [number[], number[]] => {
  const shown = thinned(points, span, PARTS)
  return [shown.map(({ ms }) => ms / 1000), shown.map(({ value }) => value)]
}

/** A line over time with the usual range behind it; another series or unit is another chart (`key`). It says nothing by itself: the sentence and the table beside it do. */
export function Chart({ series, span, label }: { series: Series; span: Span; label: string }) {
  const holder = useRef<HTMLElement>(null)
  const chart = useRef<UPlot>(null)
  const begin = useRef(span)
  const drawn = useRef<Span>(null)
  useEffect(() => {
    const element = holder.current
    if (element === null) return
    const startMs = performance.now()
    let isDrawn = false
    const { points } = series
    const range = points.findLast(({ low, high }) => low !== null || high !== null)
    // Asked for at each drawing: they follow the colours of the page.
    const line = () => colour('--mg-line')
    const axis = { stroke: () => colour('--mg-soft'), grid: { stroke: line }, ticks: { stroke: line } }
    const made = new UPlot(
      {
        width: Math.max(element.clientWidth, 240),
        height: HEIGHT,
        padding: [12, 36, 0, 0],
        legend: { show: false },
        cursor: { drag: { x: false, y: false } },
        series: [{}, { stroke: () => colour('--mg-info'), width: 2, points: { show: points.length < 200 } }],
        axes: [
          { ...axis, space: 90, incrs: STEPS, values: (_, marks) => marks.map((mark) => markText(mark * 1000)) },
          { ...axis, size: 56, values: (_, marks) => marks.map((mark) => numberText(mark)) },
        ],
        scales: {
          y: {
            range: (_, low, high) => {
              const [from, to] = [Math.min(low, range?.low ?? low), Math.max(high, range?.high ?? high)]
              const room = (to - from || Math.abs(to) || 1) * 0.1
              return [from - room, to + room]
            },
          },
        },
        hooks: {
          draw: [
            () => {
              if (!isDrawn) performance.measure(MEASURED.chart, { start: startMs })
              isDrawn = true
            },
          ],
          drawClear: [
            (plot) => {
              const { ctx, bbox } = plot
              if (range === undefined) return
              const edge = (value: number | null, otherwise: number) =>
                value === null
                  ? otherwise
                  : Math.min(Math.max(plot.valToPos(value, 'y', true), bbox.top), bbox.top + bbox.height)
              const top = edge(range.high, bbox.top)
              ctx.fillStyle = colour('--mg-good-bg')
              ctx.fillRect(bbox.left, top, bbox.width, edge(range.low, bbox.top + bbox.height) - top)
            },
          ],
        },
      },
      dataOf(points, begin.current),
      element,
    )
    chart.current = made
    drawn.current = begin.current
    const sizes = new ResizeObserver(() => {
      const width = Math.max(element.clientWidth, 240)
      if (width !== made.width) made.setSize({ width, height: HEIGHT }) // it is told once of what it has
    })
    sizes.observe(element)
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    const redraw = () => made.redraw(false)
    scheme.addEventListener('change', redraw)
    return () => {
      sizes.disconnect()
      scheme.removeEventListener('change', redraw)
      chart.current = null
      made.destroy()
    }
  }, [series])
  useEffect(() => {
    // What a new chart begins with is there already: of many points it takes as long as drawing them.
    if (drawn.current !== span) chart.current?.setData(dataOf(series.points, span), false)
    drawn.current = span
    chart.current?.setScale('x', { ...span })
  }, [series, span])
  return <figure ref={holder} className="mg-chart" dir="ltr" aria-label={label} />
}
