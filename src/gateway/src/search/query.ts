import { badInput } from '../faults.ts'
import { isType, parametersOf, type Parameter } from './definitions.ts'
import { prefixed } from './date-ranges.ts'

// The words of a search. Whatever is not understood is refused: an answer that leaves out a condition, or is empty for a misspelt one, is dangerous in a clinic.

export const COUNT_MAX = 100
const COUNT_DEFAULT = 20
/** More conditions than anybody types. */
const CRITERIA_MAX = 30
const VALUES_MAX = 100

export interface Criterion {
  readonly parameter: Parameter
  /** Empty for none. */
  readonly modifier: string
  /** Any of these. */
  readonly values: readonly string[]
}
export interface Chain {
  /** A reference parameter of the type that is searched for. */
  readonly via: Parameter
  readonly types: readonly string[]
  readonly inner: readonly (readonly [type: string, criterion: Criterion])[]
}
/** `_has`: of another type, which refers to what is searched for. */
export interface Reverse {
  readonly type: string
  readonly via: Parameter
  readonly inner: Criterion
}
export interface Include {
  readonly type: string
  readonly parameter: Parameter
  readonly target: string | null
}
export interface Query {
  readonly type: string
  readonly criteria: readonly Criterion[]
  readonly chains: readonly Chain[]
  readonly reverses: readonly Reverse[]
  readonly includes: readonly Include[]
  readonly revincludes: readonly Include[]
  readonly sort: readonly { readonly parameter: Parameter; readonly isDescending: boolean }[]
  readonly count: number
  readonly offset: number
  /** Parameters that were left out, since whoever asks allowed that (`Prefer: handling=lenient`). */
  readonly ignored: readonly string[]
  /** As they came, without the offset: for links to other pages. */
  readonly pairs: readonly Pair[]
}
export type Pair = readonly [name: string, value: string]

/** They change how an answer looks, not what is in it; ours looks the same. */
const WITHOUT_EFFECT: ReadonlySet<string> = new Set(['_format', '_pretty', '_total'])

/** @throws Refuse 400 for what is not understood. */
export function parseQuery(type: string, pairs: readonly Pair[], isLenient: boolean): Query {
  if (pairs.length > CRITERIA_MAX) throw badInput(`at most ${CRITERIA_MAX} search parameters`)
  const found = {
    criteria: [] as Criterion[],
    chains: [] as Chain[],
    reverses: [] as Reverse[],
    includes: [] as Include[],
    revincludes: [] as Include[],
    ignored: [] as string[],
  }
  let sort: Query['sort'] = []
  let count = COUNT_DEFAULT
  let offset = 0
  const take = (name: string, value: string): void => {
    if (name === '_count') count = wholeNumber(name, value, COUNT_MAX)
    else if (name === '_offset') offset = wholeNumber(name, value, 1_000_000)
    else if (name === '_summary') {
      if (value !== 'count' && value !== 'false') throw badInput('_summary: only count and false')
      if (value === 'count') count = 0
    } else if (name === '_sort') sort = value.split(',').map((each) => sortRule(type, each))
    else if (name === '_include') found.includes.push(includeOf(value))
    else if (name === '_revinclude') found.revincludes.push(includeOf(value))
    else if (name.startsWith('_has:')) found.reverses.push(reverseOf(name, value))
    else if (name.includes('.')) found.chains.push(chainOf(type, name, value))
    else if (!WITHOUT_EFFECT.has(name)) found.criteria.push(criterionOf(type, name, value))
  }
  for (const [name, value] of pairs)
    try {
      take(name, value)
    } catch (error) {
      if (!isLenient || !(error instanceof UnknownParameter))
        throw error instanceof UnknownParameter ? badInput(error.message) : error
      found.ignored.push(name)
    }
  return { type, ...found, sort, count, offset, pairs: pairs.filter(([name]) => name !== '_offset') }
}

/** The one thing that whoever asks may allow to be left out. */
class UnknownParameter extends Error {}

function parameterOf(type: string, code: string): Parameter {
  const found = parametersOf(type).get(code)
  if (found === undefined) throw new UnknownParameter(`${type} cannot be searched by ${code.slice(0, 60)}`)
  return found
}

const MODIFIERS: Readonly<Record<Parameter['type'], readonly string[]>> = {
  token: ['not', 'text'],
  string: ['exact', 'contains'],
  reference: ['identifier'],
  uri: [],
  date: [],
  number: [],
  quantity: [],
}

export function criterionOf(type: string, name: string, value: string): Criterion {
  const [code = '', modifier = '', ...more] = name.split(':')
  const parameter = parameterOf(type, code)
  const isReferenceTo = parameter.type === 'reference' && isType(modifier)
  const isKnown =
    modifier === '' || modifier === 'missing' || isReferenceTo || MODIFIERS[parameter.type].includes(modifier)
  if (!isKnown || more.length > 0) throw badInput(`${code}: a modifier that is not known here`)
  const values = splitUnescaped(value, ',')
  if (values.length > VALUES_MAX) throw badInput(`${code}: at most ${VALUES_MAX} values`)
  if (values.some((each) => each === '')) throw badInput(`${code}: an empty value`)
  if (modifier === 'missing' && value !== 'true' && value !== 'false')
    throw badInput(`${code}:missing is true or false`)
  if (modifier !== 'missing' && (parameter.type === 'quantity' || parameter.type === 'number'))
    for (const each of values) numberOf(code, each)
  return { parameter, modifier, values }
}

/** `subject:Patient.name` or `patient.name`: one step, no further. */
function chainOf(type: string, name: string, value: string): Chain {
  const [first = '', rest = '', ...more] = name.split('.')
  if (more.length > 0) throw badInput('a chain of more than one step')
  const [code = '', named] = first.split(':')
  const via = parameterOf(type, code)
  if (via.type !== 'reference') throw badInput(`${code} is no reference`)
  if (named !== undefined && !isType(named)) throw badInput(`${code}: a type that is not known here`)
  const targets = named === undefined ? (via.target ?? []).filter(isType) : [named]
  const [inner = ''] = rest.split(':')
  const types = targets.filter((target) => parametersOf(target).has(inner))
  if (types.length === 0) throw new UnknownParameter(`${name.slice(0, 60)} leads nowhere`)
  return { via, types, inner: types.map((target) => [target, criterionOf(target, rest, value)] as const) }
}

/** `_has:Observation:patient:code` */
function reverseOf(name: string, value: string): Reverse {
  const [, type = '', reference = '', ...rest] = name.split(':')
  if (!isType(type)) throw badInput('_has: a type that is not known here')
  if (rest[0] === undefined || rest[0].startsWith('_has') || rest.join().includes('.'))
    throw badInput('_has: more than one step')
  const via = parameterOf(type, reference)
  if (via.type !== 'reference') throw badInput(`_has: ${reference.slice(0, 60)} is no reference`)
  return { type, via, inner: criterionOf(type, rest.join(':'), value) }
}

/** `Observation:subject` or `Observation:subject:Patient` */
function includeOf(value: string): Include {
  const [type = '', code = '', target = null, ...more] = value.split(':')
  if (!isType(type) || more.length > 0 || (target !== null && !isType(target)))
    throw badInput('an include is Type:parameter or Type:parameter:Target, of types that are known here')
  const parameter = parameterOf(type, code)
  if (parameter.type !== 'reference') throw badInput(`${code} is no reference`)
  return { type, parameter, target }
}

function sortRule(type: string, text: string): Query['sort'][number] {
  const isDescending = text.startsWith('-')
  return { parameter: parameterOf(type, isDescending ? text.slice(1) : text), isDescending }
}

function wholeNumber(name: string, value: string, max: number): number {
  const number = /^\d{1,7}$/.test(value) ? Number(value) : Infinity
  if (number > max) throw badInput(`${name} is a whole number, at most ${max}`)
  return number
}

/** `ge5.4|http://unitsofmeasure.org|mg`: what is meant by it, as precise as it is written. */
export function numberOf(code: string, text: string) {
  const [number = '', system, unit] = splitUnescaped(text, '|')
  const { prefix, rest } = prefixed(number)
  const value = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(rest) ? Number(rest) : NaN
  if (!Number.isFinite(value)) throw badInput(`${code}: not a number`)
  const decimals = /\.(\d+)/.exec(rest)?.[1]?.length ?? 0
  return { prefix, value, half: 0.5 * 10 ** -decimals, system: system ?? null, unit: unit ?? null }
}

/** At a separator that no backslash is before; what was escaped comes out as it is meant. */
export function splitUnescaped(text: string, separator: ',' | '|'): string[] {
  const parts: string[] = ['']
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string
    if (char === separator) parts.push('')
    else {
      const isEscape = char === '\\' && separator === '|'
      // Commas are taken apart first: what else is escaped stays so until the parts are.
      const keep = char === '\\' && separator === ',' && i + 1 < text.length
      if (keep) {
        parts[parts.length - 1] += text[i + 1] === ',' ? ',' : `\\${text[i + 1] ?? ''}`
        i++
      } else if (isEscape && i + 1 < text.length) parts[parts.length - 1] += text[++i] ?? ''
      else parts[parts.length - 1] += char
    }
  }
  return parts
}
