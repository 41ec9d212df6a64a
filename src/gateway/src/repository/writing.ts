import type { MedGuardClient } from '@medguard/client'
import { asStored, kindOf, patientIn, recordOf } from '../creates/as-record.ts'
import type { Creates } from '../creates/creates.ts'
import { forbidden, Refuse, unprocessable } from '../faults.ts'
import { type JsonObject, textOf } from '../json.ts'
import { mayRead, mayWrite, reaches } from '../patients/granted-records.ts'
import type { Held } from '../patients/held.ts'
import type { OnItsWay } from '../patients/on-its-way.ts'
import { valueOf } from '../patients/outcomes.ts'
import { ownResource } from '../patients/record-resources.ts'
import type { Vaults } from '../patients/vaults.ts'

export interface Writer {
  /** On the disk when this answers, and on its way. */
  readonly create: Creates['take']
  /** Whether what would be stored could be found again. */
  canSee(resource: JsonObject): Promise<boolean>
  /** @param held what the gateway stored itself, at the version that whoever asks has seen. */
  update(held: Held, resource: JsonObject, ifMatch: string | undefined): Promise<JsonObject>
}

type Writes = Pick<MedGuardClient, 'amend' | 'principal'>

/** A new version follows one that the vault has: whoever asks waits this long for it, which most deliveries take less than. */
const DELIVERY_MS = 10_000

/** Everything is written under a grant to write, by the gateway's own principal, which the patient's log has. */
export function createWriter(client: Writes, vaults: Vaults, creates: Creates, onItsWay: OnItsWay): Writer {
  return {
    create: creates.take,

    async canSee(resource) {
      const [patient, category] = [patientIn(resource), kindOf(resource)]
      const grants = await vaults.grants()
      return grants.some((share) => share.patientId === patient && mayRead(share) && reaches(share, category))
    },

    async update(held, resource, ifMatch) {
      expectOwn(held, client.principal, ifMatch)
      if (held.record?.isOnItsWay === true && !(await onItsWay.whenDelivered(held.record.recordId, DELIVERY_MS)))
        throw new Refuse(503, 'conflict', 'its first version is still on its way to the vault: send this again', {
          retryAfterSeconds: 5,
        })
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
      const summary = valueOf(await client.amend(address, record))
      const stored = { summary: { ...summary, depositedBy: client.principal }, content }
      vaults.stored(grant.grantId, stored)
      return ownResource(stored, content)
    },
  }
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
