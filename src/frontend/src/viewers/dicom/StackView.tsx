import {
  IconArrowBackUp,
  IconArrowDown,
  IconArrowLeft,
  IconArrowRight,
  IconArrowsMove,
  IconArrowUp,
  IconBrightnessDown,
  IconBrightnessUp,
  IconContrast,
  IconContrast2,
  IconContrastOff,
  IconEye,
  IconEyeOff,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerTrackNext,
  IconPlayerTrackPrev,
  IconSun,
  IconZoomIn,
  IconZoomOut,
} from '@tabler/icons-react'
import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react'
import { t } from '../../words/language.ts'
import { Canvas } from '../Canvas.tsx'
import { Tool, Tools } from '../Tools.tsx'
import { Unshown } from '../Unshown.tsx'
import type { DicomService } from './dicom-service.ts'
import type { DicomFacts } from './dicom-types.ts'
import { Overlay } from './Overlay.tsx'
import type { StackItem } from './series.ts'
import { draw, usePicture } from './stack-pictures.ts'
import { firstWindow, stepped, type Window } from './window-level.ts'
import { WindowChoice } from './WindowChoice.tsx'

const ZOOM_MAX = 12
const ZOOM_STEP = 1.25
/** A share of the stage for each press of an arrow. */
const MOVE_STEP = 0.1
const FRAME_MS_DEFAULT = 100
const FRAME_MS_CALM = 500

/** A stack of pictures of one series, or a film. */
export function StackView({ service, items }: { service: DicomService; items: readonly StackItem[] }) {
  const [index, setIndex] = useState(0)
  const [isPlaying, setPlaying] = useState(false)
  const shown = usePicture(service, items, index)
  const stage = useRef<HTMLDivElement>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const [chosen, setChosen] = useState<Window | null>(null)
  const [isInverted, setInverted] = useState(false)
  const [at, setAt] = useState({ zoom: 1, x: 0, y: 0 })
  const [drags, setDrags] = useState<'window' | 'move'>('window')
  const [areFactsShown, setFactsShown] = useState(true)

  const last = items.length - 1
  const item = items[index]
  const picture = shown?.answer.kind === 'read' ? shown.answer.value : null
  const grey = picture?.kind === 'grey' ? picture : null
  const window = grey === null || item === undefined ? null : (chosen ?? firstWindow(item.facts, grey))

  const go = (to: number) => setIndex(Math.min(last, Math.max(0, to)))
  const turn = (brighter: number, harder: number) => window !== null && setChosen(stepped(window, brighter, harder))
  const zoomBy = (factor: number) =>
    setAt(({ zoom, x, y }) => {
      const to = Math.min(ZOOM_MAX, Math.max(1, zoom * factor))
      return to === 1 ? { zoom: 1, x: 0, y: 0 } : { zoom: to, x, y }
    })
  const moveBy = (x: number, y: number) =>
    setAt((now) => {
      const most = (now.zoom - 1) / 2
      const within = (value: number) => Math.min(most, Math.max(-most, value))
      return { ...now, x: within(now.x + x), y: within(now.y + y) }
    })
  const reset = () => {
    setChosen(null)
    setInverted(false)
    setAt({ zoom: 1, x: 0, y: 0 })
  }

  useEffect(() => {
    if (picture !== null && canvas.current !== null) draw(canvas.current, picture, window, isInverted, item?.facts)
  }, [picture, window, isInverted, item])
  useEffect(() => {
    if (canvas.current === null) return
    canvas.current.style.transform = `translate(${100 * at.x}%, ${100 * at.y}%) scale(${at.zoom})`
  }, [at])
  // The next picture is shown when it is there, however fast the film would be.
  const isReady = shown !== null && shown.index === index
  useEffect(() => {
    if (!isPlaying || !isReady) return
    const timer = setTimeout(() => setIndex(index === last ? 0 : index + 1), frameMs(item?.facts))
    return () => clearTimeout(timer)
  }, [isPlaying, isReady, index, last, item])
  // A wheel turns the stack only where somebody has put their focus; elsewhere it goes on scrolling the page.
  useEffect(() => {
    const { current } = stage
    if (current === null || last === 0) return
    const wheel = (event: WheelEvent) => {
      if (document.activeElement !== current || event.ctrlKey) return
      event.preventDefault()
      setIndex((now) => Math.min(last, Math.max(0, now + Math.sign(event.deltaY))))
    }
    current.addEventListener('wheel', wheel, { passive: false })
    return () => current.removeEventListener('wheel', wheel)
  }, [last])

  if (item === undefined) return <Unshown why="noPicture" />
  const { facts } = item
  const where = t('viewers.pictureOf', { picture: index + 1, pictures: items.length })
  const onKeyDown = (event: KeyboardEvent) => {
    const act =
      event.ctrlKey || event.metaKey || event.altKey
        ? undefined
        : keys[event.shiftKey ? `Shift ${event.key}` : event.key]
    if (act === undefined) return
    event.preventDefault()
    act()
  }
  const keys: Readonly<Record<string, () => unknown>> = {
    ArrowDown: () => go(index + 1),
    ArrowUp: () => go(index - 1),
    PageDown: () => go(index + 10),
    PageUp: () => go(index - 10),
    Home: () => go(0),
    End: () => go(last),
    '+': () => zoomBy(ZOOM_STEP),
    '-': () => zoomBy(1 / ZOOM_STEP),
    'Shift ArrowLeft': () => moveBy(MOVE_STEP, 0),
    'Shift ArrowRight': () => moveBy(-MOVE_STEP, 0),
    'Shift ArrowUp': () => moveBy(0, MOVE_STEP),
    'Shift ArrowDown': () => moveBy(0, -MOVE_STEP),
    i: () => setInverted(!isInverted),
    ' ': () => last > 0 && setPlaying(!isPlaying),
  }
  const onPointerMove = (event: PointerEvent) => {
    if (event.buttons !== 1 || !event.currentTarget.hasPointerCapture(event.pointerId)) return
    const { width, height } = event.currentTarget.getBoundingClientRect()
    const [x, y] = [event.movementX / width, event.movementY / height]
    if (drags === 'move') moveBy(x, y)
    else turn(10 * y, 10 * x)
  }
  return (
    <div className="mg-viewer">
      <Tools label={t('viewers.tools')}>
        {grey !== null && (
          <>
            <WindowChoice facts={facts} picture={grey} chosen={chosen} onChoose={setChosen} />
            <Tool label={t('viewers.brighter')} icon={<IconBrightnessUp />} onClick={() => turn(1, 0)} />
            <Tool label={t('viewers.darker')} icon={<IconBrightnessDown />} onClick={() => turn(-1, 0)} />
            <Tool label={t('viewers.moreContrast')} icon={<IconContrast2 />} onClick={() => turn(0, 1)} />
            <Tool label={t('viewers.lessContrast')} icon={<IconContrastOff />} onClick={() => turn(0, -1)} />
            <Tool
              label={t('viewers.invert')}
              icon={<IconContrast />}
              pressed={isInverted}
              onClick={() => setInverted(!isInverted)}
            />
          </>
        )}
        <Tool
          label={t('viewers.zoomOut')}
          icon={<IconZoomOut />}
          disabled={at.zoom === 1}
          onClick={() => zoomBy(1 / ZOOM_STEP)}
        />
        <Tool
          label={t('viewers.zoomIn')}
          icon={<IconZoomIn />}
          disabled={at.zoom === ZOOM_MAX}
          onClick={() => zoomBy(ZOOM_STEP)}
        />
        {at.zoom > 1 && (
          <>
            <Tool label={t('viewers.moveLeft')} icon={<IconArrowLeft />} onClick={() => moveBy(MOVE_STEP, 0)} />
            <Tool label={t('viewers.moveRight')} icon={<IconArrowRight />} onClick={() => moveBy(-MOVE_STEP, 0)} />
            <Tool label={t('viewers.moveUp')} icon={<IconArrowUp />} onClick={() => moveBy(0, MOVE_STEP)} />
            <Tool label={t('viewers.moveDown')} icon={<IconArrowDown />} onClick={() => moveBy(0, -MOVE_STEP)} />
          </>
        )}
        {grey !== null && (
          <Tool
            label={t('viewers.dragMoves')}
            icon={drags === 'move' ? <IconArrowsMove /> : <IconSun />}
            pressed={drags === 'move'}
            onClick={() => setDrags(drags === 'move' ? 'window' : 'move')}
          />
        )}
        <Tool label={t('viewers.reset')} icon={<IconArrowBackUp />} onClick={reset} />
        <Tool
          label={t('viewers.facts')}
          icon={areFactsShown ? <IconEye /> : <IconEyeOff />}
          pressed={areFactsShown}
          onClick={() => setFactsShown(!areFactsShown)}
        />
      </Tools>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- everything a drag or a key does here has its button */}
      <div
        ref={stage}
        className="mg-stage"
        data-drag={grey === null ? 'move' : drags}
        // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- what it groups are no fields of a form
        role="group"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- keys turn its pages
        tabIndex={0}
        aria-label={`${facts.studyDescription || facts.modality}, ${where}. ${t('viewers.stackKeys')}`}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          event.currentTarget.focus()
          event.currentTarget.setPointerCapture(event.pointerId)
        }}
        onPointerMove={onPointerMove}
      >
        <Canvas ref={canvas} label={where} isDrawn={picture !== null && isReady} />
        {shown?.answer.kind === 'unreadable' && <Unshown why={shown.answer.why} detail={shown.answer.detail} />}
        {areFactsShown && <Overlay facts={facts} where={where} window={window} />}
      </div>
      {last > 0 && (
        <div className="mg-slider">
          <Tool
            label={isPlaying ? t('viewers.pause') : t('viewers.play')}
            icon={isPlaying ? <IconPlayerPause /> : <IconPlayerPlay />}
            onClick={() => setPlaying(!isPlaying)}
          />
          <Tool
            label={t('viewers.pictureBefore')}
            icon={<IconPlayerTrackPrev className="mg-turns" />}
            disabled={index === 0}
            onClick={() => go(index - 1)}
          />
          <input
            type="range"
            min={0}
            max={last}
            value={index}
            aria-label={t('viewers.picture')}
            aria-valuetext={where}
            onChange={(event) => go(event.currentTarget.valueAsNumber)}
          />
          <Tool
            label={t('viewers.pictureAfter')}
            icon={<IconPlayerTrackNext className="mg-turns" />}
            disabled={index === last}
            onClick={() => go(index + 1)}
          />
        </div>
      )}
      <p className="mg-not-diagnosis mg-soft">{t('viewers.notForDiagnosis')}</p>
    </div>
  )
}

/** A film plays as fast as it was taken; slowly for whoever asked their system for less movement. Nothing plays by itself. */
function frameMs(facts: DicomFacts | undefined): number {
  const own = Math.max(20, facts?.frameMs ?? FRAME_MS_DEFAULT)
  return matchMedia('(prefers-reduced-motion: reduce)').matches ? Math.max(FRAME_MS_CALM, own) : own
}
