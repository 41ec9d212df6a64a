import type { CrawlerVisitor, InternalSchemaElement, TypedValueWithPath } from '@medplum/core'
import { at, listAt, textAt } from '../json-paths.ts'
import type { Issue } from '../outcome.ts'
import { isResourceType } from '../resource-types.ts'
import { narrativeProblem } from './narrative.ts'
import type { Codes } from './value-sets.ts'

// What Medplum's validator lets through: codes outside of a required binding, two values where one may stand, references to a type that may not be there,
// markup that runs.

export interface Surroundings {
  readonly codesOf: (valueSet: string) => Codes | null
  /** Type of the resource that a bundle has under a `fullUrl`. */
  readonly typeOfUrl: (fullUrl: string) => string | null
}

/** Visits a whole resource and puts down what is wrong. */
export function ownChecks({ codesOf, typeOfUrl }: Surroundings, issues: Issue[]): CrawlerVisitor {
  const error = (code: Issue['code'], details: string, expression: string) =>
    issues.push({ severity: 'error', code, details, expression })

  const checkCode = (value: TypedValueWithPath, { binding }: InternalSchemaElement): void => {
    if (binding?.strength !== 'required' || binding.valueSet === undefined) return
    const said = codingsOf(value)
    const codes = said === null ? null : codesOf(binding.valueSet)
    if (said === null || codes === null || said.some((coding) => codes.has(coding))) return
    const what = said.length === 0 ? 'no code' : said.map((coding) => coding.replace(/^\|/, '')).join(', ')
    error('code-invalid', `${what}: not in the value set ${binding.valueSet}, which is required`, value.path)
  }

  const checkReference = (value: TypedValueWithPath, { type }: InternalSchemaElement): void => {
    const target = targetOf(textAt(value.value, 'reference') ?? '', typeOfUrl)
    const profiles = type.find(({ code }) => code === 'Reference')?.targetProfile ?? []
    const types = profiles.map((profile) => BASE.exec(profile)?.[1] ?? 'Resource')
    if (target === null || types.length === 0 || types.includes('Resource') || types.includes(target)) return
    error('value', `a reference to ${target}, where ${types.join(' or ')} may stand`, value.path)
  }

  return {
    visitProperty(_parent, key, _path, values, { elements }) {
      const element = elements[key]
      if (element === undefined) return
      for (const value of values.flat()) {
        if (value.value === undefined || value.value === null) continue
        checkCode(value, element)
        if (value.type === 'Reference') checkReference(value, element)
        const problem = value.type === 'xhtml' ? narrativeProblem(String(value.value)) : null
        if (problem !== null) error('security', problem, value.path)
      }
    },
    onExitObject(_path, object, { elements }) {
      for (const [key, { type }] of Object.entries(elements)) {
        if (!key.endsWith('[x]')) continue
        const name = key.slice(0, -3)
        const given = type.map(({ code }) => `${name}${code.charAt(0).toUpperCase()}${code.slice(1)}`)
        const there = given.filter((each) => at(object.value, each) !== undefined)
        if (there.length > 1) error('structure', `one of ${there.join(', ')} may stand here`, object.path)
      }
    },
  }
}

const BASE = /^http:\/\/hl7\.org\/fhir\/StructureDefinition\/([A-Za-z]+)$/

/** What a coded value says; null for what holds no code. */
function codingsOf({ type, value }: TypedValueWithPath): string[] | null {
  const coding = (each: unknown) => `${textAt(each, 'system') ?? ''}|${textAt(each, 'code') ?? ''}`
  switch (type) {
    case 'code': {
      // With an extension beside it, the library makes an object of the text.
      const said: unknown = typeof value === 'object' ? (value as object).valueOf() : value
      return typeof said === 'string' ? [`|${said}`] : null
    }
    case 'Coding':
      return [coding(value)]
    case 'CodeableConcept':
      return listAt(value, 'coding').map(coding)
    default:
      return null
  }
}

const RELATIVE = /^([A-Z][A-Za-z]+)(?:\/[A-Za-z0-9.-]{1,64}|\?)/
const ABSOLUTE = /^https?:\/\/.*\/([A-Z][A-Za-z]+)\/[A-Za-z0-9.-]{1,64}(?:\/_history\/[^/]+)?$/
/** Null where a reference does not tell: one into the resource itself, or to somewhere else. */
function targetOf(reference: string, typeOfUrl: Surroundings['typeOfUrl']): string | null {
  const said = typeOfUrl(reference) ?? RELATIVE.exec(reference)?.[1] ?? ABSOLUTE.exec(reference)?.[1] ?? null
  return said !== null && isResourceType(said) ? said : null
}
