import type { AuthorKeyInfo, MedGuardClient, Outcome, RecordSummary } from '@medguard/client'
import { createLoadable, type LoadableStore } from '../app/loadable.ts'
import { createFormFlow, type FormDrafts, type FormFlow } from '../forms/form-store.ts'
import { type AddDraft, createFileFlow, type FileFlow, isEmptyDraft } from '../records/add-store.ts'

type Client = Pick<MedGuardClient, 'deposit' | 'amend' | 'authorKeys' | 'addAuthorKey'>
/** What is typed or chosen under one grant, and not sent. */
interface Unsent {
  readonly forms: FormDrafts['drafts']
  readonly file: AddDraft | null
}
/** By grant. */
export type UnsentDrafts = Readonly<Record<string, Unsent>>

/** What somebody sends under one grant. */
export interface Writing {
  readonly forms: FormFlow
  readonly files: FileFlow
}

/**
 * What somebody adds to records that are shared with them: sealed for whoever may read them, signed with the key of this device. What is typed is in the
 * memory of the page alone, and stays there when the access ends: it is its author's.
 */
export function createWritingStores(client: Client, onSent: (record: RecordSummary) => void) {
  const keys: LoadableStore<readonly AuthorKeyInfo[]> = createLoadable(() => client.authorKeys())
  const flows = new Map<string, Writing>()
  /** Refused or not, nothing is sent unsigned by a device that signs. */
  const signing = async (signs: boolean): Promise<Outcome<never> | null> => {
    const { view } = keys.getState()
    if (!signs || (view.status === 'ready' && keyHere(view.value) !== null)) return null
    const added = await client.addAuthorKey()
    if (added.kind === 'refused') return added
    void keys.getState().load()
    return null
  }
  return {
    keys,
    signing,
    /** @param signs false on a computer that others use too, which keeps no key to sign with. */
    to(grantId: string, signs: boolean): Writing {
      const known = flows.get(grantId)
      if (known !== undefined) return known
      const add: MedGuardClient['add'] = async (record, progress) =>
        (await signing(signs)) ?? client.deposit(grantId, record, progress)
      const amend: MedGuardClient['amend'] = async (address, record, progress) =>
        (await signing(signs)) ?? client.amend(address, record, progress)
      const made = { forms: createFormFlow({ add, amend }, onSent), files: createFileFlow(add, onSent) }
      flows.set(grantId, made)
      return made
    },
    unsent: (): UnsentDrafts =>
      Object.fromEntries(
        [...flows].flatMap(([grantId, { forms, files }]) => {
          const { drafts } = forms.form.getState()
          const { draft } = files.form.getState()
          const file = isEmptyDraft(draft) ? null : draft
          return file === null && Object.keys(drafts).length === 0 ? [] : [[grantId, { forms: drafts, file }] as const]
        }),
      ),
    /** What was being written under a share that was changed goes on under the one in its place. */
    move(from: string, to: string, signs: boolean) {
      const kept = this.unsent()[from]
      if (kept !== undefined) this.takeUp({ [to]: kept }, signs)
      flows.delete(from)
    },
    /** What was being written before a session ended by itself. */
    takeUp(drafts: UnsentDrafts, signs: boolean) {
      for (const [grantId, { forms, file }] of Object.entries(drafts)) {
        const flow = this.to(grantId, signs)
        flow.forms.form.setState({ drafts: forms })
        if (file !== null) flow.files.form.getState().edit(file)
      }
    },
  }
}
export type WritingStores = ReturnType<typeof createWritingStores>

/** The key that this device signs with, while it is in force. */
export const keyHere = (keys: readonly AuthorKeyInfo[]): AuthorKeyInfo | null =>
  keys.find(({ isHere, endNs }) => isHere && endNs === null) ?? null
