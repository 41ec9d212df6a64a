import { badInput, forbidden, notFound, Refuse, unprocessable } from '../faults.ts'
import { isObject, type JsonObject } from '../json.ts'
import {
  type Bundle,
  FhirRepository,
  formatSearchQuery,
  type OperationOutcome,
  OperationOutcomeError,
  type Reference,
  type Resource,
  type SearchRequest,
  type WithId,
} from '../medplum.ts'
import { type Held, type View, viewOf } from '../patients/held.ts'
import { isType } from '../search/definitions.ts'
import { keyOf } from '../search/matching.ts'
import { COUNT_MAX, type Pair, parseQuery, type Query } from '../search/query.ts'
import { searchPage } from '../search/searching.ts'
import { allowing, allows } from '../smart/scopes.ts'
import { expectValid } from './validity.ts'
import type { Access } from './access.ts'

/** FHIR's operations over what is shared with the gateway at the moment of one request, and over nothing else. One for each request. */
export class VaultRepository extends FhirRepository {
  readonly access: Access
  /** Resources that this request sent and that wait for their patient. */
  readonly waiting = new Set<string>()
  constructor(access: Access) {
    super()
    this.access = access
  }

  /** @throws Refuse 403 for a type that is not served, or that the client may not touch so. */
  private expect(type: string, letter: 'c' | 'r' | 'u' | 's'): void {
    if (!isType(type)) throw new Refuse(404, 'not-supported', 'a type that is not served here')
    if (!allows(this.access.scopes, type, letter)) throw forbidden(`no scope of this client covers ${type}.${letter}`)
  }

  /** What the client may see of these patients: also what chains, counts and includes look through. */
  async visible(patientIds: readonly string[] | null, letter: 'r' | 's'): Promise<View> {
    const { resources, damaged } = await this.access.vaults.view(patientIds)
    const isAllowed = allowing(this.access.scopes, letter)
    return viewOf(
      resources.filter(({ resource }) => isAllowed(resource.resourceType)),
      damaged,
    )
  }

  /** @throws Refuse 404 for what is not there, or not shared: nobody can tell which. */
  async held(type: string, id: string): Promise<Held> {
    const key = `${type}/${id}`
    const whose = type === 'Patient' ? id : this.access.vaults.takenFor(id)
    const read = whose === null ? this.access.vaults.patientsRead() : [whose]
    const found = (await this.visible(read, 'r')).byKey.get(key)
    // Whose it is only its patient's list tells.
    const anywhere = found ?? (type === 'Patient' ? undefined : (await this.visible(null, 'r')).byKey.get(key))
    if (anywhere === undefined) throw notFound()
    return anywhere
  }

  async searchFor(type: string, pairs: readonly Pair[]): Promise<Bundle> {
    this.expect(type, 's')
    const query = parseQuery(type, pairs, this.access.isLenient)
    for (const [reached] of query.chains.flatMap(({ inner }) => inner)) this.expect(reached, 's')
    for (const { type: reached } of query.reverses) this.expect(reached, 's')
    return searchPage(await this.visible(patientsIn(query), 's'), query, this.access)
  }

  override setMode(): void {}
  override generateId(): string {
    return Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('hex')
  }

  override async createResource<T extends Resource>(resource: T): Promise<WithId<T>> {
    this.expect(resource.resourceType, 'c')
    const content = jsonOf(resource)
    expectValid(content)
    const { resource: stored, isWaiting } = await this.access.writer.create(content, this.access.clientId)
    const created = stored as unknown as WithId<T>
    if (isWaiting) this.waiting.add(created.id)
    return created
  }

  override async conditionalCreate<T extends Resource>(
    resource: T,
    ...rest: [search: SearchRequest<T>, options?: { assignedId?: boolean }]
  ): Promise<{ resource: WithId<T>; outcome: OperationOutcome }> {
    if (!(await this.access.writer.canSee(jsonOf(resource))))
      throw unprocessable('If-None-Exist needs a share that lets this gateway read what it writes')
    return super.conditionalCreate(resource, ...rest)
  }

  override async readResource<T extends Resource>(type: string, id: string): Promise<WithId<T>> {
    this.expect(type, 'r')
    return (await this.held(type, id)).resource as WithId<T>
  }

  override async readReference<T extends Resource>({ reference = '' }: Reference<T>): Promise<WithId<T>> {
    const [type = '', id = ''] = keyOf(reference).split('/')
    return this.readResource(type, id)
  }

  override async readReferences<T extends Resource>(references: readonly Reference<T>[]): Promise<(T | Error)[]> {
    const read = async (reference: Reference<T>): Promise<T | Error> => {
      try {
        return await this.readReference(reference)
      } catch (error) {
        if (error instanceof OperationOutcomeError) return error
        throw error
      }
    }
    return Promise.all(references.map(read))
  }

  override async readHistory<T extends Resource>(type: string, id: string): Promise<Bundle<WithId<T>>> {
    this.expect(type, 'r')
    const { versions, baseUrl } = this.access
    const all = (await versions.of(await this.held(type, id))) as readonly WithId<T>[]
    return {
      resourceType: 'Bundle',
      type: 'history',
      total: all.length,
      entry: all.map((resource, i) => ({
        fullUrl: `${baseUrl}/${type}/${id}`,
        resource,
        request: { method: i === all.length - 1 ? 'POST' : 'PUT', url: i === all.length - 1 ? type : `${type}/${id}` },
        response: {
          status: i === all.length - 1 ? '201' : '200',
          etag: `W/"${resource.meta?.versionId ?? ''}"`,
          ...(resource.meta?.lastUpdated === undefined ? {} : { lastModified: resource.meta.lastUpdated }),
        },
      })),
    }
  }

  override async readVersion<T extends Resource>(type: string, id: string, version: string): Promise<WithId<T>> {
    this.expect(type, 'r')
    return (await this.access.versions.one(await this.held(type, id), version)) as WithId<T>
  }

  override async updateResource<T extends Resource>(
    resource: T,
    { ifMatch }: { readonly ifMatch?: string } = {},
  ): Promise<WithId<T>> {
    this.expect(resource.resourceType, 'u')
    const content = jsonOf(resource)
    expectValid(content)
    const held = await this.held(resource.resourceType, resource.id ?? '')
    return (await this.access.writer.update(held, content, ifMatch)) as unknown as WithId<T>
  }

  override async deleteResource(): Promise<void> {
    throw new Refuse(405, 'not-supported', 'only patients delete what is in their vault')
  }
  override async patchResource<T extends Resource>(): Promise<WithId<T>> {
    throw new Refuse(405, 'not-supported', 'send the whole resource with PUT')
  }

  /** What FHIR's router asks for itself: whether a conditional create has to create anything. */
  override async search<T extends Resource>(request: SearchRequest<T>): Promise<Bundle<WithId<T>>> {
    const words = new URLSearchParams(formatSearchQuery(request))
    words.set('_count', String(Math.min(request.count ?? COUNT_MAX, COUNT_MAX)))
    const bundle = await this.searchFor(request.resourceType, [...words])
    const entry = (bundle.entry ?? []).filter(({ search }) => search?.mode === 'match')
    return { ...bundle, entry } as Bundle<WithId<T>>
  }
  override async searchByReference<T extends Resource>(): Promise<Record<string, WithId<T>[]>> {
    throw badInput('not served here')
  }

  /** Nothing is taken back here: transactions are refused before. One after the other, so that two conditional creates of the same make one. */
  override async withTransaction<TResult>(work: (repository: this) => Promise<TResult>): Promise<TResult> {
    return inTurn(() => work(this))
  }
}

let turn: Promise<unknown> = Promise.resolve()
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const next = turn.then(work)
  turn = next.catch(() => {})
  return next
}

/** Of whom a query speaks; null for anybody. */
function patientsIn({ type, criteria }: Query): readonly string[] | null {
  const named = criteria.flatMap(({ parameter, modifier, values }) => {
    const isPatient =
      (type === 'Patient' && parameter.code === '_id') || parameter.code === 'patient' || parameter.code === 'subject'
    return isPatient && (modifier === '' || modifier === 'Patient')
      ? [values.map((value) => value.replace(/^.*Patient\//, ''))]
      : []
  })
  return named[0] ?? null
}

function jsonOf(resource: Resource): JsonObject {
  if (!isObject(resource)) throw unprocessable('no resource')
  return resource
}
