import { type ReactNode, useId, useState } from 'react'
import { t } from '../words/language.ts'
import { termOf } from './glossary.ts'

/** The name of a measure; where there is a plain sentence for it, pressing it shows that, and pressing again or Escape hides it. */
export function Term({ code, children }: { code: string | null; children: ReactNode }) {
  const term = termOf(code)
  const id = useId()
  const [isOpen, setOpen] = useState(false)
  if (term === null) return children
  return (
    <>
      <button
        type="button"
        className="mg-term"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
        onKeyDown={({ key }) => key === 'Escape' && setOpen(false)}
      >
        {children}
      </button>
      <span id={id} className="mg-term-text" hidden={!isOpen}>
        {t(`glossary.${term}`)}
      </span>
    </>
  )
}
