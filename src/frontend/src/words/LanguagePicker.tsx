import { useId } from 'react'
import { useStore } from 'zustand'
import { IconLanguage } from '@tabler/icons-react'
import { chooseLanguage, languageStore, t } from './language.ts'
import { isLanguage, LANGUAGE_TAGS, LANGUAGES } from './languages.ts'

/** The languages, each by its own name. */
export function LanguagePicker() {
  const { language, pending } = useStore(languageStore)
  const id = useId()
  return (
    <div className="mg-language">
      <label htmlFor={id}>
        <IconLanguage size={22} aria-hidden />
        <span className="mg-hidden">{t('language.label')}</span>
      </label>
      <select
        id={id}
        className="mg-select"
        value={pending?.failed === false ? pending.language : language}
        onChange={({ currentTarget: { value } }) => {
          if (isLanguage(value)) void chooseLanguage(value)
        }}
      >
        {LANGUAGE_TAGS.map((tag) => (
          <option key={tag} value={tag} lang={tag}>
            {LANGUAGES[tag].name}
          </option>
        ))}
      </select>
      {pending?.failed === true && (
        <output className="mg-block mg-small">
          {t('language.failed', { language: LANGUAGES[pending.language].name })}
        </output>
      )}
    </div>
  )
}
