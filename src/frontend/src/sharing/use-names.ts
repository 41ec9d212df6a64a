import type { Category, MyRules } from '@medguard/client'
import { useIfAny, useKnown, useLoadable, useOwn, useServices } from '../app/context.ts'
import { shortCode } from '../app/words.ts'
import { nameIn } from '../people/names.ts'

const ALWAYS: readonly Category[] = ['sensitive']

interface Sensitive {
  /** Kinds that the patient holds for sensitive, as far as that is known. */
  readonly kinds: readonly Category[]
  /** What leaves without a canister that looks at it again has to wait for `ready`: until then a kind may be missing among them. */
  readonly laid: ReturnType<typeof useLoadable<MyRules>>
}

export function useSensitive(): Sensitive {
  const laid = useLoadable(useServices().rules.laid)
  return { kinds: laid.status === 'ready' ? laid.value.sensitive : ALWAYS, laid }
}

/** What somebody is called: by the reader, where they gave a name; an organisation by its own; else the two ends of the code. */
export function useNames(): (code: string) => string {
  const names = useIfAny(useOwn().names)
  return (code) => nameIn(names, code) ?? shortCode(code)
}
/** The same, and devices as their owner calls them, where their names were opened already. */
export function useNamesAndDevices(): (code: string) => string {
  const names = useNames()
  const devices = useKnown(useServices().devices)
  return (code) => devices?.find(({ principal }) => principal === code)?.name ?? names(code)
}
export function useNameOf(code: string): string {
  const recipient = useKnown(useServices().recipients(code))
  const names = useNames()
  return recipient?.organisation?.name ?? names(code)
}
