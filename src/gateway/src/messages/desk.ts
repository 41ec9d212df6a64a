import type { Share } from '@medguard/client'
import { badInput, notFound, Refuse } from '../faults.ts'
import { isObject, type JsonObject, textAt } from '../json.ts'
import { MESSAGE_PLACES } from '../delivery/reading-entries.ts'
import { shareToWrite } from '../patients/granted-records.ts'
import type { Vaults } from '../patients/vaults.ts'
import type { QuarantinedHead } from '../quarantine/index.ts'
import type { Messages } from './messages.ts'

// What staff of the institution do about messages: whose number is whose, and what becomes of what could not be delivered.

const DATE = /^\d{4}-\d{2}-\d{2}$/
const TEXT_CHARS_MAX = 200

export function createDesk(messages: Messages, vaults: Vaults) {
  const { patients, quarantine, delivery, spool } = messages
  /** The share under which most of what messages bring may be stored for them, or this one. */
  const grantOf = async (patient: string | null, places = MESSAGE_PLACES): Promise<Share> => {
    const [, id] = /^Patient\/([0-9a-f]{32})$/.exec(patient ?? '') ?? []
    if (id === undefined) throw badInput('patient: Patient/<id>, of a patient here')
    const share = shareToWrite(await vaults.grants(), id, places)
    if (share === undefined)
      throw new Refuse(403, 'forbidden', 'nothing lets this gateway write for them: ask for it first')
    return share
  }
  return {
    waiting: () => ({ spool: spool.waiting.count, quarantine: quarantine.count }),
    state: (): JsonObject => ({ ...delivery.state, waiting: spool.waiting.count, quarantine: quarantine.count }),
    rows: (): JsonObject => ({ patients: patients.rows().map((row) => ({ ...row })) }),
    async setRow(body: unknown): Promise<JsonObject> {
      const [authority, value] = numberOf(body)
      const birthDate = isObject(body) && body['birthDate'] !== undefined ? textAt(body, 'birthDate') : null
      if (birthDate !== null && !DATE.test(birthDate)) throw badInput('birthDate: a full date')
      const { grantId } = await grantOf(textAt(body, 'patient'))
      const row = { authority, value, grantId, birthDate }
      await patients.set(row)
      return row
    },
    async removeRow(body: unknown): Promise<JsonObject> {
      const [authority, value] = numberOf(body)
      if (!(await patients.remove({ authority, value }))) throw notFound()
      return { authority, value }
    },
    quarantined: (): JsonObject => ({ messages: quarantine.list().map(headOf) }),
    /** Its content is of a patient: for whoever is to say whose it is. */
    async show(id: string): Promise<JsonObject> {
      const found = await quarantine.show(id)
      if (found === null) throw notFound()
      return { ...headOf(found), content: Buffer.from(found.payload).toString('base64') }
    },
    async assign(id: string, body: unknown): Promise<JsonObject> {
      const found = await quarantine.show(id)
      if (found === null) throw notFound()
      const category = messages.categoryOf(found)
      const { grantId } = await grantOf(textAt(body, 'patient'), category === null ? undefined : [category, 'inbox'])
      if (!(await quarantine.assign(id, grantId))) throw notFound()
      return { id, grantId }
    },
    async refuse(id: string): Promise<JsonObject> {
      if (!(await quarantine.refuse(id))) throw notFound()
      return { id }
    },
  }
}
export type Desk = ReturnType<typeof createDesk>

function numberOf(body: unknown): [authority: string, value: string] {
  const [authority, value] = [textAt(body, 'authority'), textAt(body, 'value')]
  if (authority === null || value === null || value === '' || `${authority}${value}`.length > TEXT_CHARS_MAX)
    throw badInput('authority and value: who gave the number, and the number')
  return [authority, value]
}

export function headOf({
  id,
  kind,
  source,
  receivedMs,
  reason,
  detail,
  identifiers,
  target,
}: QuarantinedHead): JsonObject {
  return {
    id,
    kind,
    source,
    received: new Date(receivedMs).toISOString(),
    reason,
    detail,
    identifiers: identifiers.map((each) => ({ ...each })),
    grantId: target,
  }
}
