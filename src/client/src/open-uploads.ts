import { toHex } from '@medguard/protocol'
import type { OpenUpload, RecordsPart } from './api-records.ts'
import type { Canisters } from './canisters.ts'
import { idOf, okOf } from './outcome.ts'
import type { Session } from './session.ts'

/** What somebody began to store and did not finish. A canister finds uploads by who sends them, in whosever vault they end. */
export function uploadMethods({ canisters, unlocked, actsFor }: Session): Pick<RecordsPart, 'uploads' | 'abandon'> {
  return {
    uploads: () =>
      unlocked(async () => {
        const open = okOf(await canisters.records.uploads(null)).map(openUpload)
        return actsFor === null ? open : open.filter(({ patientId }) => patientId === toHex(actsFor))
      }),
    abandon: ({ recordId, version }) =>
      unlocked(async () => okOf(await canisters.records.abandon({ recordId: idOf(recordId), version, uploadId: [] }))),
  }
}

type View = Extract<Awaited<ReturnType<Canisters['records']['uploads']>>, { Ok: unknown }>['Ok'][number]

const openUpload = ({
  recordId,
  version,
  patientId,
  grantId,
  sizeBytes,
  touchedNs,
  isResumable,
}: View): OpenUpload => ({
  recordId: toHex(recordId),
  version,
  patientId: toHex(patientId),
  grantId: grantId[0] === undefined ? null : toHex(grantId[0]),
  sizeBytes,
  touchedNs,
  isResumable,
})
