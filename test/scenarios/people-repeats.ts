import { NS_PER_DAY, POWER, type Principal, RECOVERY_WAIT_NS } from '@medguard/protocol'
import { enrolChild } from './people.fixture.ts'
import { type CanisterName, type Clinic, freshId } from './clinic.ts'

// What a repeated message to a method about people is answered: the same in consent and in records.

type Canister = Exclude<CanisterName, 'audit'>
type Named = [] | [Uint8Array]
type Ends = [] | [bigint]
const SAME = 'same answer' as const

/** @param clinic asked only when a row is used. */
export function peopleRepeats(clinic: () => Clinic, canister: Canister) {
  const patient = (): Principal => clinic().person('patient').principal
  const phone = (): Principal => clinic().person('phone').principal
  const carer = (): Principal => clinic().person('otherUser').principal
  let people = 0
  const somebodyNew = (): Principal => clinic().person(`repeating ${canister} ${people++}`).principal
  const at = (who: string) => (): Principal => clinic().person(`${who} at ${canister}`).principal
  const [lost, kit, candidate] = [at('lost'), at('kit'), at('candidate')]
  const settingsOf = (ofKit: Principal) => ({ kit: [ofKit] as [Principal], guardians: [carer()], threshold: 1 })
  /** Somebody who lost their sign-in, with a kit and a guardian. */
  const recoverable = async () => {
    const account = await clinic().ok(lost(), 'consent', 'enrol', { requestId: freshId() })
    if (canister === 'records') {
      const compartments = account.compartments.map(({ category, cid }) => ({ category, cid }))
      const { patientId } = account
      await clinic().ok(lost(), 'records', 'enrol', { patientId, compartments, requestId: freshId() })
    }
    await clinic().ok(lost(), canister, 'setRecovery', {
      patientId: [],
      settings: settingsOf(kit()),
      requestId: freshId(),
    })
  }
  const offer = (newPrincipal: Principal) => ({ patientId: [] as [], newPrincipal, requestId: freshId() })
  const accept = () => ({ home: patient(), requestId: freshId() })
  const appointment = async (representative: Principal, powers: number = POWER.read) => {
    const startNs = await clinic().nowNs()
    const endNs: [bigint] = [startNs + NS_PER_DAY]
    return { patientId: [] as Named, representative, powers, startNs, endNs: endNs as Ends, requestId: freshId() }
  }
  const appointed = async (representative: Principal) => {
    const dismissal = { patientId: [] as [], representative, requestId: freshId() }
    await clinic().ok(patient(), canister, 'dismiss', dismissal)
    await clinic().ok(patient(), canister, 'appoint', await appointment(representative))
    return { patient: patient(), requestId: freshId() }
  }
  /** Of a child of their own. */
  const aboutChild = async () => {
    const { patientId } = await enrolChild(clinic(), carer())
    return { patientId, requestId: freshId() }
  }
  return {
    offerLink: {
      again: SAME,
      arg: () => offer(somebodyNew()),
      changed: <A>(arg: A) => ({ ...arg, newPrincipal: somebodyNew() }),
    },
    acceptLink: {
      again: SAME,
      by: phone,
      async arg() {
        await clinic().ok(patient(), canister, 'offerLink', offer(phone()))
        return accept()
      },
    },
    unlink: {
      again: SAME,
      async arg() {
        const principal = somebodyNew()
        await clinic().ok(patient(), canister, 'offerLink', offer(principal))
        await clinic().ok(principal, canister, 'acceptLink', accept())
        return { patientId: [] as [], principal, requestId: freshId() }
      },
    },
    appoint: {
      again: SAME,
      arg: () => appointment(somebodyNew()),
      changed: <A>(arg: A) => ({ ...arg, powers: POWER.write }),
    },
    acceptAppointment: { again: SAME, by: carer, arg: () => appointed(carer()) },
    dismiss: {
      again: SAME,
      arg: () => ({ patientId: [] as [], representative: somebodyNew(), requestId: freshId() }),
    },
    setRecovery: {
      again: SAME,
      arg: () => ({ patientId: [] as [], settings: settingsOf(somebodyNew()), requestId: freshId() }),
      changed: <A>(arg: A) => ({ ...arg, settings: settingsOf(somebodyNew()) }),
    },
    startRecovery: {
      again: SAME,
      by: kit,
      async arg() {
        await recoverable()
        return { newPrincipal: candidate(), requestId: freshId() }
      },
    },
    approveRecovery: {
      again: SAME,
      by: carer,
      async arg() {
        await recoverable()
        return { ward: lost(), newPrincipal: candidate(), requestId: freshId() }
      },
    },
    vetoRecovery: { again: SAME, arg: () => ({ patientId: [] as [], requestId: freshId() }) },
    announceErasure: {
      again: SAME,
      by: carer,
      arg: aboutChild,
      changed: <A>(arg: A) => ({ ...arg, patientId: freshId() }),
    },
    stopErasure: { again: SAME, by: carer, arg: aboutChild },
    completeRecovery: {
      again: SAME,
      by: candidate,
      async arg() {
        await recoverable()
        await clinic().ok(kit(), canister, 'startRecovery', { newPrincipal: candidate(), requestId: freshId() })
        await clinic().advance(RECOVERY_WAIT_NS)
        return { home: lost(), requestId: freshId() }
      },
    },
    resign: {
      again: SAME,
      by: carer,
      async arg() {
        const { patientId } = await clinic().ok(carer(), canister, 'acceptAppointment', await appointed(carer()))
        return { patientId, requestId: freshId() }
      },
    },
  } as const
}
