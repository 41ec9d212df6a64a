import type { CodeSystem, CodeSystemConcept, ValueSet, ValueSetComposeInclude } from '@medplum/fhirtypes'
import type { Terminology } from './definitions.ts'

/** The codes of a value set: `system|code`, and `|code` for elements that name no system. */
export type Codes = ReadonlySet<string>

/**
 * Which codes are in a value set, as far as the definitions tell. Null where they do not: a code system that is somebody else's (languages, media types,
 * units), or a filter that takes a terminology server.
 */
export function valueSetReader({ valueSets, codeSystems }: Terminology): (url: string) => Codes | null {
  const known = new Map<string, Codes | null>()

  const codesOf = (url: string): Codes | null => {
    const [name = ''] = url.split('|')
    const found = known.get(name)
    if (found !== undefined) return found
    known.set(name, null) // what refers to itself says nothing
    const valueSet = valueSets.get(name)
    const codes = valueSet === undefined ? null : expanded(valueSet)
    known.set(name, codes)
    return codes
  }

  const expanded = ({ compose }: ValueSet): Codes | null => {
    const included = unionOf((compose?.include ?? []).map(codesIn))
    const excluded = unionOf((compose?.exclude ?? []).map(codesIn))
    if (included === null || excluded === null || included.size === 0) return null
    return new Set([...included].filter((code) => !excluded.has(code)))
  }

  const codesIn = ({ system, concept, filter, valueSet }: ValueSetComposeInclude): Codes | null => {
    if (valueSet !== undefined) {
      const [only, ...others] = valueSet
      return system === undefined && only !== undefined && others.length === 0 ? codesOf(only) : null
    }
    if (system === undefined) return null
    if (concept !== undefined)
      return named(
        system,
        concept.flatMap(({ code }) => code ?? []),
      )
    const codeSystem = codeSystems.get(system)
    if (codeSystem === undefined || codeSystem.content !== 'complete') return null
    const all = flat(codeSystem)
    if (filter === undefined) return named(system, [...all.keys()])
    const kept = filter.map(({ property, op, value }) => {
      if (property !== 'concept' || value === undefined || (op !== 'is-a' && op !== 'descendent-of')) return null
      const below = [...all.keys()].filter((code) => code !== value && isBelow(all, code, value))
      return op === 'is-a' ? [value, ...below] : below
    })
    const [only, ...others] = kept
    return only === undefined || only === null || others.length > 0 ? null : named(system, only)
  }

  return codesOf
}

const named = (system: string, codes: readonly string[]): Codes =>
  new Set(codes.flatMap((code) => [`${system}|${code}`, `|${code}`]))

function unionOf(all: readonly (Codes | null)[]): Codes | null {
  const found = new Set<string>()
  for (const codes of all) {
    if (codes === null) return null
    for (const code of codes) found.add(code)
  }
  return found
}

/** What each code stands below, be it by its place or as a property. */
function flat({ concept = [] }: CodeSystem): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  const walk = (concepts: readonly CodeSystemConcept[], parent: readonly string[]): void => {
    for (const { code, property = [], concept: below = [] } of concepts) {
      if (code === undefined) continue
      const said = property.flatMap((each) => (each.code === 'subsumedBy' ? (each.valueCode ?? []) : []))
      found.set(code, [...parent, ...said])
      walk(below, [code])
    }
  }
  walk(concept, [])
  return found
}

function isBelow(all: ReadonlyMap<string, readonly string[]>, code: string, ancestor: string): boolean {
  const seen = new Set<string>()
  const queue = [...(all.get(code) ?? [])]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (next === ancestor) return true
    if (seen.has(next)) continue
    seen.add(next)
    queue.push(...(all.get(next) ?? []))
  }
  return false
}
