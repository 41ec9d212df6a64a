import { IconAlertCircle } from '@tabler/icons-react'

/** One of a few, each with its own line of what it means. */
export function Choice<T extends string>(props: {
  /** Where the list of what is missing leads. */
  id?: string
  legend: string
  name: string
  /** Null: none yet. */
  value: T | null
  error?: string | undefined
  options: readonly { value: T; label: string; hint?: string }[]
  onChange: (value: T) => void
}) {
  return (
    <fieldset className="mg-set" id={props.id} tabIndex={-1}>
      <legend>{props.legend}</legend>
      <div className="mg-choices">
        {props.options.map(({ value, label, hint }) => (
          <label key={value} className="mg-choice">
            <input
              type="radio"
              name={props.name}
              aria-label={label}
              checked={props.value === value}
              onChange={() => props.onChange(value)}
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
