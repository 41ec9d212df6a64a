import type { RefObject } from 'react'

/** Something drawn, under a name that says what it is. */
export function Canvas(props: {
  ref: RefObject<HTMLCanvasElement | null>
  label: string
  isDrawn: boolean
  className?: string
}) {
  const { ref, label, isDrawn, className } = props
  return (
    <canvas
      ref={ref}
      className={className}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- no image element could show what is drawn here
      role="img"
      aria-label={label}
      data-drawn={isDrawn}
    />
  )
}
