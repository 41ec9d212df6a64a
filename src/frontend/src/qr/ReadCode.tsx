import { Button } from '@mantine/core'
import { IconCamera, IconPhoto } from '@tabler/icons-react'
import { useState } from 'react'
import { Notice } from '../app/elements.tsx'
import { FileButton } from '../app/FileButton.tsx'
import { t } from '../words/language.ts'
import { CameraDialog } from './CameraDialog.tsx'
import './qr.css'

/** Reads a code by camera or from a picture; writing or pasting it stays possible beside this. */
export function ReadCode({ onCode }: { onCode: (text: string) => void }) {
  const [isOpen, setOpen] = useState(false)
  const [trouble, setTrouble] = useState<'none' | 'noCode' | 'noCamera'>('none')
  const [isReading, setReading] = useState(false)
  const read = async (file: File) => {
    setReading(true)
    const { readQr } = await import('./read-qr.ts')
    const text = await readQr(file)
    setReading(false)
    setTrouble(text === null ? 'noCode' : 'none')
    if (text !== null) onCode(text)
  }
  return (
    <>
      <div className="mg-row">
        <Button
          variant="default"
          leftSection={<IconCamera size={18} aria-hidden />}
          onClick={() => {
            setTrouble('none')
            setOpen(true)
          }}
        >
          {t('qr.camera')}
        </Button>
        <FileButton icon={<IconPhoto size={18} aria-hidden />} accept="image/*" onPick={(file) => void read(file)}>
          {t(isReading ? 'qr.reading' : 'qr.file')}
        </FileButton>
      </div>
      {trouble !== 'none' && (
        <Notice tone="warn" title={t(`qr.${trouble}`)} loud>
          <p>{t(`qr.${trouble}Text`)}</p>
        </Notice>
      )}
      {isOpen && (
        <CameraDialog
          onClose={() => setOpen(false)}
          onDenied={() => {
            setOpen(false)
            setTrouble('noCamera')
          }}
          onCode={(text) => {
            setOpen(false)
            onCode(text)
          }}
        />
      )}
    </>
  )
}
