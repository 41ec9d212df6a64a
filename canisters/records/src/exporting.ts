import {
  type ArgOf,
  encodeFields,
  EVENT,
  HASH_BYTES,
  POWER,
  type RecordsService,
  refuse,
  type RetOf,
} from '@medguard/protocol'
import { nowNs, vaultNamed } from '@medguard/shared'
import type { Context } from './context.ts'
import { wrongIds } from './rules.ts'

/** A line in the vault's log for an archive that was written of it. What was read for it has lines of its own. */
export function noteExport(
  { facts, outbox }: Context,
  { patientId: [named], archiveHash, count, requestId }: ArgOf<RecordsService['noteExport']>,
  caller: Uint8Array,
): RetOf<RecordsService['noteExport']> {
  const wrong = wrongIds({ requestId, patientId: named ?? null })
  if (wrong !== null) return { Err: wrong }
  if (archiveHash.length !== HASH_BYTES) return { Err: refuse.badInput('archiveHash', 'length') }
  const vault = vaultNamed(named, caller, facts, POWER.read, nowNs())
  if (vault === null) return { Err: refuse.notPermitted }
  if (outbox.isFull()) return { Err: refuse.logUnavailable }
  const { patientId } = vault
  outbox.queue({
    event: EVENT.exported,
    actor: caller,
    patientId,
    objectId: patientId,
    requestId,
    fields: encodeFields('exported', { archiveHash, count }),
  })
  return { Ok: null }
}
