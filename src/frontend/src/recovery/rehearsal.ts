import { identityOfKit, type PeopleInfo } from '@medguard/client'

/** What a kit would do: open the account, do so from a day on, do so until then, or nothing for this account. */
export type Tried = 'works' | 'comes' | 'ends' | 'other' | 'mistyped'

/** @param text as typed from the paper. @param people as both canisters have it. Asks nobody anything. */
export function tryKit(
  text: string,
  { recovery, comingRecovery }: Pick<PeopleInfo, 'recovery' | 'comingRecovery'>,
): Tried {
  const kit = identityOfKit(text)?.getPrincipal().toText()
  if (kit === undefined) return 'mistyped'
  if (recovery?.kit === kit) return comingRecovery === null || comingRecovery.kit === kit ? 'works' : 'ends'
  return comingRecovery?.kit === kit ? 'comes' : 'other'
}
