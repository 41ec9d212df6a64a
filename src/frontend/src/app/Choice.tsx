import { IconAlertCircle } from '@tabler/icons-react'

interface Option<T> {
  readonly value: T
  readonly label: string
  readonly hint?: string
}
interface Common<T> {
  /** Where the list of what is missing leads. */
  readonly id?: string
  readonly legend: string
  readonly name: string
  readonly error?: string | undefined
  readonly options: readonly Option<T>[]
}

/** One of several, none of them chosen beforehand unless `value` says so. */
export function Choice<T extends string>(
  props: Common<T> & { readonly value: T | null; readonly onChange: (value: T) => void },
) {
  return (
    <Options
      {...props}
      type="radio"
      isOn={(value) => props.value === value}
      onSwitch={(value) => props.onChange(value)}
    />
  )
}

/** Any number of several. */
export function CheckChoice<T extends string>(
  props: Common<T> & { readonly on: readonly T[]; readonly onChange: (on: readonly T[]) => void },
) {
  const { on, onChange } = props
  return (
    <Options
      {...props}
      type="checkbox"
      isOn={(value) => on.includes(value)}
      onSwitch={(value) => onChange(on.includes(value) ? on.filter((one) => one !== value) : [...on, value])}
    />
  )
}

function Options<T extends string>(
  props: Common<T> & {
    readonly type: 'radio' | 'checkbox'
    readonly isOn: (value: T) => boolean
    readonly onSwitch: (value: T) => void
  },
) {
  return (
    <fieldset className="mg-set" id={props.id} tabIndex={-1}>
      <legend>{props.legend}</legend>
      <div className="mg-choices">
        {props.options.map(({ value, label, hint }) => (
          <label key={value} className="mg-choice">
            <input
              type={props.type}
              name={props.name}
              aria-label={label}
              checked={props.isOn(value)}
              onChange={() => props.onSwitch(value)}
            />
            <span className="mg-choice-text">
              <span className="mg-choice-label">{label}</span>
              {hint !== undefined && <span className="mg-choice-hint">{hint}</span>}
            </span>
          </label>
        ))}
      </div>
      {props.error !== undefined && <FieldError text={props.error} />}
    </fieldset>
  )
}

export function FieldError({ text }: { text: string }) {
  return (
    <p className="mg-field-error">
      <IconAlertCircle size={16} aria-hidden /> {text}
    </p>
  )
}
