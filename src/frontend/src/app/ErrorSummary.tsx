import type { Ref } from 'react'
import { t } from '../words/language.ts'
import { Notice } from './elements.tsx'

/** What is missing in a form, with a link to each field. It takes the focus when the form is sent. */
export function ErrorSummary(props: {
  errors: Readonly<Record<string, string | undefined>>
  idOf: (field: string) => string
  focusRef: Ref<HTMLDivElement>
}) {
  const errors = Object.entries(props.errors).filter((entry): entry is [string, string] => entry[1] !== undefined)
  if (errors.length === 0) return null
  return (
    <Notice tone="warn" title={t('page.missing', { count: errors.length })} focusRef={props.focusRef} loud>
      <ul className="mg-errors">
        {errors.map(([field, text]) => (
          <li key={field}>
            <a
              href={`#${props.idOf(field)}`}
              onClick={(event) => {
                event.preventDefault() // the address after # is ours
                document.getElementById(props.idOf(field))?.focus()
              }}
            >
              {text}
            </a>
          </li>
        ))}
      </ul>
    </Notice>
  )
}
