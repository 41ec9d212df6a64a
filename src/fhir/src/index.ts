/** FHIR R4 and HL7 v2: reading, checking, mapping. Pure: no network, no keys. */
export { type Json, JSON_BYTES_MAX, JSON_DEPTH_MAX, type JsonProblem, type JsonRead, readJson } from './json.ts'
export { at, isResource, listAt, type Resource, textAt } from './json-paths.ts'
export { isResourceType, RESOURCE_TYPES } from './resource-types.ts'
export { resolver } from './references.ts'
export { hasErrors, type Issue, outcomeOf } from './outcome.ts'
export { categoryOf, dayOf, fileNameOf, titleOf } from './import/describe.ts'
export { type FhirFile, importItems, type ImportItem } from './import/import-items.ts'
export {
  type Category,
  type LogLine,
  type SignatureState,
  type VaultPatient,
  type VaultRecord,
} from './vault/vault-record.ts'
export { vaultBundle, type VaultContents } from './vault/vault-bundle.ts'
export { type Source, sourcesIn, summaryOf, type SummaryPatient } from './summary/patient-summary.ts'
export { isSummary, summaryIssues } from './summary/summary-checks.ts'
export { cardsIn } from './documents/cards-in.ts'
