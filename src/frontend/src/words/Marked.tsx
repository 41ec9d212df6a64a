import { Fragment, type ReactNode } from 'react'
import { textOf } from './language.ts'
import type { MarkedKey, MarksOf, ValuesOf } from './texts.ts'

/** Stands for `<` while marks are looked for, so that a value that looks like a mark stays text. */
const STAND_IN = '\ue000'

/**
 * A text with something marked in it, as `See <help>how it works</help>`: each mark is drawn by the function of its name. Marks hold no
 * marks.
 */
export function Marked<K extends MarkedKey>(
  props: {
    text: K
    marks: { readonly [M in MarksOf<K>]: (inside: string) => ReactNode }
  } & ([keyof ValuesOf<K>] extends [never] ? { values?: never } : { values: ValuesOf<K> }),
) {
  const safe = Object.entries(props.values ?? {}).map(([name, value]) => [
    name,
    typeof value === 'string' ? value.replaceAll('<', STAND_IN) : value,
  ])
  const text = textOf(props.text, Object.fromEntries(safe))
  const back = (part: string) => part.replaceAll(STAND_IN, '<')
  const marks: Readonly<Record<string, (inside: string) => ReactNode>> = props.marks
  // Splitting by two groups: text, name, inside, text, name, inside, … text.
  const parts = text.split(/<(\w+)>([^<]*)<\/\1>/)
  return parts.map((part, place) => {
    if (place % 3 === 1) return <Fragment key={place}>{marks[part]?.(back(parts[place + 1] ?? ''))}</Fragment>
    return place % 3 === 2 ? null : back(part)
  })
}
