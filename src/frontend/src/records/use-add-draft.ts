import type { Category } from '@medguard/client'
import { useRef, useState } from 'react'
import { type StoreApi, useStore } from 'zustand'
import { type AddDraft, addErrors, type AddErrors, type AddFormState, type WholeDraft } from './add-store.ts'
import { beginningOf, guessCategory, mediaTypeOf, titleFromFileName } from './media.ts'
import { guessCategoryOfMany, nameOfPicked, type PickedFile } from './picked-files.ts'

/**
 * What is being filled in, what is still missing, and what a file says by itself.
 *
 * @param of.categories those it may be filed under: nothing else is guessed, or taken from a draft.
 * @param of.subject whose record it is, until somebody says otherwise.
 */
export function useAddDraft(
  form: StoreApi<AddFormState>,
  of: { readonly as: AddDraft['as']; readonly categories: readonly Category[]; readonly subject: string | null },
) {
  const { draft: kept, edit } = useStore(form)
  const [errors, setErrors] = useState<AddErrors>({})
  const summary = useRef<HTMLDivElement>(null)
  const known = (category: Category | null) => of.categories.find((one) => one === category) ?? null
  const draft: AddDraft = {
    ...kept,
    as: of.as,
    category: known(kept.category),
    subject: kept.subject ?? of.subject,
  }
  const change = (changes: Partial<AddDraft>) => {
    edit(changes)
    const fixed = Object.keys(changes)
    setErrors((now) =>
      Object.fromEntries(
        Object.entries(now).filter(([field]) => !fixed.includes(field) && !(field === 'file' && 'files' in changes)),
      ),
    )
  }
  const pick = async (files: readonly PickedFile[]) => {
    const [first] = files
    if (first === undefined) return
    change({ files })
    const { file } = first
    const category = known(
      files.length === 1
        ? guessCategory(file.name, mediaTypeOf(file.name, file.type, await beginningOf(file)))
        : guessCategoryOfMany(files),
    )
    const { draft: now } = form.getState()
    change({
      ...(now.title.trim() === '' && { title: titleFromFileName(nameOfPicked(files)) }),
      ...(known(now.category) === null && category !== null && { category }),
    })
  }
  /** @returns what can be sent; null where something is missing, which is then shown and has the focus. */
  const check = (): WholeDraft | null => {
    const found = addErrors(draft)
    setErrors(found)
    const { category } = draft
    if (Object.keys(found).length === 0 && category !== null) return { ...draft, category }
    requestAnimationFrame(() => summary.current?.focus())
    return null
  }
  return { draft, errors, change, pick, check, summary, categories: of.categories }
}
