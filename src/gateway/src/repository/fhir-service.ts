import { badInput, Refuse, unprocessable } from '../faults.ts'
import { isObject, listAt, textAt } from '../json.ts'
import { type FhirRequest, FhirRouter, getStatus, type OperationOutcome, type Resource } from '../medplum.ts'
import { everything, summary } from '../operations/patient-operations.ts'
import type { Pair } from '../search/query.ts'
import type { Access } from './access.ts'
import { VaultRepository } from './vault-repository.ts'

export interface FhirAsk {
  readonly method: 'GET' | 'POST' | 'PUT'
  /** Behind the base address, with its question mark. */
  readonly path: string
  readonly body: unknown
  readonly headers: FhirRequest['headers']
}
export interface FhirAnswer {
  readonly status: number
  readonly resource: Resource
  /** Of a create. */
  readonly isNew: boolean
}

const BATCH_MAX = 100
/** Of the router's own, those that mean something here: patients delete, and nobody else; a query language of its own would be a second way around every limit. */
const KEPT: readonly (readonly [method: string, path: string])[] = [
  ['POST', ''],
  ['POST', ':resourceType'],
  ['GET', ':resourceType/:id'],
  ['GET', ':resourceType/:id/_history'],
  ['GET', ':resourceType/:id/_history/:vid'],
  ['PUT', ':resourceType/:id'],
]

const OK: OperationOutcome = {
  resourceType: 'OperationOutcome',
  id: 'ok',
  issue: [{ severity: 'information', code: 'informational' }],
}

/** FHIR's REST interface: one request at a time, each over a repository of its own. */
export function createFhirService(): (ask: FhirAsk, access: Access) => Promise<FhirAnswer> {
  const router = new FhirRouter()
  const { routes } = router.router
  const kept = routes.filter(({ method, path }) => {
    const text = path.map(({ value, param }) => (param === true ? `:${value}` : value)).join('/')
    return KEPT.some(([keptMethod, keptPath]) => keptMethod === method && keptPath === text)
  })
  routes.splice(0, routes.length, ...kept)
  const search = async (query: FhirRequest['query'], type: string, repository: unknown) =>
    [OK, await own(repository).searchFor(type, pairsOf(query))] as [OperationOutcome, Resource]
  router.add(
    'GET',
    ':resourceType',
    ({ params, query }, repository) => search(query, params['resourceType'] ?? '', repository),
    'search-type',
  )
  router.add(
    'POST',
    ':resourceType/_search',
    ({ params, body, query }, repository) => search({ ...query, ...body }, params['resourceType'] ?? '', repository),
    'search-type',
  )
  router.add('GET', 'Patient/:id/$everything', async ({ params, query }, repository) => [
    OK,
    await everything(own(repository), params['id'] ?? '', pairsOf(query)),
  ])
  router.add('GET', 'Patient/:id/$summary', async ({ params }, repository) => [
    OK,
    await summary(own(repository), params['id'] ?? ''),
  ])

  return async (ask, access) => {
    const found = router.find(ask.method, ask.path)
    if (found === undefined) throw new Refuse(404, 'not-supported', 'no such operation here')
    if (ask.method !== 'GET' && !isObject(ask.body)) throw badInput('a resource is missing')
    if (ask.method === 'POST' && ask.path === '') expectBatch(ask.body)
    if (found.data?.interaction === 'create' && found.query !== undefined)
      throw badInput('a create takes no parameters')
    const repository = new VaultRepository(access)
    const request: FhirRequest = {
      method: ask.method,
      url: ask.path,
      pathname: found.path,
      params: found.params,
      query: found.query ?? {},
      body: ask.body,
      ...(ask.headers === undefined ? {} : { headers: ask.headers }),
    }
    const [outcome, resource = outcome] = await found.handler(request, repository, router)
    const isWaiting = repository.waiting.has(resource.id ?? '')
    const status = getStatus(outcome)
    return { status: isWaiting ? 202 : status, resource, isNew: status === 201 && !isWaiting }
  }
}

function own(repository: unknown): VaultRepository {
  if (repository instanceof VaultRepository) return repository
  throw new Error('the router was given another repository')
}

function pairsOf(query: FhirRequest['query']): Pair[] {
  return Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value ?? '']).map((each): Pair => [name, each]),
  )
}

function expectBatch(body: unknown): void {
  const type = textAt(body, 'type')
  // Records of different patients are sealed and logged one by one: there is no taking back.
  if (type === 'transaction') throw unprocessable('a transaction could not be undone here: send a batch')
  if (type !== 'batch') throw badInput('a Bundle of type batch is what this address takes')
  const entries = listAt(body, 'entry')
  if (entries.length > BATCH_MAX) throw unprocessable(`at most ${BATCH_MAX} entries in a batch`)
  const urls = entries.flatMap((entry) => textAt(entry, 'fullUrl') ?? []).filter((url) => url.startsWith('urn:'))
  const texts = entries.map((entry) => JSON.stringify(isObject(entry) ? (entry['resource'] ?? null) : null))
  // FHIR R4, "batch/transaction", section 3.1.0.11.1. An id is known once a resource is stored.
  if (urls.some((url) => texts.some((text) => text.includes(JSON.stringify(url)))))
    throw unprocessable('entries of a batch do not refer to each other: store first what is referred to')
}
