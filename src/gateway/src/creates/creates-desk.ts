import { notFound, Refuse } from '../faults.ts'
import { isObject, type JsonObject } from '../json.ts'
import { headOf } from '../messages/desk.ts'
import { resourceIn, shareToWrite } from '../patients/granted-records.ts'
import type { Vaults } from '../patients/vaults.ts'
import { kindOf, patientIn } from './as-record.ts'
import type { Creates } from './creates.ts'

// What staff of the institution do about resources that were acknowledged and that no vault takes. Whose one is it says itself: nobody can make it somebody else's.

export function createCreatesDesk(creates: Creates, vaults: Pick<Vaults, 'grants'>) {
  const { spool, quarantine, delivery } = creates
  return {
    waiting: () => {
      const [oldest] = spool.pending()
      return {
        spool: spool.waiting.count,
        quarantine: quarantine.count,
        oldestMs: oldest === undefined ? null : (spool.head(oldest)?.receivedMs ?? null),
      }
    },
    state: (): JsonObject => ({ ...delivery.state, waiting: spool.waiting.count, quarantine: quarantine.count }),
    quarantined: (): JsonObject => ({ creates: quarantine.list().map(headOf) }),
    /** Its content is of a patient: for whoever is to say what becomes of it. */
    async show(id: string): Promise<JsonObject> {
      const found = await quarantine.show(id)
      if (found === null) throw notFound()
      return { ...headOf(found), resource: resourceIn(found.payload) }
    },
    /** Once more, under the newest share that lets this gateway write it where its sender was told. */
    async retry(id: string): Promise<JsonObject> {
      const found = await quarantine.show(id)
      const content = resourceIn(found?.payload ?? new Uint8Array())
      if (!isObject(content)) throw notFound()
      const place = found?.isForInbox === true ? 'inbox' : kindOf(content)
      const newest = shareToWrite(await vaults.grants(), patientIn(content), [place])
      if (newest === undefined)
        throw new Refuse(403, 'forbidden', `nothing lets this gateway write ${place} for them: ask for it first`)
      if (!(await quarantine.assign(id, newest.grantId))) throw notFound()
      return { id, grantId: newest.grantId }
    },
    async refuse(id: string): Promise<JsonObject> {
      if (!(await creates.refuse(id))) throw notFound()
      return { id }
    },
  }
}
export type CreatesDesk = ReturnType<typeof createCreatesDesk>
