import type { Category } from '@medguard/client'
import { useIfAny, useKnown, useLoadable, useOwn, useServices } from '../app/context.ts'
import { shortCode } from '../app/words.ts'
import { nameIn } from '../people/names.ts'

const ALWAYS: readonly Category[] = ['sensitive']

/** Kinds that the patient holds for sensitive. */
export function useSensitive(): readonly Category[] {
  const rules = useLoadable(useServices().rules.laid)
  return rules.status === 'ready' ? rules.value.sensitive : ALWAYS
}

/** Whether that is known yet: for what leaves without a canister that looks at it again. */
export function useSensitiveKnown() {
  return useLoadable(useServices().rules.laid)
}

/** What somebody is called: by the reader, where they gave a name; an organisation by its own; else the two ends of the code. */
export function useNames(): (code: string) => string {
  const names = useIfAny(useOwn().names)
  return (code) => nameIn(names, code) ?? shortCode(code)
}
export function useNameOf(code: string): string {
  const recipient = useKnown(useServices().recipients(code))
  const names = useNames()
  return recipient?.organisation?.name ?? names(code)
}
