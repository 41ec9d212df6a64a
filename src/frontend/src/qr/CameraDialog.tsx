import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { Dialog } from '../app/elements.tsx'
import { t } from '../words/language.ts'

const LOOK_EVERY_MS = 250

/** Looks through the camera until it sees a code. Its pictures stay in the memory of this page; it is off when the dialog closes. */
export function CameraDialog(props: { onCode: (text: string) => void; onDenied: () => void; onClose: () => void }) {
  const video = useRef<HTMLVideoElement>(null)
  const told = useRef(props)
  useEffect(() => {
    told.current = props
  })
  useEffect(() => {
    const closed = new AbortController()
    let stream: MediaStream | null = null
    const look = async () => {
      try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } })
      } catch {
        if (!closed.signal.aborted) told.current.onDenied() // refused, or there is none
        return
      }
      const { readQr } = await import('./read-qr.ts')
      const { current: element } = video
      if (element === null) return
      element.srcObject = stream
      while (!closed.signal.aborted) {
        const text = await readQr(element)
        if (!closed.signal.aborted && text !== null) return told.current.onCode(text)
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))
      }
    }
    const end = () => stream?.getTracks().forEach((track) => track.stop())
    void look().finally(end)
    return () => {
      closed.abort()
      end()
    }
  }, [])
  return (
    <Dialog
      title={t('qr.camera')}
      onClose={props.onClose}
      actions={
        <Button variant="default" onClick={props.onClose}>
          {t('page.cancel')}
        </Button>
      }
    >
      <p>{t('qr.cameraText')}</p>
      <video ref={video} className="mg-camera" autoPlay muted playsInline aria-label={t('qr.camera')} />
    </Dialog>
  )
}
