import { Button } from '@mantine/core'
import { IconQrcode } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import { t } from '../words/language.ts'

// Fetched with the first picture.
const QrPicture = lazy(async () => ({ default: (await import('./QrPicture.tsx')).QrPicture }))

/** A code as a picture that another device can read, on demand. @param label without one it is the share code. */
export function ShowCode({ code, label }: { code: string; label?: string }) {
  const [isShown, setShown] = useState(false)
  return (
    <>
      <Button
        variant="default"
        aria-expanded={isShown}
        leftSection={<IconQrcode size={18} aria-hidden />}
        onClick={() => setShown(!isShown)}
      >
        {t(isShown ? 'qr.hide' : 'qr.show')}
      </Button>
      {isShown && (
        <Suspense fallback={<output className="mg-block mg-soft">{t('qr.drawing')}</output>}>
          <QrPicture text={code} label={label ?? t('qr.picture')} />
        </Suspense>
      )}
    </>
  )
}
