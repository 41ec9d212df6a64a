import type { Outcome, Progress } from '@medguard/client'
import { NS_PER_DAY } from '@medguard/protocol'
import type { Clinic } from '../test/scenarios/clinic.ts'
import { check } from './rows.ts'

/** Does one thing that a person waits for, and looks at how. */
export type Step = <T>(name: string, work: (progress: Progress) => Promise<Outcome<T>>) => Promise<T>

/** What patients and clinicians do most, each for the first time in a session and again. */
export async function coreTasks(clinic: Clinic, who: string, bodyBytes: number, step: Step): Promise<void> {
  const [patient, clinician] = [clinic.person(`patient ${who}`), clinic.person(`clinician ${who}`)]
  const bytes = new Uint8Array(bodyBytes).map((_, i) => (i * 31) % 251)
  const about = { fileName: 'count.bin', mediaType: 'application/octet-stream', clinicalDate: null } as const
  const record = (title: string) => ({ bytes, title, category: 'labs', ...about }) as const
  await step('enrol', () => patient.client.enrol())
  check((await clinician.client.enrol()).kind === 'done', 'the clinician is enrolled')
  await step('add, with the first key', () => patient.client.add(record('Blood count')))
  await step('add again', () => patient.client.add(record('Second')))

  const again = patient.newClient()
  const listed = await step('find: list one category, with the key', () => again.list({ of: 'me' }, ['labs']))
  await step('list all categories', () => again.list({ of: 'me' }))
  const [first, second] = listed
  check(first !== undefined && second !== undefined && listed.length === 2, 'both records are listed')
  const opened = await step('open', () => again.open(first))
  check(Buffer.from(opened.bytes).equals(bytes), 'the record is what was stored')

  const nowNs = await clinic.nowNs()
  const terms = {
    grantee: clinician.principal.toText(),
    rights: ['list', 'open', 'write'],
    purpose: 'TREAT',
    startNs: nowNs,
    endNs: nowNs + NS_PER_DAY,
  } as const
  const share = await step('share a category', () => again.share({ ...terms, scope: { categories: ['labs'] } }))
  const toRead = { ...terms, rights: ['list', 'open'] } as const
  await step('share one record', () => again.share({ ...toRead, scope: { records: [first] } }))

  const vault = { of: 'grant', grantId: share.grantId } as const
  const reader = clinician.newClient()
  const received = await step('provider: what is shared', () => reader.sharesReceived())
  check(received.length === 2, 'both shares are there')
  const found = (client: typeof reader, grantId: string, count: number) => async (progress: Progress) => {
    const all = await client.list({ of: 'grant', grantId }, undefined, progress)
    if (all.kind === 'refused') return all
    const record = all.value.find(({ recordId }) => recordId === first.recordId)
    check(record !== undefined && all.value.length === count, 'the recipient finds all')
    return client.open(record, progress)
  }
  const theirs = await step('provider: cold open', found(reader, share.grantId, 2))
  check(Buffer.from(theirs.bytes).equals(bytes), 'the recipient reads what was stored')

  check((await again.add({ ...record('Pulse'), category: 'vitals' })).kind === 'done', 'another kind is stored')
  const kinds = ['labs', 'vitals', 'medicines'] as const // of the last there is nothing
  const several = await again.share({ ...toRead, scope: { categories: kinds } })
  check(several.kind === 'done', 'several kinds are shared')
  const cold = clinician.newClient()
  check((await cold.sharesReceived()).kind === 'done', 'the recipient has seen it')
  await step('provider: cold open of several kinds', found(cold, several.value.grantId, 3))
  await step('provider: warm open', () => reader.open({ ...second, vault }))
  await step('provider: write back', () => reader.deposit(share.grantId, record('Findings')))

  const log = await step('check who looked', () => patient.newClient().log('patient'))
  check(log.verification.kind === 'verified', 'the log verifies')
  await step('revoke', () => again.revoke(share.grantId))
  check((await reader.open({ ...second, vault })).kind === 'refused', 'who was shut out is refused')
}
