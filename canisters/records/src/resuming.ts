import {
  type ArgOf,
  BYTES_PER_ACCOUNT_MAX,
  OPEN_UPLOADS_MAX,
  POWER,
  RECORDS_PER_ACCOUNT_MAX,
  type RecordsService,
  refuse,
  type RetOf,
  RIGHT,
} from '@medguard/protocol'
import { authoriseOpenCall, nowNs, REFUSED_METHOD, vaultNamed } from '@medguard/shared'
import { blobOf } from './codec.ts'
import { askConsent, type Context } from './context.ts'
import { onBehalf, refuseReader, withhold } from './reading.ts'
import { wrongIds } from './rules.ts'
import { refuseWriter, writerOf } from './uploading.ts'

/** Uploads that outlive the client: their secret waits here wrapped, and whoever began them gets it back like any other wrapped key. */

const ZERO_HASH = new Uint8Array(32)

export function uploads({ store }: Context, _arg: null, caller: Uint8Array): RetOf<RecordsService['uploads']> {
  if (store.account(caller) === undefined) return { Err: refuse.notPermitted }
  const open = store.openUploads(caller).flatMap(({ recordId, version }) => {
    const upload = store.upload(caller, { recordId, version })
    if (upload === undefined) return []
    const { grantId, ...rest } = upload
    const isResumable = store.pending(caller, { recordId, version }) !== undefined
    return [
      { ...rest, grantId: grantId === null ? ([] as []) : ([grantId] as [Uint8Array]), recordId, version, isResumable },
    ]
  })
  return { Ok: open }
}

export function usage(
  { store, facts }: Context,
  { patientId: [named] }: ArgOf<RecordsService['usage']>,
  caller: Uint8Array,
): RetOf<RecordsService['usage']> {
  const wrong = wrongIds({ patientId: named ?? null })
  if (wrong !== null) return { Err: wrong }
  const vault = vaultNamed(named, caller, facts, POWER.read, nowNs())
  if (vault === null) return { Err: refuse.notPermitted }
  return {
    Ok: {
      ...store.usage(vault.patientId),
      versionsMax: RECORDS_PER_ACCOUNT_MAX,
      sizeBytesMax: BYTES_PER_ACCOUNT_MAX,
      openUploads: store.openUploads(caller).length,
      openUploadsMax: OPEN_UPLOADS_MAX,
    },
  }
}

/** Decided, logged and decided again, as `open` is; only for whoever began the upload, and while they may still go on with it. */
export async function resume(
  context: Context,
  { recordId, version, requestId }: ArgOf<RecordsService['resume']>,
  caller: Uint8Array,
): Promise<RetOf<RecordsService['resume']>> {
  const { store, requests } = context
  const wrong = wrongIds({ recordId, requestId })
  if (wrong !== null) return { Err: wrong }
  const id = { recordId, version }
  const upload = store.upload(caller, id)
  if (upload === undefined || store.pending(caller, id) === undefined) return { Err: refuse.notPermitted }
  const writer = writerOf(upload, caller)
  const asked = { ...writer, anyOf: RIGHT.open }
  const refusal = refuseWriter(context, writer) ?? refuseReader(context, asked, REFUSED_METHOD.open, requestId)
  if (refusal !== null) return { Err: refusal }
  const repeat = requests.begin(caller, requestId, nowNs())
  if (repeat !== null) return { Err: repeat }
  const opened = { recordId, version, manifestHash: ZERO_HASH } // there is no manifest before the commit
  const permit = await askConsent(context, authoriseOpenCall, { ...onBehalf(asked, requestId), records: [opened] })
  requests.done(caller, requestId)
  if ('refusal' in permit) return { Err: permit.refusal }

  const { firstLeafIndex: leafIndex } = permit.ok
  const still = store.upload(caller, id)
  const pending = store.pending(caller, id)
  const late = refuseWriter(context, writer) ?? refuseReader(context, asked, REFUSED_METHOD.open, requestId)
  const uploadId: [] | [Uint8Array] = upload.uploadId === null ? [] : [upload.uploadId]
  if (late === null && still?.bodyNo === upload.bodyNo && pending !== undefined)
    return { Ok: { pending, received: store.blobs.received(blobOf(upload)), leafIndex, uploadId } }
  withhold(context, asked, requestId, [{ leafIndex, objectId: recordId, version }])
  return { Err: late ?? refuse.notPermitted }
}
