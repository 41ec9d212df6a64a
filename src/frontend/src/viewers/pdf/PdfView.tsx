import { IconChevronLeft, IconChevronRight, IconZoomIn, IconZoomOut, IconZoomReset } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { ListSkeleton } from '../../app/elements.tsx'
import { t } from '../../words/language.ts'
import { Canvas } from '../Canvas.tsx'
import { Tool, Tools } from '../Tools.tsx'
import { Unshown, type WhyUnshown } from '../Unshown.tsx'
import { openPdf, type PdfFile } from './pdf-document.ts'
import '../viewers.css'

const ZOOMS = [1, 1.25, 1.5, 2, 3, 4] as const

export default function PdfView({ bytes, title }: { bytes: Uint8Array; title: string }) {
  const [opened, setOpened] = useState<PdfFile | WhyUnshown | null>(null)
  useEffect(() => {
    let isOver = false
    const opening = openPdf(bytes).catch((): WhyUnshown => 'damaged')
    const show = async () => {
      const answer = await opening
      if (!isOver) setOpened(answer)
    }
    const end = async () => {
      const answer = await opening
      if (typeof answer === 'object') answer.close()
    }
    void show()
    return () => {
      isOver = true
      void end()
    }
  }, [bytes])
  if (opened === null) return <ListSkeleton label={t('viewers.reading')} rows={3} />
  return typeof opened === 'string' ? <Unshown why={opened} /> : <Pages file={opened} title={title} />
}

function Pages({ file, title }: { file: PdfFile; title: string }) {
  const [page, setPage] = useState(1)
  const [zoom, setZoom] = useState(0)
  const [width, setWidth] = useState(0)
  /** What was drawn last, or why it was not. */
  const [drawn, setDrawn] = useState<{ readonly as: string; readonly trouble: WhyUnshown | null } | null>(null)
  const [text, setText] = useState<{ readonly page: number; readonly text: string } | null>(null)
  const canvas = useRef<HTMLCanvasElement>(null)
  const box = useRef<HTMLElement>(null)
  useEffect(() => {
    if (box.current === null) return
    const watch = new ResizeObserver(([entry]) => setWidth(Math.floor(entry?.contentRect.width ?? 0)))
    watch.observe(box.current)
    return () => watch.disconnect()
  }, [])
  const as = `${page} ${zoom} ${width}`
  useEffect(() => {
    const { current } = canvas
    if (current === null || width === 0) return
    let isOver = false
    const draw = async () => {
      const answer = await file.draw(current, page, width, ZOOMS[zoom] ?? 1)
      if (!isOver && answer !== 'overtaken') setDrawn({ as, trouble: answer === 'drawn' ? null : answer })
    }
    void draw()
    return () => {
      isOver = true
    }
  }, [file, page, zoom, width, as])
  useEffect(() => {
    let isOver = false
    const read = async () => {
      const found = await file.text(page).catch(() => '')
      if (!isOver) setText({ page, text: found.trim() })
    }
    void read()
    return () => {
      isOver = true
    }
  }, [file, page])
  const trouble = drawn?.as === as ? drawn.trouble : null
  const isDrawn = drawn?.as === as && trouble === null
  const words = text?.page === page ? text.text : ''

  const go = (to: number) => setPage(Math.min(file.pages, Math.max(1, to)))
  const keys: Readonly<Record<string, () => void>> = {
    PageDown: () => go(page + 1),
    PageUp: () => go(page - 1),
    Home: () => go(1),
    End: () => go(file.pages),
    '+': () => setZoom(Math.min(ZOOMS.length - 1, zoom + 1)),
    '-': () => setZoom(Math.max(0, zoom - 1)),
  }
  const where = t('viewers.pageOf', { page, pages: file.pages })
  return (
    <div className="mg-viewer">
      <Tools label={t('viewers.tools')}>
        <Tool
          label={t('viewers.pageBefore')}
          icon={<IconChevronLeft className="mg-turns" />}
          disabled={page === 1}
          onClick={() => go(page - 1)}
        />
        <label className="mg-tool-field">
          <span className="mg-hidden">{t('viewers.page')}</span>
          <input
            type="number"
            inputMode="numeric"
            min={1}
            max={file.pages}
            value={page}
            onChange={(event) => {
              const to = event.currentTarget.valueAsNumber
              if (Number.isInteger(to)) go(to)
            }}
          />
          <span aria-hidden>/ {file.pages}</span>
        </label>
        <Tool
          label={t('viewers.pageAfter')}
          icon={<IconChevronRight className="mg-turns" />}
          disabled={page === file.pages}
          onClick={() => go(page + 1)}
        />
        <Tool
          label={t('viewers.zoomOut')}
          icon={<IconZoomOut />}
          disabled={zoom === 0}
          onClick={() => setZoom(zoom - 1)}
        />
        <Tool
          label={t('viewers.zoomIn')}
          icon={<IconZoomIn />}
          disabled={zoom === ZOOMS.length - 1}
          onClick={() => setZoom(zoom + 1)}
        />
        <Tool label={t('viewers.fit')} icon={<IconZoomReset />} disabled={zoom === 0} onClick={() => setZoom(0)} />
      </Tools>
      <output className="mg-hidden">{isDrawn ? where : ''}</output>
      {trouble !== null && <Unshown why={trouble} />}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- everything a key does here has its button */}
      <section
        ref={box}
        className="mg-scroll mg-paper"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and keys have to reach it
        tabIndex={0}
        aria-label={`${title}, ${where}`}
        hidden={trouble !== null}
        onKeyDown={(event) => {
          const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key]
          if (act === undefined) return
          event.preventDefault()
          act()
        }}
      >
        <Canvas ref={canvas} className="mg-page-canvas" label={where} isDrawn={isDrawn} />
      </section>
      {words !== '' && (
        <details className="mg-details mg-pad">
          <summary>{t('viewers.pageText')}</summary>
          <p className="mg-page-text" dir="auto">
            {words}
          </p>
        </details>
      )}
    </div>
  )
}
