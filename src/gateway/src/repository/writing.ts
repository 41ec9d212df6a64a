import type { Category, MedGuardClient, NewRecord, RecordSummary, Share } from '@medguard/client'
import { categoryOf, dayOf, fileNameOf, isResource, titleOf } from '@medguard/fhir'
import { forbidden, Refuse, unprocessable } from '../faults.ts'
import { isObject, type JsonObject, listAt, textAt, textOf } from '../json.ts'
import { mayRead, mayWrite } from '../patients/granted-records.ts'
import type { Held } from '../patients/held.ts'
import { valueOf } from '../patients/outcomes.ts'
import { ownResource } from '../patients/record-resources.ts'
import type { Vaults } from '../patients/vaults.ts'

export interface Written {
  readonly resource: JsonObject
  /** It waits until the patient takes it in, and is not to be read here before. */
  readonly isWaiting: boolean
}
export interface Writer {
  /** Stored when this answers: the canisters have it, and the patient's log. */
  create(resource: JsonObject): Promise<Written>
  /** Whether what would be stored could be found again. */
  canSee(resource: JsonObject): Promise<boolean>
  /** @param held what the gateway stored itself, at the version that whoever asks has seen. */
  update(held: Held, resource: JsonObject, ifMatch: string | undefined): Promise<JsonObject>
}

type Writes = Pick<MedGuardClient, 'deposit' | 'amend' | 'principal'>

/** Everything is written under a grant to write, by the gateway's own principal, which the patient's log has. */
export function createWriter(client: Writes, vaults: Vaults): Writer {
  const known = (grantId: string, summary: RecordSummary, content: JsonObject): JsonObject => {
    const stored = { summary: { ...summary, depositedBy: client.principal }, content }
    vaults.stored(grantId, stored)
    return ownResource(stored, content)
  }
  return {
    async create(resource) {
      const content = asStored(resource)
      const patient = patientIn(content)
      const record = recordOf(content, textOf.get(resource))
      const grants = (await vaults.grants()).filter((share) => share.patientId === patient && mayWrite(share))
      const filed = grants.find(({ scope }) => scope.includes(record.category))
      const grant = filed ?? grants.find(({ scope }) => scope.includes('inbox'))
      if (grant === undefined)
        throw forbidden(`nothing lets this gateway write ${record.category} for Patient/${patient}: ask for it first`)
      const summary = valueOf(await client.deposit(grant.grantId, record))
      if (filed === undefined) return { resource: ownResource({ summary, content }, content), isWaiting: true }
      return { resource: known(grant.grantId, summary, content), isWaiting: false }
    },

    async canSee(resource) {
      const [patient, category] = [patientIn(resource), kindOf(resource)]
      const grants = await vaults.grants()
      return grants.some((share) => share.patientId === patient && mayRead(share) && reaches(share, category))
    },

    async update(held, resource, ifMatch) {
      expectOwn(held, client.principal, ifMatch)
      const content = asStored(resource)
      if (held.record === null || patientIn(content) !== held.patientId)
        throw unprocessable('an update leaves a resource with its patient')
      const { recordId, version } = held.record
      const { category, ...record } = recordOf(content, textOf.get(resource))
      const grants = (await vaults.grants()).filter(
        (share) => share.patientId === held.patientId && mayRead(share) && mayWrite(share),
      )
      const grant =
        grants.find(({ grantId }) => grantId === held.grantId) ?? grants.find((share) => reaches(share, category))
      if (grant === undefined) throw forbidden(`nothing lets this gateway change it: ask for the right to write`)
      const address = { vault: { of: 'grant', grantId: grant.grantId }, recordId, version, category } as const
      return known(grant.grantId, valueOf(await client.amend(address, record)), content)
    },
  }
}

const reaches = ({ scope }: Share, category: string): boolean => (scope as readonly string[]).includes(category)

/** Ids and versions are the vault's. */
function asStored({ id: _id, meta, ...rest }: JsonObject): JsonObject {
  if (!isObject(meta)) return rest
  const { versionId: _versionId, lastUpdated: _lastUpdated, ...kept } = meta
  return Object.keys(kept).length === 0 ? rest : { ...rest, meta: kept }
}

const SUBJECTS = ['subject', 'patient', 'beneficiary', 'for'] as const

/** Whose it is, as it says itself. @throws Refuse 422 where it does not. */
export function patientIn(resource: JsonObject): string {
  const first = textAt(resource, 'resourceType') === 'Bundle' ? firstResource(resource) : resource
  for (const name of SUBJECTS) {
    const [, id] = /^Patient\/([0-9a-f]{32})$/.exec(textAt(first[name], 'reference') ?? '') ?? []
    if (id !== undefined) return id
  }
  throw unprocessable('it does not say whose it is: subject or patient has to be Patient/<id>, of a patient here')
}
function firstResource(bundle: JsonObject): JsonObject {
  const [entry] = listAt(bundle, 'entry')
  const resource = isObject(entry) ? entry['resource'] : undefined
  if (textAt(bundle, 'type') !== 'document' || !isObject(resource))
    throw unprocessable('of bundles only documents are stored; a batch goes to the base address')
  return resource
}

/** What a list of records shows of it. */
function recordOf(content: JsonObject, text = JSON.stringify(content)): NewRecord {
  const shown = textAt(content, 'resourceType') === 'Bundle' ? firstResource(content) : content
  if (!isResource(content) || !isResource(shown)) throw unprocessable('no resource')
  return {
    bytes: new TextEncoder().encode(text),
    title: titleOf(shown),
    fileName: fileNameOf(content),
    mediaType: 'application/fhir+json',
    category: kindOf(content),
    clinicalDate: dayOf(shown),
  }
}

/** A document is filed as one, whatever it is about. */
function kindOf(content: JsonObject): Category {
  const type = textAt(content, 'resourceType') ?? ''
  return type === 'Bundle' ? 'documents' : categoryOf(type, content)
}

/** What the gateway may write over: what it stored itself, at the version that was seen. Somebody else's word stays as it came. */
function expectOwn(held: Held, principal: string, ifMatch: string | undefined): void {
  if (held.record?.depositedBy !== principal)
    throw forbidden('only what this gateway stored can be updated: send a new resource that says what is not right')
  if (ifMatch === undefined)
    throw new Refuse(412, 'required', 'an update needs If-Match with the version that was read')
  if (ifMatch !== held.resource.meta?.versionId)
    throw new Refuse(412, 'conflict', 'there is a newer version: read it first')
}
