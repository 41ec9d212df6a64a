import { MEASURED } from '@medguard/client'
import type { Gap } from '@medguard/readings'
import { useEffect, useRef } from 'react'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { markText, timeText } from '../app/dates.ts'
import { numberText } from '../words/language.ts'
import { type Point, type Series, type Span, thinned } from './series.ts'
import './trends.css'

const HEIGHT = 280
const DAY = 86_400
/** Seconds between marks of the axis: parts of a day, where it says times, and whole ones, where it says days. */
const STEPS = [60, 300, 900, 3_600, 10_800, 21_600, 43_200].concat(
  [1, 2, 7, 14, 30, 61, 91, 182, 365, 730, 1825, 3650].map((days) => days * DAY),
)

function coloursOfPage() {
  const style = getComputedStyle(document.documentElement)
  const of = (name: string) => style.getPropertyValue(name).trim()
  return {
    line: of('--mg-line'),
    soft: of('--mg-soft'),
    info: of('--mg-info'),
    usual: of('--mg-good-bg'),
    gap: of('--mg-warn-bg'),
  }
}

/** Parts of the span that are told apart: about as many as a chart has pixels. */
const PARTS = 800
/** The line breaks where readings are missing. */
function dataOf(points: readonly Point[], span: Span, gaps: readonly Gap[]): [number[], (number | null)[]] {
  const shown = thinned(points, span, PARTS)
  const [at, values]: [number[], (number | null)[]] = [[], []]
  let next = 0
  for (const [i, { ms, value }] of shown.entries()) {
    const lastMs = shown[i - 1]?.ms ?? ms
    while (next < gaps.length && (gaps[next]?.fromMs ?? 0) < lastMs) next++
    const gap = gaps[next]
    if (gap !== undefined && gap.fromMs >= lastMs && gap.toMs <= ms && lastMs < ms) {
      at.push((gap.fromMs + gap.toMs) / 2000)
      values.push(null)
    }
    at.push(ms / 1000)
    values.push(value)
  }
  return [at, values]
}

const NO_GAPS: readonly Gap[] = []

const marksOf: UPlot.Axis.DynamicValues = (_, marks, __, ___, step) =>
  marks.map((mark) => (step < DAY ? timeText(mark * 1000) : markText(mark * 1000)))

/** A line over time with the usual range behind it; another series or unit is another chart (`key`). It says nothing by itself: the sentence and the table beside it do. */
export function Chart(props: {
  series: Series
  usual: Point | null
  span: Span
  label: string
  gaps?: readonly Gap[]
}) {
  const { series, usual, span, label, gaps = NO_GAPS } = props
  const holder = useRef<HTMLElement>(null)
  const chart = useRef<UPlot>(null)
  const wanted = useRef(span)
  const drawn = useRef<Span>(null)
  useEffect(() => {
    const element = holder.current
    if (element === null) return
    const { points } = series
    let colours: ReturnType<typeof coloursOfPage> | null = null
    // Not asked for while the chart is made: each answer would have the browser style the page anew.
    const colour = (name: keyof ReturnType<typeof coloursOfPage>) => (colours ??= coloursOfPage())[name]
    const line = () => colour('line')
    const axis = { stroke: () => colour('soft'), grid: { stroke: line }, ticks: { stroke: line } }
    const make = (width: number) => {
      const startMs = performance.now()
      let isDrawn = false
      drawn.current = wanted.current
      return new UPlot(
        {
          width,
          height: HEIGHT,
          padding: [12, 36, 0, 0],
          legend: { show: false },
          cursor: { drag: { x: false, y: false } },
          series: [{}, { stroke: () => colour('info'), width: 2, points: { show: points.length < 200 } }],
          axes: [
            { ...axis, space: 90, incrs: STEPS, values: marksOf },
            { ...axis, size: 56, values: (_, marks) => marks.map((mark) => numberText(mark)) },
          ],
          scales: {
            y: {
              range: (_, low, high) => {
                const [from, to] = [Math.min(low, usual?.low ?? low), Math.max(high, usual?.high ?? high)]
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
                ctx.fillStyle = colour('gap')
                for (const { fromMs, toMs } of gaps) {
                  const across = (ms: number) =>
                    Math.min(Math.max(plot.valToPos(ms / 1000, 'x', true), bbox.left), bbox.left + bbox.width)
                  ctx.fillRect(across(fromMs), bbox.top, across(toMs) - across(fromMs), bbox.height)
                }
                if (usual === null) return
                const edge = (value: number | null, otherwise: number) =>
                  value === null
                    ? otherwise
                    : Math.min(Math.max(plot.valToPos(value, 'y', true), bbox.top), bbox.top + bbox.height)
                const top = edge(usual.high, bbox.top)
                ctx.fillStyle = colour('usual')
                ctx.fillRect(bbox.left, top, bbox.width, edge(usual.low, bbox.top + bbox.height) - top)
              },
            ],
          },
        },
        dataOf(points, wanted.current, gaps),
        element,
      )
    }
    // It is told of the room there is once the browser has laid out the page, which asking for it here would have it do twice.
    const sizes = new ResizeObserver(([entry]) => {
      const width = Math.max(Math.floor(entry?.contentRect.width ?? 0), 240)
      if (chart.current === null) chart.current = make(width)
      else if (width !== chart.current.width) chart.current.setSize({ width, height: HEIGHT })
    })
    sizes.observe(element)
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    const redraw = () => {
      colours = null
      chart.current?.redraw(false)
    }
    scheme.addEventListener('change', redraw)
    return () => {
      sizes.disconnect()
      scheme.removeEventListener('change', redraw)
      chart.current?.destroy()
      chart.current = null
    }
  }, [series, usual, gaps])
  useEffect(() => {
    wanted.current = span
    // What a new chart begins with is there already: of many points it takes as long as drawing them.
    if (drawn.current !== span) chart.current?.setData(dataOf(series.points, span, gaps), false)
    drawn.current = span
    chart.current?.setScale('x', { ...span })
  }, [series, span, gaps])
  return <figure ref={holder} className="mg-chart" dir="ltr" aria-label={label} />
}
