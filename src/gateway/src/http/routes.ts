// Every address of the gateway, once: the server opens these and no others, and `/openapi.json` tells of these and no others.

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
/** Who answers. */
export type Handler =
  | 'fhir'
  | 'binary'
  | 'metadata'
  | 'exportStart'
  | 'exportState'
  | 'exportFile'
  | 'exportEnd'
  | 'token'
  | 'smart'
  | 'openapi'
  | 'health'
  | 'metrics'
  | 'ask'
  | 'askState'
  | 'desk'

export interface RouteSpec {
  readonly name: string
  readonly method: Method
  /** With parameters in braces, as OpenAPI writes them. */
  readonly path: string
  readonly handler: Handler
  readonly summary: string
  /** Without a token. */
  readonly isOpen?: true
  readonly takes?: 'application/fhir+json' | 'application/json' | 'application/x-www-form-urlencoded'
  readonly answers: Readonly<Record<number, string>>
}

const READS = { 200: 'what was asked for', 304: 'not modified', 404: 'not there, or not shared now' }
const FHIR_JSON = 'application/fhir+json'

export const ROUTES: readonly RouteSpec[] = [
  {
    name: 'health',
    method: 'GET',
    path: '/health',
    handler: 'health',
    summary: 'Whether the process answers',
    isOpen: true,
    answers: { 200: 'it does' },
  },
  {
    name: 'metrics',
    method: 'GET',
    path: '/metrics',
    handler: 'metrics',
    summary: 'Counts for a monitor',
    isOpen: true,
    answers: { 200: 'Prometheus text' },
  },
  {
    name: 'openapi',
    method: 'GET',
    path: '/openapi.json',
    handler: 'openapi',
    summary: 'This document',
    isOpen: true,
    answers: { 200: 'OpenAPI 3.1' },
  },
  {
    name: 'smart',
    method: 'GET',
    path: '/fhir/.well-known/smart-configuration',
    handler: 'smart',
    summary: 'Where tokens are',
    isOpen: true,
    answers: { 200: 'SMART configuration' },
  },
  {
    name: 'smartAtRoot',
    method: 'GET',
    path: '/.well-known/smart-configuration',
    handler: 'smart',
    summary: 'Where tokens are',
    isOpen: true,
    answers: { 200: 'SMART configuration' },
  },
  {
    name: 'metadata',
    method: 'GET',
    path: '/fhir/metadata',
    handler: 'metadata',
    summary: 'What is served',
    isOpen: true,
    answers: { 200: 'CapabilityStatement' },
  },
  {
    name: 'token',
    method: 'POST',
    path: '/token',
    handler: 'token',
    summary: 'An access token for a signed assertion',
    isOpen: true,
    takes: 'application/x-www-form-urlencoded',
    answers: { 200: 'a token for five minutes', 400: 'a wrong request', 401: 'not a client', 429: 'too many requests' },
  },
  {
    name: 'ask',
    method: 'POST',
    path: '/access-requests',
    handler: 'ask',
    summary: 'Asks a patient for access',
    takes: 'application/json',
    answers: { 201: 'it was asked; that it reached somebody nothing tells' },
  },
  {
    name: 'askState',
    method: 'GET',
    path: '/access-requests/{id}',
    handler: 'askState',
    summary: 'What became of it',
    answers: { 200: 'its state', 404: 'never asked' },
  },
  {
    name: 'batch',
    method: 'POST',
    path: '/fhir',
    handler: 'fhir',
    summary: 'Several requests at once',
    takes: FHIR_JSON,
    answers: { 200: 'an answer to each' },
  },
  {
    name: 'exportAll',
    method: 'GET',
    path: '/fhir/$export',
    handler: 'exportStart',
    summary: 'Begins an export of everybody who shares',
    answers: { 202: 'begun: Content-Location says where its state is' },
  },
  {
    name: 'exportPatients',
    method: 'GET',
    path: '/fhir/Patient/$export',
    handler: 'exportStart',
    summary: 'Begins an export of everybody who shares',
    answers: { 202: 'begun: Content-Location says where its state is' },
  },
  {
    name: 'exportState',
    method: 'GET',
    path: '/fhir/export-jobs/{id}',
    handler: 'exportState',
    summary: 'How far an export is',
    answers: { 200: 'its files', 202: 'not yet', 404: 'no such export' },
  },
  {
    name: 'exportEnd',
    method: 'DELETE',
    path: '/fhir/export-jobs/{id}',
    handler: 'exportEnd',
    summary: 'Forgets an export',
    answers: { 202: 'forgotten', 404: 'no such export' },
  },
  {
    name: 'exportFile',
    method: 'GET',
    path: '/fhir/export-jobs/{id}/{type}',
    handler: 'exportFile',
    summary: 'One file of it, of what is shared at this moment',
    answers: { 200: 'NDJSON', 404: 'no such export' },
  },
  {
    name: 'search',
    method: 'GET',
    path: '/fhir/{type}',
    handler: 'fhir',
    summary: 'Searches',
    answers: { 200: 'a searchset' },
  },
  {
    name: 'searchByPost',
    method: 'POST',
    path: '/fhir/{type}/_search',
    handler: 'fhir',
    summary: 'Searches, without words in an address',
    takes: 'application/x-www-form-urlencoded',
    answers: { 200: 'a searchset' },
  },
  {
    name: 'create',
    method: 'POST',
    path: '/fhir/{type}',
    handler: 'fhir',
    summary: 'Stores a resource in its patient’s vault',
    takes: FHIR_JSON,
    answers: {
      200: 'it was there before (If-None-Exist)',
      201: 'kept on the gateway’s disk and readable here; it is on its way into the vault',
      202: 'it is on its way, and the patient has to take it in',
      412: 'several match',
      422: 'not valid, or nobody’s',
      503: 'nothing was taken: later there may be room',
    },
  },
  {
    name: 'binary',
    method: 'GET',
    path: '/fhir/Binary/{id}',
    handler: 'binary',
    summary: 'The content of a document',
    answers: { 200: 'as it was stored, or in a Binary', 404: 'not there, or not shared now' },
  },
  { name: 'read', method: 'GET', path: '/fhir/{type}/{id}', handler: 'fhir', summary: 'Reads', answers: READS },
  {
    name: 'update',
    method: 'PUT',
    path: '/fhir/{type}/{id}',
    handler: 'fhir',
    summary: 'A new version of what this gateway stored',
    takes: FHIR_JSON,
    answers: { 200: 'stored', 403: 'somebody else’s word', 412: 'If-Match is missing, or old' },
  },
  {
    name: 'history',
    method: 'GET',
    path: '/fhir/{type}/{id}/_history',
    handler: 'fhir',
    summary: 'All versions',
    answers: { 200: 'a history' },
  },
  {
    name: 'vread',
    method: 'GET',
    path: '/fhir/{type}/{id}/_history/{version}',
    handler: 'fhir',
    summary: 'One version',
    answers: READS,
  },
  {
    name: 'everything',
    method: 'GET',
    path: '/fhir/Patient/{id}/$everything',
    handler: 'fhir',
    summary: 'All that is shared of one patient',
    answers: { 200: 'a searchset' },
  },
  {
    name: 'summary',
    method: 'GET',
    path: '/fhir/Patient/{id}/$summary',
    handler: 'fhir',
    summary: 'International Patient Summary of what is shared',
    answers: { 200: 'a document' },
  },
  desk('createsState', 'GET', '/creates/state', 'How far resources are on their way into vaults'),
  desk('createsQuarantine', 'GET', '/creates/quarantine', 'What was acknowledged and no vault takes, and why'),
  desk('createsShow', 'GET', '/creates/quarantine/{id}', 'One of these, with its content'),
  desk('createsRetry', 'POST', '/creates/quarantine/{id}/retry', 'Tries it under the newest share of its patient'),
  desk('createsRefuse', 'DELETE', '/creates/quarantine/{id}', 'It is not to be stored'),
  desk('hl7State', 'GET', '/hl7v2/state', 'How far messages are'),
  desk('hl7Numbers', 'GET', '/hl7v2/patients', 'Whose number is whose'),
  desk('hl7SetNumber', 'PUT', '/hl7v2/patients', 'Says whose a number is'),
  desk('hl7RemoveNumber', 'POST', '/hl7v2/patients/remove', 'A number is nobody’s any more'),
  desk('hl7Quarantine', 'GET', '/hl7v2/quarantine', 'What could not be delivered, and why'),
  desk('hl7Show', 'GET', '/hl7v2/quarantine/{id}', 'One of these, with its content'),
  desk('hl7Assign', 'POST', '/hl7v2/quarantine/{id}/assign', 'Says whose it is'),
  desk('hl7Refuse', 'DELETE', '/hl7v2/quarantine/{id}', 'It is not to be stored'),
]

/** For staff (scope `staff`). */
function desk(name: string, method: Method, path: string, summary: string): RouteSpec {
  const takes = method === 'PUT' || method === 'POST' ? ({ takes: 'application/json' } as const) : {}
  return {
    name,
    method,
    path,
    handler: 'desk',
    summary,
    ...takes,
    answers: { 200: 'done', 404: 'not there, or no messages of HL7 v2 come in here' },
  }
}
