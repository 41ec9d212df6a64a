import { type ArgOf, type RecordsService, refuse, type RetOf } from '@medguard/protocol'
import type { Context } from './context.ts'
import { wrongIds } from './rules.ts'
import { abandon, begin, commit, putChunk, repeated } from './uploading.ts'

/** What comes in one message is begun, put and committed in it. Nobody sees anything of it before consent has answered, and where that refuses, it is an upload as any. */
export async function store(
  context: Context,
  arg: ArgOf<RecordsService['store']>,
  caller: Uint8Array,
): Promise<RetOf<RecordsService['store']>> {
  const { recordId, version, requestId, bytes, chunkCount } = arg
  const wrong = wrongIds({ recordId, requestId })
  if (wrong !== null) return { Err: wrong }
  if (chunkCount !== 1) return { Err: refuse.badInput('chunkCount', 'range') }
  const earlier = repeated(context.store, { recordId, version }, arg, caller)
  // Of other bytes `begin` says that a version is there: whoever tries again under an id of before has sealed anew.
  if (earlier !== null && 'Ok' in earlier) return earlier
  const { patientId, compartmentKind, cid, grantId, chunkLog2, sizeBytes, category } = arg
  const place = { patientId, compartmentKind, cid, grantId }
  const shape = { recordId, version, chunkCount, chunkLog2, sizeBytes, category }
  const begun = begin(context, { ...place, ...shape, requestId, pending: [], anew: [true] }, caller)
  if ('Err' in begun) return begun
  const uploadId: [Uint8Array] = [requestId]
  const put = putChunk(context, { recordId, version, index: 0, bytes, uploadId }, caller)
  if ('Err' in put) {
    if ('BadInput' in put.Err) abandon(context, { recordId, version, uploadId }, caller)
    return put
  }
  const { manifest, header, listWrap, openWrap, author } = arg
  return commit(
    context,
    { recordId, version, manifest, header, listWrap, openWrap, requestId, author, uploadId },
    caller,
  )
}
