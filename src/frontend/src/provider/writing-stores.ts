import type { AuthorKeyInfo, MedGuardClient, RecordSummary } from '@medguard/client'
import { createLoadable, type LoadableStore } from '../app/loadable.ts'
import { createFormFlow, type FormDrafts, type FormFlow } from '../forms/form-store.ts'

type Client = Pick<MedGuardClient, 'deposit' | 'amend' | 'authorKeys' | 'addAuthorKey'>
/** What is typed and not sent, by grant. */
export type UnsentDrafts = Readonly<Record<string, FormDrafts['drafts']>>

/**
 * What somebody adds to records that are shared with them: sealed for whoever may read them, signed with the key of this device. What is typed is in the
 * memory of the page alone, and stays there when the access ends: it is its author's.
 */
export function createWritingStores(client: Client, onSent: (record: RecordSummary) => void) {
  const keys: LoadableStore<readonly AuthorKeyInfo[]> = createLoadable(() => client.authorKeys())
  const flows = new Map<string, FormFlow>()
  /** Refused or not, nothing is sent unsigned by a device that signs. */
  const signing = async (signs: boolean) => {
    const { view } = keys.getState()
    if (!signs || (view.status === 'ready' && keyHere(view.value) !== null)) return null
    const added = await client.addAuthorKey()
    if (added.kind === 'refused') return added
    void keys.getState().load()
    return null
  }
  return {
    keys,
    /** @param signs false on a computer that others use too, which keeps no key to sign with. */
    to(grantId: string, signs: boolean): FormFlow {
      const known = flows.get(grantId)
      if (known !== undefined) return known
      const made = createFormFlow(
        {
          add: async (record, progress) => (await signing(signs)) ?? client.deposit(grantId, record, progress),
          amend: async (address, record, progress) => (await signing(signs)) ?? client.amend(address, record, progress),
        },
        onSent,
      )
      flows.set(grantId, made)
      return made
    },
    unsent: (): UnsentDrafts =>
      Object.fromEntries(
        [...flows]
          .map(([grantId, flow]) => [grantId, flow.form.getState().drafts] as const)
          .filter(([, drafts]) => Object.keys(drafts).length > 0),
      ),
    /** What was being written before a session ended by itself. */
    takeUp(drafts: UnsentDrafts, signs: boolean) {
      for (const [grantId, of] of Object.entries(drafts)) this.to(grantId, signs).form.setState({ drafts: of })
    },
  }
}
export type WritingStores = ReturnType<typeof createWritingStores>

/** The key that this device signs with, while it is in force. */
export const keyHere = (keys: readonly AuthorKeyInfo[]): AuthorKeyInfo | null =>
  keys.find(({ isHere, endNs }) => isHere && endNs === null) ?? null
