import type { ReactNode } from 'react'

/** A row of tools of a viewer. */
export function Tools({ label, children }: { label: string; children: ReactNode }) {
  return (
    <fieldset className="mg-tools" aria-label={label}>
      {children}
    </fieldset>
  )
}

export function Tool(props: {
  label: string
  icon: ReactNode
  onClick: () => void
  pressed?: boolean
  disabled?: boolean
}) {
  const { label, icon, onClick, pressed, disabled } = props
  return (
    <button
      type="button"
      className="mg-tool"
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onClick}
    >
      {icon}
    </button>
  )
}
