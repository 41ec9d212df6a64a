import { Button } from '@mantine/core'
import { IconAlertCircle, IconCamera, IconFileUpload, IconFolder, IconX } from '@tabler/icons-react'
import { type DragEvent, type ReactNode, useRef, useState } from 'react'
import { sizeText } from '../app/dates.ts'
import { t } from '../words/language.ts'
import { nameOfPicked, opened, type PickedFile, pickedFromDrop, pickedFromInput, sizeOfPicked } from './picked-files.ts'

/** A file, or several that make one record: dropped, picked, or taken with the camera. Dropping is never the only way. */
export function FileDrop(props: {
  id: string
  files: readonly PickedFile[]
  error: string | undefined
  /** What comes of what is dropped, where that is not one record. */
  hint?: string
  /** What else can be done with what was chosen. */
  offer?: ReactNode
  /** @param programs paths of what was left out. */
  onPick: (files: readonly PickedFile[], programs: readonly string[]) => void
  onClear: () => void
}) {
  const picker = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const camera = useRef<HTMLInputElement>(null)
  const [isOver, setOver] = useState(false)
  const [programs, setPrograms] = useState<readonly string[]>([])
  const [isOpening, setOpening] = useState(false)
  const isEmpty = props.files.length === 0
  const name = nameOfPicked(props.files)
  const over = (event: DragEvent) => {
    event.preventDefault()
    setOver(true)
  }
  const take = async (chosen: readonly PickedFile[]) => {
    setOpening(true)
    try {
      const { files, programs: left } = await opened(chosen)
      setPrograms(left)
      props.onPick(files, left)
    } finally {
      setOpening(false)
    }
  }
  const drop = (event: DragEvent) => {
    event.preventDefault()
    setOver(false)
    void pickedFromDrop(event.dataTransfer.items).then(take)
  }
  const picked = (input: HTMLInputElement) => {
    const files = pickedFromInput(input.files ?? [])
    if (files.length > 0) void take(files)
    input.value = '' // choosing the same file again counts as a choice
  }
  return (
    <fieldset
      className="mg-set"
      id={props.id}
      tabIndex={-1}
      aria-label={t('add.file')}
      aria-describedby={props.error === undefined ? undefined : `${props.id}-error`}
    >
      <div className="mg-drop" data-over={isOver} onDragOver={over} onDragLeave={() => setOver(false)} onDrop={drop}>
        {isEmpty ? (
          <>
            <IconFileUpload size={36} stroke={1.4} aria-hidden className="mg-soft" />
            <p className="mg-soft mg-drop-hint">{props.hint ?? t('add.drop')}</p>
          </>
        ) : (
          <p className="mg-row">
            <strong className="mg-break">
              <bdi>{name}</bdi>
            </strong>
            <span className="mg-soft">
              {props.files.length > 1 && `${t('add.asOne', { count: props.files.length })} · `}
              {sizeText(sizeOfPicked(props.files))}
            </span>
            <button
              type="button"
              className="mg-icon-button"
              aria-label={t('add.remove', { name })}
              onClick={props.onClear}
            >
              <IconX size={20} aria-hidden />
            </button>
          </p>
        )}
        {isOpening && <output className="mg-soft">{t('unpack.opening')}</output>}
        {!isEmpty && programs.length > 0 && (
          <p className="mg-soft mg-break">
            {t('unpack.programs', { count: programs.length, first: programs[0] ?? '' })}
          </p>
        )}
        <div className="mg-drop-buttons">
          <Button variant={isEmpty ? 'filled' : 'default'} onClick={() => picker.current?.click()}>
            {t(isEmpty ? 'add.chooseFiles' : 'add.chooseOthers')}
          </Button>
          <Button
            variant="default"
            onClick={() => folder.current?.click()}
            leftSection={<IconFolder size={20} aria-hidden />}
          >
            {t('add.chooseFolder')}
          </Button>
          <Button
            variant="default"
            onClick={() => camera.current?.click()}
            leftSection={<IconCamera size={20} aria-hidden />}
          >
            {t('add.photo')}
          </Button>
          {props.offer}
        </div>
        <input
          ref={picker}
          type="file"
          multiple
          className="mg-hidden"
          tabIndex={-1}
          aria-label={t('add.choose')}
          onChange={(event) => picked(event.currentTarget)}
        />
        <input
          ref={(input) => {
            folder.current = input
            if (input !== null) input.webkitdirectory = true
          }}
          type="file"
          className="mg-hidden"
          tabIndex={-1}
          aria-label={t('add.chooseFolder')}
          onChange={(event) => picked(event.currentTarget)}
        />
        <input
          ref={camera}
          type="file"
          accept="image/*"
          capture="environment"
          className="mg-hidden"
          tabIndex={-1}
          aria-label={t('add.photo')}
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
