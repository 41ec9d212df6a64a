import { useEffect, useRef } from 'react'
import { t } from '../words/language.ts'
import type { PaperPages } from './read-paper.ts'

/** The pages as they are, to compare with. They scroll by themselves, with the keyboard too. */
export function PaperPicture({ pages }: { pages: PaperPages }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    place.current?.replaceChildren(...pages.pictures)
  }, [pages])
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keyboard
    <section className="mg-card mg-paper-view" aria-label={t('paper.picture')} tabIndex={0}>
      <div ref={place} />
    </section>
  )
}
