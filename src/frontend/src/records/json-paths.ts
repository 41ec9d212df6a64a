// Looking into JSON that somebody else wrote: anything may be missing or of another type, nothing throws.

export type Json = unknown

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

export function numberAt(value: Json, ...path: readonly (string | number)[]): number | null {
  const found = at(value, ...path)
  return typeof found === 'number' && Number.isFinite(found) ? found : null
}

/** Empty for anything that is no list. */
export function listAt(value: Json, ...path: readonly (string | number)[]): readonly Json[] {
  const found = at(value, ...path)
  return Array.isArray(found) ? found : []
}

/** The first of several fields that holds text. */
export function firstText(value: Json, fields: readonly string[]): string | null {
  for (const field of fields) {
    const found = textAt(value, field)
    if (found !== null) return found
  }
  return null
}
