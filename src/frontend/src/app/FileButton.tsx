import { Button } from '@mantine/core'
import { type ReactNode, useId } from 'react'

/**
 * A file to choose, in words of the page and as large as its other buttons: the browser's own button is small for a finger, and speaks the language of
 * the browser. The field lies over all of it and cannot be seen: keys, fingers and what is dropped on it work as in any other.
 */
export function FileButton(props: {
  children: string
  icon: ReactNode
  accept?: string
  /** Id of the words above it that say what the file is for. */
  about?: string
  isMissing?: boolean
  onPick: (file: File) => void
}) {
  const { about } = props
  const own = useId()
  return (
    <Button component="label" variant="default" className="mg-file-button" leftSection={props.icon}>
      <span id={own}>{props.children}</span>
      <input
        type="file"
        accept={props.accept}
        aria-labelledby={about === undefined ? own : `${about} ${own}`}
        aria-invalid={props.isMissing === true}
        onChange={({ currentTarget: input }) => {
          const file = input.files?.[0]
          if (file !== undefined) props.onPick(file)
          input.value = '' // choosing the same file again counts as a choice
        }}
      />
    </Button>
  )
}
