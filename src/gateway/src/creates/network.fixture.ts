import {
  Fault,
  type MedGuardClient,
  type NewRecord,
  type RecordSummary,
  type Refusal,
  type Share,
} from '@medguard/client'
import { summaryOf } from '../patients/on-its-way.ts'

export const idOf = (name: string) => Buffer.from(name.padEnd(16, '.')).toString('hex')

/** The network at the other end of the line: keeps each record id once, and answers as told. */
export function network() {
  const stored: { readonly grantId: string; readonly id: string; readonly record: NewRecord }[] = []
  const shares = ['A', 'B'].map((patient) => share(patient))
  const how = {
    shares,
    deposit: async (_grantId: string): Promise<Refusal | Fault | null> => null,
    beforeListed: async (): Promise<void> => {},
    /** After a quarter of an hour a list has to be asked for anew. */
    isLate: false,
    /** The node that says what joined a list has heard of nothing yet. */
    isBehind: false,
    /** It does what it is asked for, and nobody hears of it. */
    isSilent: false,
    beforeOpened: async (): Promise<void> => {},
    asked: [] as string[],
  }
  const told = new Map<string, number>()
  const listOf = (grantId: string, from: number) => {
    const there = stored.filter((each) => patientOf(each.grantId) === patientOf(grantId))
    told.set(grantId, there.length)
    return there.slice(from).map((each) => listed(each, grantId))
  }
  const client = {
    principal: 'gateway',
    changes: async () => BigInt(how.shares.map(({ grantId }) => grantId.length + Number(grantId.at(-1))).join('')),
    sharesReceived: async () => ({ kind: 'done', value: how.shares }) as const,
    news: async (vaults) =>
      ({
        kind: 'done',
        value: vaults.map((vault) => {
          const grantId = vault.of === 'grant' ? vault.grantId : ''
          const from = told.get(grantId)
          if (how.isLate || from === undefined) return null
          return how.isBehind ? [] : listOf(grantId, from)
        }),
      }) as const,
    async list(vault) {
      const grantId = vault.of === 'grant' ? vault.grantId : ''
      const there = listOf(grantId, 0)
      await how.beforeListed()
      return { kind: 'done', value: there } as const
    },
    async open(address) {
      await how.beforeOpened()
      const found = stored.find(({ id }) => id === address.recordId)
      if (found === undefined) throw new Error('never stored')
      const { bytes } = found.record
      if (!(bytes instanceof Uint8Array)) throw new Error('bytes')
      return { kind: 'done', value: { summary: listed(found, ''), bytes, verified: true, leafIndex: 0n } } as const
    },
    async depositOnce(grantId, id, record) {
      how.asked.push(grantId)
      const wrong = await how.deposit(grantId)
      if (wrong instanceof Fault) throw wrong
      if (wrong !== null) return { kind: 'refused', refusal: wrong }
      const value = stored.some((each) => each.id === id) ? 'wasStored' : 'stored'
      if (value === 'stored') stored.push({ grantId, id, record })
      if (how.isSilent) throw new Fault('Uncertain', 'no answer')
      return { kind: 'done', value }
    },
  } satisfies Partial<MedGuardClient>
  return { stored, how, client }
}
export const patientOf = (grantId: string): string => grantId.slice(0, 32)
export function share(patient: string, number = 1, change: Partial<Share> = {}): Share {
  return {
    grantId: `${idOf(patient)}${number}`,
    direction: 'received',
    patient,
    patientId: idOf(patient),
    grantee: 'gateway',
    scope: ['labs', 'vitals', 'other'],
    rights: ['list', 'open', 'write'],
    purpose: 'TREAT',
    startNs: 0n,
    endNs: 2n ** 63n,
    endedNs: null,
    state: 'live',
    bar: null,
    ...change,
  }
}
export const listed = (
  { id, record }: { readonly id: string; readonly record: NewRecord },
  grantId: string,
): RecordSummary => ({
  ...summaryOf(
    {
      recordId: id,
      patientId: '',
      grantId,
      isForInbox: false,
      receivedMs: 0,
      record: { ...record, bytes: record.bytes as Uint8Array },
    },
    'gateway',
  ),
})
