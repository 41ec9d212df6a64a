import type { JsonObject } from '../json.ts'
import { ROUTES, type RouteSpec } from '../http/routes.ts'
import { parametersOf, TYPES } from '../search/definitions.ts'

const VERSION = '0.1.0'

/** What is served, as FHIR tells it. */
export function capabilityStatement(baseUrl: string, startedMs: number): JsonObject {
  return {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: new Date(startedMs).toISOString(),
    kind: 'instance',
    software: { name: 'MedGuard gateway', version: VERSION },
    implementation: { description: 'Records that patients share with this institution', url: baseUrl },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json'],
    rest: [
      {
        mode: 'server',
        security: {
          cors: false,
          service: [
            {
              coding: [
                { system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'SMART-on-FHIR' },
              ],
            },
          ],
        },
        resource: TYPES.map((type) => ({
          type,
          interaction: interactionsOf(type).map((code) => ({ code })),
          ...(type === 'Binary'
            ? {}
            : {
                versioning: 'versioned-update',
                readHistory: true,
                updateCreate: false,
                conditionalCreate: true,
                conditionalRead: 'full-support',
                searchParam: [...parametersOf(type).values()].map(({ code, type: kind }) => ({
                  name: code,
                  type: kind,
                })),
              }),
          ...(type === 'Patient'
            ? {
                operation: [
                  { name: 'everything', definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything' },
                  { name: 'summary', definition: 'http://hl7.org/fhir/uv/ips/OperationDefinition/summary' },
                ],
              }
            : {}),
        })),
        interaction: [{ code: 'batch' }],
        operation: [{ name: 'export', definition: 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition/export' }],
      },
    ],
  }
}
function interactionsOf(type: string): string[] {
  if (type === 'Binary') return ['read']
  const reads = ['read', 'vread', 'history-instance', 'search-type']
  // What says whose it is can be stored.
  const parameters = parametersOf(type)
  const isSomebodys =
    type === 'Bundle' || ((parameters.has('patient') || parameters.has('subject')) && type !== 'Provenance')
  return isSomebodys ? [...reads, 'create', 'update'] : reads
}

/** The same addresses, for tools that know nothing of FHIR. */
export function openApi(origin: string): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {}
  for (const route of ROUTES) (paths[route.path] ??= {})[route.method.toLowerCase()] = operationOf(route)
  return {
    openapi: '3.1.0',
    info: {
      title: 'MedGuard gateway',
      version: VERSION,
      description: 'FHIR R4 over the records that patients share with an institution, and how to ask for them.',
    },
    servers: [{ url: origin }],
    paths,
    components: {
      securitySchemes: {
        smart: {
          type: 'oauth2',
          flows: {
            clientCredentials: { tokenUrl: `${origin}/token`, scopes: { 'system/*.cruds': 'SMART App Launch 2.2' } },
          },
        },
      },
      schemas: {
        OperationOutcome: {
          type: 'object',
          required: ['resourceType', 'issue'],
          properties: { resourceType: { const: 'OperationOutcome' }, issue: { type: 'array' } },
        },
      },
    },
  }
}

function operationOf({ name, path, summary, isOpen, takes, answers }: RouteSpec): JsonObject {
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter = '']) => ({
    name: parameter,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
  const outcome = { 'application/fhir+json': { schema: { $ref: '#/components/schemas/OperationOutcome' } } }
  return {
    operationId: name,
    summary,
    parameters,
    security: isOpen === true ? [] : [{ smart: [] }],
    ...(takes === undefined
      ? {}
      : { requestBody: { required: true, content: { [takes]: { schema: { type: 'object' } } } } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, description]) => [status, { description }])),
      ...(isOpen === true
        ? {}
        : { 401: { description: 'no token, or one that is over' }, 429: { description: 'too many requests' } }),
      default: { description: 'refused, with the reason', content: outcome },
    },
  }
}
