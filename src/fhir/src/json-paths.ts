import type { Json } from './json.ts'

// Looking into JSON that somebody else wrote: anything may be missing or of another type, nothing throws.

export function at(value: Json, ...path: readonly (string | number)[]): Json {
  let found: Json = value
  for (const step of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, step)) return undefined
    found = (found as Record<string | number, unknown>)[step]
  }
  return found
}

export function textAt(value: Json, ...path: readonly (string | number)[]): string | null {
  const found = at(value, ...path)
  return typeof found === 'string' && found.trim() !== '' ? found : null
}

/** Empty for anything that is no list. */
export function listAt(value: Json, ...path: readonly (string | number)[]): readonly Json[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}

/** An object that says of which type it is. */
export interface Resource {
  readonly resourceType: string
  readonly id?: string
  readonly [member: string]: unknown
}

export function isResource(value: Json): value is Resource {
  const type = textAt(value, 'resourceType')
  return type !== null && /^[A-Z][A-Za-z]{1,63}$/.test(type)
}
