import type { MedGuardClient, Power } from '@medguard/client'
import type { Services } from '../app/services.ts'
import { createTask, type TaskStore } from '../app/task.ts'

export interface Appointment {
  readonly representative: string
  readonly powers: readonly Power[]
  readonly startNs: bigint
  readonly endNs: bigint | null
}
/** What ends a person's part: how it is asked for and said is the page's. */
export type Ending = TaskStore<string, null>

/** What is said about the people of the open record, and about those for whom the signed-in person acts. None of it shows before both canisters confirmed it. */
export function createPeopleStores(open: Services, own: Services) {
  const then = async <T>(answer: Promise<T>, changed: Services): Promise<T> => {
    const outcome = await answer
    void changed.around.getState().load()
    return outcome
  }
  const ofOpen = <A, T>(
    ask: (client: MedGuardClient, argument: A) => ReturnType<Parameters<typeof createTask<A, T>>[0]>,
  ) => createTask<A, T>((argument) => then(ask(open.client, argument), open))
  const ofOwn = <A, T>(
    ask: (client: MedGuardClient, argument: A) => ReturnType<Parameters<typeof createTask<A, T>>[0]>,
  ) => createTask<A, T>((argument) => then(ask(own.client, argument), own))
  return {
    offering: ofOpen<string, null>((client, principal) => client.offerLink(principal)),
    unlinking: ofOpen<string, null>((client, principal) => client.unlink(principal)),
    appointing: ofOpen<Appointment, null>((client, terms) => client.appoint(terms)),
    dismissing: ofOpen<string, null>((client, principal) => client.dismiss(principal)),
    accepting: ofOwn<string, { patientId: string }>((client, patient) => client.acceptAppointment(patient)),
    resigning: ofOwn<string, null>((client, patientId) => client.resign(patientId)),
    enrolling: ofOwn<void, { patientId: string; patient: string }>((client) => client.enrolDependant()),
  }
}
export type PeopleStores = ReturnType<typeof createPeopleStores>
