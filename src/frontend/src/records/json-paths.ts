import { at, type Json, textAt } from '@medguard/fhir'

// Looking into JSON that somebody else wrote: anything may be missing or of another type, nothing throws.

export { at, type Json, listAt, textAt } from '@medguard/fhir'

export function numberAt(value: Json, ...path: readonly (string | number)[]): number | null {
  const found = at(value, ...path)
  return typeof found === 'number' && Number.isFinite(found) ? found : null
}

/** The first of several fields that holds text. */
export function firstText(value: Json, fields: readonly string[]): string | null {
  for (const field of fields) {
    const found = textAt(value, field)
    if (found !== null) return found
  }
  return null
}
