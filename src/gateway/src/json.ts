/** A value as JSON has it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [name: string]: Json
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
/** A text field, or null for anything else there. */
export function textAt(value: unknown, name: string): string | null {
  const field = isObject(value) ? value[name] : undefined
  return typeof field === 'string' ? field : null
}
export function listAt(value: unknown, name: string): readonly Json[] {
  const field = isObject(value) ? value[name] : undefined
  return Array.isArray(field) ? field : []
}

/** The very text that a value was read from, where that is known: digits of a number mean something, and writing it anew would lose some. */
export const textOf = new WeakMap<object, string>()
