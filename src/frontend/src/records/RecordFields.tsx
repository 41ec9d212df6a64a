import { TextInput } from '@mantine/core'
import type { Category } from '@medguard/client'
import { IconAlertCircle } from '@tabler/icons-react'
import { t } from '../words/language.ts'
import type { AddDraft, AddErrors } from './add-store.ts'
import { CategoryTile } from './CategoryTile.tsx'

/** Where the list of what is missing leads. */
export const idOfAdd = (field: string) => `add-${field}`

/** What a record has beside its content: a title, its kind, its day, and whose it is. */
export function RecordFields(props: {
  draft: AddDraft
  errors: AddErrors
  change: (changes: Partial<AddDraft>) => void
  categories: readonly Category[]
  person: string
  personHint: string
}) {
  const { draft, errors, change } = props
  return (
    <>
      <TextInput
        id={idOfAdd('title')}
        label={t('add.titleLabel')}
        description={t('add.encryptedToo')}
        value={draft.title}
        error={errors.title}
        autoComplete="off"
        onChange={(event) => change({ title: event.currentTarget.value })}
      />
      <fieldset
        className="mg-set"
        id={idOfAdd('category')}
        tabIndex={-1}
        aria-describedby={errors.category && 'add-category-error'}
      >
        <legend>{t('add.kind')}</legend>
        <div className="mg-choices">
          {props.categories.map((category) => (
            <label key={category} className="mg-choice">
              <input
                type="radio"
                name="category"
                checked={draft.category === category}
                onChange={() => change({ category })}
                aria-describedby={`add-hint-${category}`}
                aria-label={t(`categories.${category}`)}
              />
              <span className="mg-choice-text">
                <span className="mg-choice-label">{t(`categories.${category}`)}</span>
                <span className="mg-choice-hint" id={`add-hint-${category}`}>
                  {t(category === 'sensitive' ? 'categories.sensitiveShort' : `categories.${category}Hint`)}
                </span>
              </span>
              <CategoryTile category={category} />
            </label>
          ))}
        </div>
        {errors.category !== undefined && (
          <p className="mg-field-error" id="add-category-error">
            <IconAlertCircle size={16} aria-hidden /> {errors.category}
          </p>
        )}
      </fieldset>
      <TextInput
        id={idOfAdd('day')}
        className="mg-day"
        label={t('add.day')}
        description={t('add.dayHint')}
        type="date"
        value={draft.day}
        error={errors.day}
        onChange={(event) => change({ day: event.currentTarget.value })}
      />
      <TextInput
        id={idOfAdd('subject')}
        label={props.person}
        description={props.personHint}
        value={draft.subject ?? ''}
        onChange={(event) => change({ subject: event.currentTarget.value })}
      />
    </>
  )
}
