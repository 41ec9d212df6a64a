/** Whether a resource is valid FHIR R4: in Node alone, since the base definitions are 50 MB. */
import '../web-socket.ts'
import { crawlTypedValue, OperationOutcomeError, toTypedValue, validateResource } from '@medplum/core'
import type { Resource as R4Resource } from '@medplum/fhirtypes'
import type { Json } from '../json.ts'
import { isResource, listAt, type Resource, textAt } from '../json-paths.ts'
import type { Issue } from '../outcome.ts'
import { isResourceType } from '../resource-types.ts'
import { loadDefinitions } from './definitions.ts'
import { ownChecks } from './own-checks.ts'
import { type Codes, valueSetReader } from './value-sets.ts'

export { loadDefinitions }

/** What a document may bring along in itself; larger ones are addresses. */
const BASE64_BYTES_MAX = 32 * 1024 * 1024

let codesOf: ((url: string) => Codes | null) | null = null

/**
 * Cardinality, types, formats, invariants, required bindings, kinds of reference, of one resource or of all in a bundle. What is not R4's is told as
 * information, and what is around it is checked.
 */
export function validate(resource: Json): Issue[] {
  if (!isResource(resource))
    return [
      { severity: 'error', code: 'structure', details: 'no resource: resourceType is missing', expression: '$this' },
    ]
  codesOf ??= valueSetReader(loadDefinitions())
  const issues: Issue[] = []
  const known = withoutUnknown(resource, resource.resourceType, issues)
  if (known === null) return issues
  emptyThings(known, resource.resourceType, issues)
  const types = new Map(
    listAt(known, 'entry').map((entry) => [textAt(entry, 'fullUrl'), textAt(entry, 'resource', 'resourceType')]),
  )
  const typeOfUrl = (url: string) => types.get(url) ?? null
  issues.push(...medplumIssues(known))
  const own: Issue[] = []
  try {
    crawlTypedValue(toTypedValue(known), ownChecks({ codesOf, typeOfUrl }, own))
  } catch (error) {
    // Values of a wrong type, which the validator has told of; what it did not tell of is a bug.
    if (issues.length === 0) throw error
  }
  return [...issues, ...own]
}

function medplumIssues(resource: Resource): Issue[] {
  try {
    validateResource(resource as unknown as R4Resource, { base64BinaryMaxBytes: BASE64_BYTES_MAX })
    return [] // its warnings are what our own checks are strict about
  } catch (error) {
    if (error instanceof OperationOutcomeError)
      return error.outcome.issue.flatMap(({ severity, code, details, expression }): Issue[] =>
        severity === 'error' || severity === 'fatal'
          ? [
              {
                severity: 'error',
                code: code === 'invariant' ? 'invariant' : 'structure',
                details: details?.text ?? code ?? '',
                expression: expression?.[0] ?? resource.resourceType,
              },
            ]
          : [],
      )
    if (!(error instanceof TypeError)) throw error
    // It walks into text where an object should be.
    return [
      {
        severity: 'error',
        code: 'structure',
        details: 'not of the shape that R4 gives it',
        expression: resource.resourceType,
      },
    ]
  }
}

/** The same with a `Basic` in the place of resources that are not R4's, which no definition can judge; null for one that is not itself. */
function withoutUnknown(json: Resource, place: string, issues: Issue[]): Resource | null
function withoutUnknown(json: Json, place: string, issues: Issue[]): Json
function withoutUnknown(json: Json, place: string, issues: Issue[]): Json {
  if (Array.isArray(json)) return json.map((each, i) => withoutUnknown(each, `${place}[${i}]`, issues))
  if (typeof json !== 'object' || json === null) return json
  if (isResource(json) && !isResourceType(json.resourceType)) {
    const details = `${json.resourceType} is no resource type of R4: kept as it is, and not checked`
    issues.push({ severity: 'information', code: 'not-supported', details, expression: place })
    return place.includes('.') ? { resourceType: 'Basic', id: json.id, code: { text: json.resourceType } } : null
  }
  return Object.fromEntries(
    Object.entries(json).map(([name, value]) => [name, withoutUnknown(value, `${place}.${name}`, issues)]),
  )
}

/** R4 knows no empty text, list or object: what is not there is left out. */
function emptyThings(json: Json, place: string, issues: Issue[]): void {
  const isEmpty = json === '' || (typeof json === 'object' && json !== null && Object.keys(json).length === 0)
  if (isEmpty) issues.push({ severity: 'error', code: 'structure', details: 'empty', expression: place })
  if (typeof json !== 'object' || json === null) return
  const isList = Array.isArray(json)
  for (const [name, value] of Object.entries(json))
    emptyThings(value, isList ? `${place}[${name}]` : `${place}.${name}`, issues)
}
