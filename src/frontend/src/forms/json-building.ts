import type { Json } from '../records/json-paths.ts'

export type Path = readonly (string | number)[]

const isObject = (value: Json): value is Readonly<Record<string, Json>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The same with something else at one place; what it leads through is made where it is not there. */
export function withAt(json: Json, path: Path, value: Json): Json {
  const [step, ...rest] = path
  if (step === undefined) return value
  if (typeof step === 'number') {
    const list: Json[] = Array.isArray(json) ? [...(json as readonly Json[])] : []
    list[step] = withAt(list[step], rest, value)
    return list
  }
  const held = isObject(json) ? json : {}
  return { ...held, [step]: withAt(held[step], rest, value) }
}

/** Without what is empty: FHIR allows no empty text, list or object. */
export function pruned(json: Json): Json {
  if (Array.isArray(json)) {
    const items = (json as readonly Json[]).map(pruned).filter((item) => item !== undefined)
    return items.length === 0 ? undefined : items
  }
  if (isObject(json)) {
    const fields = Object.entries(json)
      .map(([name, value]) => [name, pruned(value)] as const)
      .filter(([, value]) => value !== undefined)
    return fields.length === 0 ? undefined : Object.fromEntries(fields)
  }
  return json === '' || json === null ? undefined : json
}
