import type { Json, JsonObject } from '../json.ts'
import { isObject, textAt } from '../json.ts'

const REFERENCE = /^([A-Za-z]{1,64})\/([A-Za-z0-9\-.]{1,64})(\/_history\/[A-Za-z0-9\-.]{1,64})?$/
/** Whose the resource is, at its top: always the person whose vault it is in. */
const SUBJECTS = ['subject', 'patient', 'beneficiary', 'for', 'individual'] as const

/** What resources of one vault call each other, and what they are called here. */
export interface Names {
  readonly patientId: string
  /** `Observation/<id as it came>` or `urn:uuid:…` -> `Observation/<record id>`; null where two go by one name. */
  readonly keys: ReadonlyMap<string, string | null>
}

/** @param contents each with the key that it has here. */
export function namesOf(
  patientId: string,
  contents: readonly { readonly key: string; readonly content: JsonObject; readonly fullUrl?: string | null }[],
): Names {
  const keys = new Map<string, string | null>()
  for (const { key, content, fullUrl = null } of contents) {
    const [type, id] = [textAt(content, 'resourceType'), textAt(content, 'id')]
    const names = [
      ...(type === null || id === null ? [] : [`${type}/${id}`, `urn:uuid:${id}`]),
      ...(fullUrl === null ? [] : [fullUrl]),
    ]
    for (const name of names) keys.set(name, (keys.get(name) ?? key) === key ? key : null)
  }
  return { patientId, keys }
}

export const sameNames = ({ keys }: Names, other: Names): boolean =>
  keys.size === other.keys.size && [...keys].every(([name, key]) => other.keys.get(name) === key)

/** Within a record its own names come first. */
export const namesWithin = (names: Names, own: Names): Names => ({
  patientId: names.patientId,
  keys: new Map([...names.keys, ...own.keys]),
})

/** A resource whose references lead to where they mean, if that is here. Whatever else it says stays as it came. */
export function resolved(resource: JsonObject, names: Names): JsonObject {
  const own = `Patient/${names.patientId}`
  const subject = (value: Json): Json => {
    const reference = textAt(value, 'reference') ?? ''
    const isPatient = REFERENCE.exec(reference)?.[1] === 'Patient' || reference.startsWith('urn:')
    return isObject(value) && isPatient ? { ...value, reference: own } : walk(value, names)
  }
  return Object.fromEntries(
    Object.entries(resource).map(([name, value]) => [
      name,
      (SUBJECTS as readonly string[]).includes(name) ? subject(value) : walk(value, names),
    ]),
  )
}

function walk(value: Json, names: Names): Json {
  if (Array.isArray(value)) return (value as readonly Json[]).map((each) => walk(each, names))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name,
      name === 'reference' && typeof each === 'string' ? meant(each, names) : walk(each, names),
    ]),
  )
}

function meant(reference: string, { keys }: Names): string {
  const [, type, id] = REFERENCE.exec(reference) ?? []
  const key = keys.get(type === undefined ? reference : `${type}/${id ?? ''}`)
  // Versions are counted here: what a version elsewhere was called leads nowhere.
  return key ?? reference
}
