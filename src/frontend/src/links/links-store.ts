import type { LinkInfo, MadeLink, MedGuardClient, NewLink, Outcome } from '@medguard/client'
import { createLoadable, type LoadableStore } from '../app/loadable.ts'
import { createTask } from '../app/task.ts'

/** A passcode that is read out over the telephone: six digits, each as likely. */
export function newPasscode(): string {
  // Of 2^32 all beyond a whole number of millions are drawn again.
  for (;;) {
    const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1))
    if (drawn < 4_294_000_000) return String(drawn % 1_000_000).padStart(6, '0')
  }
}

/** With what is to be told of it, and is nowhere else once this is left. */
export interface MadeWithPasscode extends MadeLink {
  readonly passcode: string | null
  readonly label: string
}

/** Links of whose record is open. A link itself is in what making it answered, and nowhere else. */
export function createLinkStores(
  client: MedGuardClient,
  on: { readonly made: () => void; readonly ended: () => void },
) {
  const links: LoadableStore<readonly LinkInfo[]> = createLoadable(() => client.links())
  const again = () => {
    if (links.getState().view.status === 'ready') void links.getState().load()
  }
  return {
    list: links,
    making: createTask<NewLink, MadeWithPasscode>(async (link, progress) => {
      const outcome = await client.makeLink(link, progress)
      if (outcome.kind === 'refused') return outcome
      on.made()
      again()
      return { kind: 'done', value: { ...outcome.value, passcode: link.passcode, label: link.label } }
    }),
    end: async (linkId: string): Promise<Outcome<null>> => {
      const outcome = await client.endLink(linkId)
      if (outcome.kind === 'done') on.ended()
      await links.getState().load()
      return outcome
    },
  }
}
export type LinkStores = ReturnType<typeof createLinkStores>
