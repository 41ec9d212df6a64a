import type { StoreApi } from 'zustand/vanilla'
import type { DraftKeeper } from './draft-keeper.ts'
import type { RouterState } from './router.ts'
import { pageKeyOf } from './page-key.ts'

/**
 * Knows whether a reload would lose something: a draft that goes along from page to page, or anything typed on this page since it was opened. Searching and choosing a language is not writing.
 */
export function createUnsaved(
  page: Pick<Document, 'addEventListener'>,
  router: StoreApi<Pick<RouterState, 'route'>>,
  drafts: Pick<DraftKeeper, 'isWriting'>,
) {
  let isTyped = false
  page.addEventListener('input', ({ target }) => {
    if (target instanceof Element && target.closest('[type=search], .mg-language') === null) isTyped = true
  })
  router.subscribe(({ route }, before) => {
    if (pageKeyOf(route) !== pageKeyOf(before.route)) isTyped = false
  })
  return { isUnsaved: (): boolean => isTyped || drafts.isWriting() }
}
export type Unsaved = ReturnType<typeof createUnsaved>
