import { IconZoomIn, IconZoomOut, IconZoomReset } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { t } from '../words/language.ts'
import { Tool, Tools } from './Tools.tsx'
import { Unshown } from './Unshown.tsx'
import './viewers.css'

const ZOOMS = [1, 1.5, 2, 3, 4, 6, 8] as const

/** A photo or scan, decoded by the browser from bytes that passed their checks; larger than the screen it scrolls in its own box. */
export default function PictureView({
  bytes,
  mediaType,
  title,
}: {
  bytes: Uint8Array
  mediaType: string
  title: string
}) {
  const image = useRef<HTMLImageElement>(null)
  const [failed, setFailed] = useState(false)
  const [zoom, setZoom] = useState(0)
  useEffect(() => {
    const address = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type: mediaType }))
    if (image.current !== null) image.current.src = address
    return () => URL.revokeObjectURL(address)
  }, [bytes, mediaType])
  useEffect(() => {
    const { current } = image
    if (current === null) return
    current.style.width = zoom === 0 ? '' : `${100 * (ZOOMS[zoom] ?? 1)}%`
    current.style.maxWidth = zoom === 0 ? '' : 'none'
  }, [zoom])
  if (failed) return <Unshown why="noDecoder" />
  return (
    <div className="mg-viewer">
      <Tools label={t('viewers.tools')}>
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
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, and keys have to reach it */}
      <section className="mg-scroll" tabIndex={0} aria-label={title}>
        <img ref={image} className="mg-image" alt={title} onError={() => setFailed(true)} />
      </section>
    </div>
  )
}
