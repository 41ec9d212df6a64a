import type { MedGuardClient, MyRules, MyRulesChange, MyRulesDocument } from '@medguard/client'
import { createLoadable, type LoadableStore } from '../app/loadable.ts'
import { createTask } from '../app/task.ts'

/** What the patient lays down for all sharing. @param onChanged also after a refusal: one of the two canisters may have taken it. */
export function createRulesStores(client: MedGuardClient, onChanged: () => void) {
  const laid: LoadableStore<MyRules> = createLoadable(() => client.rules())
  const changing = () =>
    createTask<MyRulesChange, MyRules>(async (change) => {
      const outcome = await client.changeRules(change)
      if (outcome.kind === 'done') laid.getState().put(outcome.value)
      else void laid.getState().load()
      onChanged()
      return outcome
    })
  return {
    laid,
    pausing: changing(),
    marking: changing(),
    admitting: changing(),
    blocking: changing(),
    writingOut: createTask<void, MyRulesDocument>(() => client.myRules()),
  }
}
export type RulesStores = ReturnType<typeof createRulesStores>

/** All that holds for the sharing, as one document that people and programs can read: as `medguard rules --json` prints it. */
export const rulesDocument = (document: MyRulesDocument): string =>
  `${JSON.stringify(document, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value), 2)}\n`
