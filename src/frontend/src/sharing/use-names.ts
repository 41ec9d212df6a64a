import type { Category } from '@medguard/client'
import { useKnown, useLoadable, useServices } from '../app/context.ts'
import { shortCode } from '../app/words.ts'

const ALWAYS: readonly Category[] = ['sensitive']

/** Kinds that the patient holds for sensitive. */
export function useSensitive(): readonly Category[] {
  const rules = useLoadable(useServices().rules.laid)
  return rules.status === 'ready' ? rules.value.sensitive : ALWAYS
}

/** The name of an organisation, or a person's code. */
export function useNameOf(code: string): string {
  const recipient = useKnown(useServices().recipients(code))
  return recipient?.organisation?.name ?? shortCode(code)
}
