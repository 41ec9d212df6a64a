import { validate } from '@medguard/fhir/in-node'
import { Refuse } from '../faults.ts'
import type { JsonObject } from '../json.ts'

const ISSUES_MAX = 20

/** A resource that is stored is valid FHIR: others will read it. @throws Refuse 422 that names the places. */
export function expectValid(resource: JsonObject): void {
  const errors = validate(resource).filter(({ severity }) => severity === 'error')
  if (errors.length === 0) return
  const issues = errors.slice(0, ISSUES_MAX).map(({ code, details, expression }) => ({
    severity: 'error' as const,
    code,
    details: { text: details },
    expression: [expression],
  }))
  throw new Refuse(422, 'invalid', 'this is not valid FHIR R4', { issues })
}
