import { Button } from '@mantine/core'
import { IconPrinter } from '@tabler/icons-react'
import { lazy, Suspense, useEffect, useRef } from 'react'
import { useNow } from '../app/context.ts'
import { momentText, msOf } from '../app/dates.ts'
import { CopyButton, Link, Notice } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import type { MadeWithPasscode } from './links-store.ts'
import '../report/report.css'
import './links.css'

const QrPicture = lazy(async () => ({ default: (await import('../qr/QrPicture.tsx')).QrPicture }))

/** Where this page opens a link; the viewers of others take what is behind `#` (SMART Health Links, "Viewer URL prefix"). */
const addressOf = (link: string): string => `${location.origin}/#${link}`

/** A link that was just made, shown this once: as a picture, as text and on paper. The passcode is told another way, so it is not on the sheet. */
export function MadeLinkCard({ made }: { made: MadeWithPasscode }) {
  const notice = useRef<HTMLDivElement>(null)
  useEffect(() => notice.current?.focus({ preventScroll: true }), [])
  const nowMs = useNow()
  const address = addressOf(made.link)
  return (
    <div className="mg-stack">
      <Notice tone="good" title={t('links.made')} focusRef={notice}>
        <p>{t('links.madeText')}</p>
        {made.leftOut > 0 && <p>{t('vault.fhirDamaged', { count: made.leftOut })}</p>}
      </Notice>
      {made.passcode !== null && (
        <section className="mg-card mg-pad mg-stack" aria-label={t('links.passcode')}>
          <p>{t('links.passcodeIs')}</p>
          <p className="mg-code" dir="ltr" data-testid="link-passcode">
            <strong>{made.passcode}</strong>
          </p>
          <p className="mg-soft">{t('links.passcodeTell')}</p>
        </section>
      )}
      <section className="mg-card mg-pad mg-stack mg-printed mg-link-made" aria-label={t('links.theLink')}>
        <h2>{t('links.theLink')}</h2>
        {made.label !== '' && (
          <p className="mg-break">
            <strong>
              <bdi>{made.label}</bdi>
            </strong>
          </p>
        )}
        <p>{t('links.theLinkHow', { until: momentText(msOf(made.endNs), nowMs) })}</p>
        <Suspense fallback={<output className="mg-block mg-soft">{t('qr.drawing')}</output>}>
          <QrPicture text={address} label={t('links.picture')} />
        </Suspense>
        <p className="mg-code" dir="ltr" data-testid="link-address">
          {address}
        </p>
      </section>
      <div className="mg-row">
        <CopyButton text={address} label={t('links.copy')} />
        <Button variant="default" leftSection={<IconPrinter size={18} aria-hidden />} onClick={() => window.print()}>
          {t('links.print')}
        </Button>
        <Link to={{ name: 'sharing', tab: 'links' }} className="mg-button-link">
          {t('links.toList')}
        </Link>
      </div>
    </div>
  )
}
