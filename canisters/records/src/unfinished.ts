import { equalBytes, UPLOAD_IDLE_MAX_NS } from '@medguard/protocol'
import { nowNs } from '@medguard/shared'
import type { Upload } from './codec.ts'
import type { Context } from './context.ts'
import type { VersionId } from './lists.ts'
import type { RecordsStore } from './store.ts'

/** Uploads that were begun and not finished: what they take up, and until when. */

/** What somebody announced under a grant and has not finished: at most 16 uploads. */
export function announcedUnder(store: RecordsStore, caller: Uint8Array, grantId: Uint8Array): bigint {
  let sizeBytes = 0n
  for (const id of store.openUploads(caller)) {
    const upload = store.upload(caller, id)
    if (upload !== undefined && upload.grantId !== null && equalBytes(upload.grantId, grantId))
      sizeBytes += upload.sizeBytes
  }
  return sizeBytes
}

/** Uploads of others that one new upload looks at: more than one, so that they cannot pile up. */
const LOOKED_AT = 2

/** Gives back what uploads took that nobody continued for a day: the caller's own, and of all others those whose turn it is. */
export function collectIdle(context: Context, caller: Uint8Array): void {
  const { store } = context
  for (const id of store.openUploads(caller)) {
    const upload = store.upload(caller, id)
    if (upload !== undefined) abandonIdle(context, { principal: caller, id, upload })
  }
  for (let i = 0; i < LOOKED_AT; i++) {
    const next = store.nextUnfinished()
    if (next !== undefined) abandonIdle(context, next)
  }
}

function abandonIdle(
  { store, collect }: Context,
  { principal, id, upload }: { principal: Uint8Array; id: VersionId; upload: Upload },
): void {
  if (upload.touchedNs + UPLOAD_IDLE_MAX_NS > nowNs()) return
  store.abandonUpload(principal, id, upload)
  collect()
}
