import { NS_PER_DAY, POWER, type Principal } from '@medguard/protocol'
import { freshId } from './clinic.ts'
import type { Expectations, Try } from './access-table.ts'
import type { Ward, WardClinic } from './ward.ts'

// Rows of the access table for methods about people: the same in consent and in records.

interface Row<A> {
  readonly what?: string
  readonly expected: Expectations
  readonly tries: () => Promise<readonly Try<A>[]>
}
type Named = [] | [Uint8Array]

/** @param classes expectations that the table has names for. */
export function peopleRows(
  { clinic, account }: Pick<Ward<WardClinic>, 'clinic' | 'account'>,
  { nobody, ownerOnly, enrolled }: Readonly<Record<'nobody' | 'ownerOnly' | 'enrolled', Expectations>>,
) {
  const { patientId } = account
  let people = 0
  /** Somebody whom nobody heard of before. */
  const somebodyNew = (): Principal => clinic.person(`new ${people++}`).principal
  const patient = clinic.person('patient').principal
  const just = <A>(exists: A, ...missing: readonly A[]): readonly Try<A>[] => [{ exists, missing, missingThere: [] }]
  /** About one's own vault, and about the patient's by name. */
  const both = <A>(make: (patientId: Named) => A | Promise<A>): readonly [Row<A>, Row<A>] => [
    { what: 'of their own', expected: enrolled, tries: async () => just(await make([])) },
    {
      what: 'of the patient',
      expected: ownerOnly,
      tries: async () => just(await make([patientId]), await make([freshId()])),
    },
  ]
  const forNobody = <A>(exists: A, missing: A): Row<A> => ({
    expected: nobody,
    tries: async () => just(exists, missing),
  })
  const appointment = async (patientId: Named) => {
    const startNs = await clinic.nowNs()
    const endNs: [bigint] = [startNs + NS_PER_DAY]
    return { patientId, representative: somebodyNew(), powers: POWER.read, startNs, endNs, requestId: freshId() }
  }
  const unlinking = (patientId: Named) => ({ patientId, principal: somebodyNew(), requestId: freshId() })
  return {
    people: both((patientId) => ({ patientId })),
    offerLink: both((patientId) => ({ patientId, newPrincipal: somebodyNew(), requestId: freshId() })),
    acceptLink: [
      forNobody({ home: patient, requestId: freshId() }, { home: somebodyNew(), requestId: freshId() }),
    ] as const,
    unlink: [forNobody(unlinking([patientId]), unlinking([freshId()]))] as const,
    appoint: both(appointment),
    acceptAppointment: [
      forNobody({ patient, requestId: freshId() }, { patient: somebodyNew(), requestId: freshId() }),
    ] as const,
    dismiss: both((patientId) => ({ patientId, representative: somebodyNew(), requestId: freshId() })),
    setRecovery: both((patientId) => {
      const settings = { kit: [somebodyNew()] as [Principal], guardians: [somebodyNew()], threshold: 1 }
      return { patientId, settings, requestId: freshId() }
    }),
    startRecovery: [
      { expected: nobody, tries: async () => just({ newPrincipal: somebodyNew(), requestId: freshId() }) },
    ] as const,
    approveRecovery: [
      forNobody(
        { ward: patient, newPrincipal: somebodyNew(), requestId: freshId() },
        { ward: somebodyNew(), newPrincipal: somebodyNew(), requestId: freshId() },
      ),
    ] as const,
    vetoRecovery: both((patientId) => ({ patientId, requestId: freshId() })),
    // Of a dependant's vault alone: the patient erases their own without waiting.
    announceErasure: [
      forNobody({ patientId, requestId: freshId() }, { patientId: freshId(), requestId: freshId() }),
    ] as const,
    stopErasure: [
      {
        expected: ownerOnly,
        tries: async () => just({ patientId, requestId: freshId() }, { patientId: freshId(), requestId: freshId() }),
      },
    ] as const,
    completeRecovery: [
      forNobody({ home: patient, requestId: freshId() }, { home: somebodyNew(), requestId: freshId() }),
    ] as const,
    resign: [forNobody({ patientId, requestId: freshId() }, { patientId: freshId(), requestId: freshId() })] as const,
  }
}

/** What consent would have given out for a dependant. */
export const dependantArg = () => ({
  accountId: freshId(),
  patientId: freshId(),
  compartments: Array.from({ length: 8 }, (_, i) => ({ category: i + 1, cid: freshId() })),
  requestId: freshId(),
})
