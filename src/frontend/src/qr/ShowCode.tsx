import { Button } from '@mantine/core'
import { IconQrcode } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import { t } from '../words/language.ts'

// Fetched with the first picture.
const QrPicture = lazy(async () => ({ default: (await import('./QrPicture.tsx')).QrPicture }))

/** A share code as a picture that another device can read, on demand. */
export function ShowCode({ code }: { code: string }) {
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
          <QrPicture text={code} label={t('qr.picture')} />
        </Suspense>
      )}
    </>
  )
}
