import type { MedGuardClient, Outcome, Power } from '@medguard/client'
import type { Services } from '../app/services.ts'
import { createTask } from '../app/task.ts'

export interface Appointment {
  readonly representative: string
  readonly powers: readonly Power[]
  readonly startNs: bigint
  readonly endNs: bigint | null
}
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
    appointing: ofOpen<Appointment, null>((client, terms) => client.appoint(terms)),
    accepting: ofOwn<string, { patientId: string }>((client, patient) => client.acceptAppointment(patient)),
    unlink: (principal: string): Promise<Outcome<null>> => then(open.client.unlink(principal), open),
    dismiss: (principal: string): Promise<Outcome<null>> => then(open.client.dismiss(principal), open),
    resign: (patientId: string): Promise<Outcome<null>> => then(own.client.resign(patientId), own),
    enrolling: ofOwn<void, { patientId: string; patient: string }>((client) => client.enrolDependant()),
  }
}
export type PeopleStores = ReturnType<typeof createPeopleStores>
