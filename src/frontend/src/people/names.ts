import { isFitName, type MedGuardClient, type NamedPerson } from '@medguard/client'
import type { LoadableStore } from '../app/loadable.ts'
import { createTask } from '../app/task.ts'

/** What the reader calls somebody, or null. */
export const nameIn = (people: readonly NamedPerson[] | null, code: string): string | null =>
  people?.find((each) => each.code === code)?.name ?? null

/** Whether a name cannot be kept for that code as it is. Nothing takes the name back, and can be. */
export const isUnfit = (person: NamedPerson): boolean => !isFitName(person)

/** @param names is told what is kept. */
export const createNaming = (
  client: Pick<MedGuardClient, 'nameSomebody'>,
  names: LoadableStore<readonly NamedPerson[]>,
  onNamed: (name: string) => void,
) =>
  createTask<NamedPerson, readonly NamedPerson[]>(async (person) => {
    const outcome = await client.nameSomebody(person)
    if (outcome.kind === 'refused') return outcome
    names.getState().put(outcome.value)
    onNamed(person.name.trim())
    return outcome
  })
