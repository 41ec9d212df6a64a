import type { DayShape } from './device-days.ts'
import './tiny-chart.css'

const WIDTH = 72
const HEIGHT = 28
/** Less could not be seen. */
const LEAST = 3
/** Within a posting of so much time nothing is known of where which value was: a paler field, and no block. */
const WIDE = 8

/** From which value to which each posting goes, over all their time or a given one. It says nothing that the line beside it does not. */
export function TinyChart(props: Pick<DayShape, 'spans'> & { readonly from?: number; readonly to?: number }) {
  const { spans, from = spans[0]?.fromMs ?? 0, to = Math.max(...spans.map(({ toMs }) => toMs)) } = props
  const min = Math.min(...spans.map((span) => span.min))
  const max = Math.max(...spans.map((span) => span.max))
  const across = (ms: number) => Math.min(Math.max(ms - from, 0) / (to - from || 1), 1) * (WIDTH - LEAST)
  const up = (value: number) => (HEIGHT - LEAST) * (1 - (value - min) / (max - min || 1))
  return (
    <svg className="mg-tiny-chart" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden>
      {spans.map((span, i) => (
        <rect
          key={i}
          x={across(span.fromMs)}
          y={up(span.max)}
          width={Math.max(across(span.toMs) - across(span.fromMs), LEAST)}
          height={up(span.min) - up(span.max) + LEAST}
          rx={1}
          data-wide={across(span.toMs) - across(span.fromMs) > WIDE}
        />
      ))}
    </svg>
  )
}
