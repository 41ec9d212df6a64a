import { Button, TextInput } from '@mantine/core'
import { t } from '../words/language.ts'
import { type ContactDraft, contactField, CONTACTS_MAX, EMPTY_CONTACT, type ProfileErrors } from './profile-draft.ts'

const PARTS = [
  { part: 'name', label: 'profile.contactName', type: 'text' },
  { part: 'phone', label: 'profile.contactPhone', type: 'tel' },
  { part: 'relation', label: 'profile.contactRelation', type: 'text' },
] as const

/** Whom to call, first one first. */
export function ContactFields(props: {
  contacts: readonly ContactDraft[]
  errors: ProfileErrors
  onChange: (contacts: readonly ContactDraft[]) => void
}) {
  const { contacts, errors, onChange } = props
  return (
    <>
      {contacts.length === 0 && <p className="mg-soft">{t('profile.contactsNone')}</p>}
      {contacts.map((contact, place) => {
        const number = place + 1
        return (
          <fieldset key={place} className="mg-set mg-contact">
            <legend>{t('profile.contact', { number })}</legend>
            {PARTS.map(({ part, label, type }) => (
              <TextInput
                key={part}
                id={`profile-${contactField(number, part).replaceAll(' ', '-')}`}
                type={type}
                label={t(label)}
                description={part === 'phone' ? t('profile.contactPhoneHint') : undefined}
                value={contact[part]}
                error={errors[contactField(number, part)]}
                autoComplete="off"
                dir={part === 'phone' ? 'ltr' : 'auto'}
                onChange={(event) => {
                  const { value } = event.currentTarget
                  onChange(contacts.map((each, other) => (other === place ? { ...each, [part]: value } : each)))
                }}
              />
            ))}
            <div>
              <Button variant="default" onClick={() => onChange(contacts.filter((_, other) => other !== place))}>
                {t('profile.removeContact', { number })}
              </Button>
            </div>
          </fieldset>
        )
      })}
      {contacts.length < CONTACTS_MAX && (
        <div className="mg-row">
          <Button variant="default" onClick={() => onChange([...contacts, EMPTY_CONTACT])}>
            {t('profile.addContact')}
          </Button>
        </div>
      )}
    </>
  )
}
