import { Button } from '@mantine/core'
import { IconAlertCircle, IconCamera, IconFileUpload, IconX } from '@tabler/icons-react'
import { type DragEvent, useRef, useState } from 'react'
import { sizeText } from '../app/dates.ts'

/** One file: dropped, picked, or taken with the camera. Dropping is never the only way. */
export function FileDrop(props: {
  id: string
  file: File | null
  error: string | undefined
  onPick: (file: File) => void
  onClear: () => void
}) {
  const picker = useRef<HTMLInputElement>(null)
  const camera = useRef<HTMLInputElement>(null)
  const [isOver, setOver] = useState(false)
  const over = (event: DragEvent) => {
    event.preventDefault()
    setOver(true)
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    const [file] = event.dataTransfer.files
    if (file !== undefined) props.onPick(file)
  }
  const picked = (input: HTMLInputElement) => {
    const [file] = input.files ?? []
    if (file !== undefined) props.onPick(file)
    input.value = '' // choosing the same file again counts as a choice
  }
  return (
    <fieldset
      className="mg-set"
      id={props.id}
      tabIndex={-1}
      aria-label="File"
      aria-describedby={props.error === undefined ? undefined : `${props.id}-error`}
    >
      <div className="mg-drop" data-over={isOver} onDragOver={over} onDragLeave={() => setOver(false)} onDrop={drop}>
        {props.file === null ? (
          <>
            <IconFileUpload size={36} stroke={1.4} aria-hidden className="mg-soft" />
            <p className="mg-soft mg-drop-hint">Drop a file here, or</p>
          </>
        ) : (
          <p className="mg-row">
            <strong className="mg-break">{props.file.name}</strong>
            <span className="mg-soft">{sizeText(props.file.size)}</span>
            <button
              type="button"
              className="mg-icon-button"
              aria-label={`Remove ${props.file.name}`}
              onClick={props.onClear}
            >
              <IconX size={20} aria-hidden />
            </button>
          </p>
        )}
        <div className="mg-drop-buttons">
          <Button variant={props.file === null ? 'filled' : 'default'} onClick={() => picker.current?.click()}>
            {props.file === null ? 'Choose a file' : 'Choose another file'}
          </Button>
          <Button
            variant="default"
            onClick={() => camera.current?.click()}
            leftSection={<IconCamera size={20} aria-hidden />}
          >
            Take a photo
          </Button>
        </div>
        <input
          ref={picker}
          type="file"
          className="mg-hidden"
          tabIndex={-1}
          aria-label="Choose a file"
          onChange={(event) => picked(event.currentTarget)}
        />
        <input
          ref={camera}
          type="file"
          accept="image/*"
          capture="environment"
          className="mg-hidden"
          tabIndex={-1}
          aria-label="Take a photo"
          onChange={(event) => picked(event.currentTarget)}
        />
      </div>
      {props.error !== undefined && (
        <p className="mg-field-error" id={`${props.id}-error`}>
          <IconAlertCircle size={16} aria-hidden /> {props.error}
        </p>
      )}
    </fieldset>
  )
}
