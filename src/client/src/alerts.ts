import { type Category, categoryNumber, COMPARTMENT_KIND, refusalOf, refuse, RIGHT, toHex } from '@medguard/protocol'
import { expectOneself } from './acting.ts'
import type { Add } from './adding.ts'
import type { AlertsPart, SaidAlert } from './alerts-api.ts'
import { ALERTS_MEDIA_TYPE } from './alerts-api.ts'
import type { NewRecord, RecordSummary } from './api.ts'
import { NO_AUTHOR } from './author-keys.ts'
import type { DepositClient } from './depositing.ts'
import { newId, Refused } from './outcome.ts'
import { grantReceived } from './received-grants.ts'
import type { Session } from './session.ts'

const NEEDED = RIGHT.list | RIGHT.open | RIGHT.write

export function alertsPart(
  session: Session,
  { add, depositing }: { readonly add: Add; readonly depositing: DepositClient },
): AlertsPart {
  /** An answer is for all who look: it never waits in an inbox, and nobody answers what they may not read. @throws Refused */
  const expectReader = async (grantId: string, category: Category): Promise<void> => {
    const { rights, compartments } = await grantReceived(session.canisters, grantId)
    const isThere = compartments.some(
      (each) => each.compartmentKind === COMPARTMENT_KIND.category && each.category === categoryNumber(category),
    )
    if (!isThere || (rights & NEEDED) !== NEEDED) throw new Refused(refusalOf(refuse.notPermitted))
    if ((await session.authors.read()) === null) throw new Refused(NO_AUTHOR)
  }
  return {
    sayAlert: (vault, category, words) =>
      session.unlocked(async () => {
        // Its id cannot be guessed: who may only add to a vault knows nothing there that they could answer.
        const said = { ...words, id: toHex(newId()), by: session.identity.getPrincipal().toText(), atMs: Date.now() }
        const record: NewRecord = {
          bytes: new TextEncoder().encode(JSON.stringify(said)),
          title: 'Alerts',
          fileName: null,
          mediaType: ALERTS_MEDIA_TYPE,
          category,
          clinicalDate: null,
          readings: said,
        }
        if (vault.of === 'me') return add(record, {})
        expectOneself(session)
        await expectReader(vault.grantId, category)
        const stored = await depositing.deposit(vault.grantId, record)
        if (stored.kind === 'refused') throw new Refused(stored.refusal)
        return stored.value
      }),
  }
}

/**
 * What was said about readings of one kind, in the order of its list: what came under a share counts with a signature of whoever it says said it, and nothing counts that a device posted.
 *
 * @param records of one vault, as it was listed.
 */
export function alertsSaid(records: readonly RecordSummary[], category: Category): readonly SaidAlert[] {
  return records
    .filter((record) => record.mediaType === ALERTS_MEDIA_TYPE && record.category === category)
    .flatMap((record, place) => {
      const { recordId, readings: event, isDamaged, deviceId, depositedBy, signature, origin, vault } = record
      const { by, atMs } = event ?? {}
      if (isDamaged === true || deviceId !== undefined || typeof by !== 'string' || !isMoment(atMs)) return []
      // Taken over from elsewhere, with a log that says whose it was: its owner vouches for that, and for no more.
      if (origin !== undefined && origin.storedBy !== by) return []
      const signer = signature?.kind === 'signed' ? signature : null
      if (signer !== null && signer.by !== by) return []
      if (depositedBy !== undefined && signer === null) return []
      const isOwnAnswer = vault.of === 'grant' && signature === undefined // just stored by this client
      const isPatient = depositedBy === undefined && origin === undefined && !isOwnAnswer
      return [{ recordId, event, by, orgId: signer?.orgId ?? null, isPatient, atMs, place }]
    })
}

const isMoment = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0
