import {
  type ArgOf,
  encodeFields,
  EVENT,
  HASH_BYTES,
  type RecordsService,
  refuse,
  type RetOf,
} from '@medguard/protocol'
import type { Context } from './context.ts'
import { wrongIds } from './rules.ts'

/** A line in the log for an archive that the owner's client wrote. What it read for it has lines of its own. */
export function noteExport(
  { store, outbox }: Context,
  { archiveHash, count, requestId }: ArgOf<RecordsService['noteExport']>,
  caller: Uint8Array,
): RetOf<RecordsService['noteExport']> {
  const wrong = wrongIds({ requestId })
  if (wrong !== null) return { Err: wrong }
  if (archiveHash.length !== HASH_BYTES) return { Err: refuse.badInput('archiveHash', 'length') }
  const account = store.account(caller)
  if (account === undefined) return { Err: refuse.notPermitted }
  if (outbox.isFull()) return { Err: refuse.logUnavailable }
  const { patientId } = account
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
