import { type Outcome, type Progress } from '@medguard/client'
import { NS_PER_DAY } from '@medguard/protocol'
import { openClinic } from '../test/scenarios/clinic.ts'
import { check, type Row, rowsOf } from './rows.ts'

const TRIALS = 3
const BODY_BYTES = 2 ** 20

/** How long a person waits for each step, through the released agent over HTTP, on a network that keeps nothing on disk. Median of three. */
export async function run(): Promise<Row[]> {
  const clinic = await openClinic({ clock: 'real' })
  const took = new Map<string, number[]>()
  const timed = async <T>(step: string, work: (progress: Progress) => Promise<Outcome<T>>): Promise<T> => {
    const startMs = performance.now()
    const outcome = await work(() => {})
    took.set(step, [...(took.get(step) ?? []), performance.now() - startMs])
    check(outcome.kind === 'done', step)
    return outcome.value
  }
  try {
    for (let trial = 0; trial < TRIALS; trial++) {
      const [patient, clinician] = [clinic.person(`patient ${trial}`), clinic.person(`clinician ${trial}`)]
      const bytes = new Uint8Array(BODY_BYTES).map((_, i) => (i * 31) % 251)
      const fields = { fileName: 'count.bin', mediaType: 'application/octet-stream', clinicalDate: null } as const
      await timed('enrol', () => patient.client.enrol())
      check((await clinician.client.enrol()).kind === 'done', 'the clinician is enrolled')
      await timed('add 1 MiB, with the first key', () =>
        patient.client.add({ bytes, title: 'Blood count', category: 'labs', ...fields }),
      )
      await timed('add 1 MiB again', () => patient.client.add({ bytes, title: 'Second', category: 'labs', ...fields }))
      const listed = await timed('list one category', () => patient.client.list({ of: 'me' }, ['labs']))
      await timed('list all categories', () => patient.client.list({ of: 'me' }))
      const [first] = listed
      check(first !== undefined && listed.length === 2, 'both records are listed')
      const opened = await timed('open 1 MiB', () => patient.client.open(first))
      check(Buffer.from(opened.bytes).equals(bytes), 'the record is what was stored')

      const nowNs = await clinic.nowNs()
      const terms = {
        grantee: clinician.principal.toText(),
        rights: ['list', 'open'],
        purpose: 'TREAT',
        startNs: nowNs,
        endNs: nowNs + NS_PER_DAY,
      } as const
      const share = await timed('share a category', () =>
        patient.client.share({ ...terms, scope: { categories: ['labs'] } }),
      )
      await timed('share one record', () => patient.client.share({ ...terms, scope: { records: [first] } }))
      const vault = { of: 'grant', grantId: share.grantId } as const
      const shared = await timed('recipient: list, with the key', () => clinician.client.list(vault))
      const [theirs] = shared
      check(theirs !== undefined && shared.length === 2, 'the recipient finds both')
      const read = await timed('recipient: open 1 MiB', () => clinician.client.open(theirs))
      check(Buffer.from(read.bytes).equals(bytes), 'the recipient reads what was stored')
      const log = await timed('read and verify the log', () => patient.client.log('patient'))
      check(log.verification.kind === 'verified', 'the log verifies')
      await timed('revoke', () => patient.client.revoke(share.grantId))
      check((await clinician.client.open(theirs)).kind === 'refused', 'who was shut out is refused')
    }
  } finally {
    await clinic.close()
  }
  const rows = rowsOf('road')
  for (const [step, all] of took) rows.add(step, median(all), 'ms')
  return rows.rows
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
