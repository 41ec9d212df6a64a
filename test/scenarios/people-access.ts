import { NS_PER_DAY, POWER, type Principal } from '@medguard/protocol'
import { freshId } from './clinic.ts'
import type { Expectations } from './access-expectations.ts'
import type { Try } from './access-table.ts'
import type { Caller, Ward, WardClinic } from './ward.ts'

// Rows of the access table for methods about people: the same in consent and in records.

interface Row<A> {
  readonly what?: string
  readonly expected: Expectations
  readonly tries: (caller: Caller) => Promise<readonly Try<A>[]>
}
type Named = [] | [Uint8Array]

/** @param classes expectations that the table has names for. */
export function peopleRows(
  { clinic, vaultOf }: Pick<Ward<WardClinic>, 'clinic' | 'vaultOf'>,
  { nobody, ownerOnly, enrolled }: Readonly<Record<'nobody' | 'ownerOnly' | 'enrolled', Expectations>>,
) {
  const patientIdOf = (caller: Caller) => vaultOf(caller).account.patientId
  let people = 0
  /** Somebody whom nobody heard of before. */
  const somebodyNew = (): Principal => clinic.person(`new ${people++}`).principal
  const patient = clinic.person('patient').principal
  const just = <A>(exists: A, ...missing: readonly A[]): readonly Try<A>[] => [{ exists, missing, missingThere: [] }]
  /** About one's own vault, and about the one that the caller knocks at, by its name. */
  const both = <A>(
    make: (patientId: Named) => A | Promise<A>,
    expected: { own?: Expectations; named?: Expectations } = {},
  ): readonly [Row<A>, Row<A>] => [
    { what: 'of their own', expected: expected.own ?? enrolled, tries: async () => just(await make([])) },
    {
      what: 'of the patient',
      expected: expected.named ?? ownerOnly,
      tries: async (caller) => just(await make([patientIdOf(caller)]), await make([freshId()])),
    },
  ]
  const row = <A>(expected: Expectations, exists: (caller: Caller) => A, missing: () => A): Row<A> => ({
    expected,
    tries: async (caller) => just(exists(caller), missing()),
  })
  const ofVault = (expected: Expectations) => {
    const make = (patientId: Uint8Array) => ({ patientId, requestId: freshId() })
    return row(
      expected,
      (caller) => make(patientIdOf(caller)),
      () => make(freshId()),
    )
  }
  const ofHome = (expected: Expectations) => {
    const make = (home: Principal) => ({ home, requestId: freshId() })
    return row(
      expected,
      () => make(patient),
      () => make(somebodyNew()),
    )
  }
  const appointment = async (patientId: Named) => {
    const startNs = await clinic.nowNs()
    const endNs: [bigint] = [startNs + NS_PER_DAY]
    return { patientId, representative: somebodyNew(), powers: POWER.read, startNs, endNs, requestId: freshId() }
  }
  /** What a sign-in may not that is as new as this one. */
  const newToo = {
    own: { ...enrolled, furtherSignIn: 'NotYet' },
    named: { ...ownerOnly, furtherSignIn: 'NotYet' },
  } as const
  const unlinking = (patientId: Named) => ({ patientId, principal: somebodyNew(), requestId: freshId() })
  return {
    people: both((patientId) => ({ patientId })),
    offerLink: both((patientId) => ({ patientId, newPrincipal: somebodyNew(), requestId: freshId() })),
    // Whoever took their place may say so again.
    acceptLink: [ofHome({ ...nobody, furtherSignIn: 'Ok' })] as const,
    unlink: [
      row(
        nobody,
        (caller) => unlinking([patientIdOf(caller)]),
        () => unlinking([freshId()]),
      ),
    ] as const,
    appoint: both(appointment),
    acceptAppointment: [
      row(
        { ...nobody, carerReading: 'Ok', carerForAll: 'Ok' },
        () => ({ patient, requestId: freshId() }),
        () => ({ patient: somebodyNew(), requestId: freshId() }),
      ),
    ] as const,
    dismiss: both((patientId) => ({ patientId, representative: somebodyNew(), requestId: freshId() })),
    setRecovery: both((patientId) => {
      const settings = { kit: [somebodyNew()] as [Principal], guardians: [somebodyNew()], threshold: 1 }
      return { patientId, settings, requestId: freshId() }
    }, newToo),
    startRecovery: [
      { expected: nobody, tries: async () => just({ newPrincipal: somebodyNew(), requestId: freshId() }) },
    ] as const,
    approveRecovery: [
      row(
        { ...nobody, guardian: 'Ok' },
        () => ({ ward: patient, newPrincipal: somebodyNew(), requestId: freshId() }),
        () => ({ ward: somebodyNew(), newPrincipal: somebodyNew(), requestId: freshId() }),
      ),
    ] as const,
    vetoRecovery: both((patientId) => ({ patientId, requestId: freshId() })),
    // Of a dependant's vault alone: the patient erases their own without waiting.
    announceErasure: [ofVault({ ...nobody, manager: 'Ok' })] as const,
    stopErasure: [ofVault(ownerOnly)] as const,
    completeRecovery: [ofHome({ ...nobody, furtherSignIn: 'Ok' })] as const,
    // Not the only one who manages for a child.
    resign: [ofVault({ ...nobody, carerReading: 'Ok', carerForAll: 'Ok', manager: 'BadInput' })] as const,
  }
}

/** What consent would have given out for a dependant. */
export const dependantArg = () => ({
  accountId: freshId(),
  patientId: freshId(),
  compartments: Array.from({ length: 8 }, (_, i) => ({ category: i + 1, cid: freshId() })),
  requestId: freshId(),
})
