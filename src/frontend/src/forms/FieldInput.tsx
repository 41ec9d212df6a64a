import { Textarea, TextInput } from '@mantine/core'
import { useId } from 'react'
import { Choice } from '../app/Choice.tsx'
import { unreachable } from '../app/unreachable.ts'
import { t } from '../words/language.ts'
import { namesIn } from './code-lists.ts'
import { type Field, LONG_MAX } from './form-fields.ts'
import type { Values } from './form-store.ts'

/** Where the list of what is missing leads. */
export const idOfField = (name: string, prefix = 'form') => `${prefix}-${name}`

export function FieldInput(props: {
  field: Field
  values: Values
  error: string | undefined
  /** Where several forms are on one page. */
  idPrefix?: string
  onChange: (value: string) => void
}) {
  const { field, values, error, onChange } = props
  const label = field.required === true ? t(field.label) : t('forms.optional', { field: t(field.label) })
  const input = {
    id: idOfField(field.name, props.idPrefix),
    label,
    description: field.hint === undefined ? undefined : t(field.hint),
    value: values[field.name] ?? '',
    error,
    onChange: (event: { currentTarget: { value: string } }) => onChange(event.currentTarget.value),
  }
  switch (field.as) {
    case 'choice':
      return (
        <Choice
          id={input.id}
          legend={label}
          name={input.id}
          error={error}
          options={field.options(values)}
          value={values[field.name] ?? null}
          onChange={onChange}
        />
      )
    case 'long':
      return <Textarea {...input} rows={field.required === true ? 7 : 3} maxLength={LONG_MAX} />
    case 'day':
      return <TextInput {...input} type="date" className="mg-day" />
    case 'time':
      return <TextInput {...input} type="time" className="mg-day" />
    case 'number':
      return <TextInput {...input} inputMode={field.whole === true ? 'numeric' : 'decimal'} className="mg-day" />
    case 'when':
      return <TextInput {...input} className="mg-day" placeholder="2024-05" />
    case 'text':
      return <TextInput {...input} />
    case 'coded':
      return <Suggested input={input} names={namesIn(field.list)} />
    case 'suggested':
      return <Suggested input={input} names={field.names(values)} />
    default:
      return unreachable(field)
  }
}

/** Words of one's own, or one of a list: the browser's own list, which keyboards and screen readers know. */
function Suggested({ input, names }: { input: object; names: readonly string[] }) {
  const id = useId()
  return (
    <div>
      <TextInput {...input} list={id} />
      <datalist id={id}>
        {names.map((name) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </datalist>
    </div>
  )
}
