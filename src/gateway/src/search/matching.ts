import { badInput } from '../faults.ts'
import type { Held, View } from '../patients/held.ts'
import { type DateRange, compares, dateRange, prefixed } from './date-ranges.ts'
import { type Criterion, numberOf, type Query, splitUnescaped } from './query.ts'
import { plain, type Values, valuesOf } from './values.ts'

/**
 * The resources that a query means, out of those that may be read, in no order.
 *
 * @param view also what chains and reverse chains look through: nobody learns from them what they may not read.
 */
export function matching({ resources }: View, query: Query, nowMs: number): Held[] {
  const conditions = query.criteria.map((criterion) => conditionOf(criterion, nowMs))
  const chains = query.chains.map(({ via, inner }) => {
    const keys = new Set(
      inner.flatMap(([type, criterion]) => {
        const isMeant = conditionOf(criterion, nowMs)
        return resources.filter((held) => held.resource.resourceType === type && isMeant(held)).map(({ key }) => key)
      }),
    )
    return (held: Held) => valuesOf(held, via).references.some((reference) => keys.has(keyOf(reference)))
  })
  const reverses = query.reverses.map(({ type, via, inner }) => {
    const isMeant = conditionOf(inner, nowMs)
    const keys = new Set(
      resources
        .filter((held) => held.resource.resourceType === type && isMeant(held))
        .flatMap((held) => valuesOf(held, via).references.map(keyOf)),
    )
    return (held: Held) => keys.has(held.key)
  })
  const all = [...conditions, ...chains, ...reverses]
  return resources.filter((held) => held.resource.resourceType === query.type && all.every((holds) => holds(held)))
}

/** `Observation/1/_history/2` is of `Observation/1`. */
export const keyOf = (reference: string): string => reference.split('/_history/')[0] ?? reference

type Condition = (held: Held) => boolean

function conditionOf({ parameter, modifier, values }: Criterion, nowMs: number): Condition {
  if (modifier === 'missing') return (held) => String(valuesOf(held, parameter).isMissing) === values[0]
  const tests = values.map((value): ((values: Values) => boolean) => {
    switch (parameter.type) {
      case 'token':
        return modifier === 'text' ? textTest(value) : tokenTest(value)
      case 'string':
        return stringTest(value, modifier)
      case 'uri':
        return ({ strings }) => strings.includes(unescaped(value))
      case 'reference':
        return modifier === 'identifier' ? identifierTest(value) : referenceTest(value, modifier)
      case 'date':
        return dateTest(parameter.code, value, nowMs)
      case 'number':
      case 'quantity':
        return quantityTest(parameter.code, value)
    }
  })
  const isAny: Condition = (held) => {
    const found = valuesOf(held, parameter)
    return tests.some((test) => test(found))
  }
  return modifier === 'not' ? (held) => !isAny(held) : isAny
}

const unescaped = (text: string): string => splitUnescaped(text, '|').join('|')

/** `code`, `system|code`, `system|`, or `|code` for one without a system. */
function pairTest(value: string) {
  const [first = '', second] = splitUnescaped(value, '|')
  return (each: { readonly system?: string | undefined; readonly value?: string | undefined }): boolean => {
    if (second === undefined) return each.value === first
    return (each.system ?? '') === first && (second === '' || each.value === second)
  }
}
function tokenTest(value: string): (values: Values) => boolean {
  const test = pairTest(value)
  return ({ tokens }) => tokens.some(test)
}
function identifierTest(value: string): (values: Values) => boolean {
  const test = pairTest(value)
  return ({ identifiers }) => identifiers.some(test)
}
function textTest(value: string): (values: Values) => boolean {
  const wanted = plain(unescaped(value))
  return ({ texts }) => texts.some((text) => text.startsWith(wanted))
}
function stringTest(value: string, modifier: string): (values: Values) => boolean {
  const text = unescaped(value)
  // Kept without case and accents: exact means the same letters, from beginning to end.
  const wanted = plain(text)
  if (modifier === 'contains') return ({ strings }) => strings.some((each) => each.includes(wanted))
  if (modifier === 'exact') return ({ strings }) => strings.includes(wanted)
  return ({ strings }) => strings.some((each) => each.startsWith(wanted))
}
function referenceTest(value: string, type: string): (values: Values) => boolean {
  const wanted = keyOf(unescaped(value))
  const isWhole = wanted.includes('/')
  return ({ references }) =>
    references.map(keyOf).some((each) => {
      if (type !== '' && !each.startsWith(`${type}/`)) return false
      return isWhole ? each === wanted : each.endsWith(`/${wanted}`) || each === wanted
    })
}

function dateTest(code: string, value: string, nowMs: number): (values: Values) => boolean {
  const { prefix, rest } = prefixed(value)
  const wanted = dateRange(rest)
  if (wanted === null) throw badInput(`${code}: not a date`)
  const span = spanOf(wanted)
  // "Approximately" is a tenth of how long ago it is, as FHIR proposes.
  const slack = Math.abs(nowMs - wanted.fromMs) / 10
  return ({ dates }) => dates.some((date) => compares(prefix, spanOf(date), span, slack))
}
const spanOf = ({ fromMs, untilMs }: DateRange) => [fromMs, untilMs] as const

function quantityTest(code: string, text: string): (values: Values) => boolean {
  const { prefix, value: wanted, half, system, unit } = numberOf(code, text)
  const slack = Math.abs(wanted) / 10
  const isRange = prefix === 'eq' || prefix === 'ne' || prefix === 'ap'
  // As precise as it is written where it has to be the same, and exact where it is a limit.
  const span = isRange ? ([wanted - half, wanted + half] as const) : ([wanted, wanted] as const)
  return ({ quantities }) =>
    quantities.some(({ value, units, system: own }) => {
      if (unit !== null && unit !== '' && !units.includes(unit)) return false
      if (system !== null && system !== '' && system !== own) return false
      return compares(prefix, [value, value], span, slack)
    })
}
