import { Button } from '@mantine/core'
import { IconEye, IconFingerprint, IconKey, IconLock } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { Choice } from '../app/Choice.tsx'
import { usePage } from '../app/context.ts'
import { leftText } from '../app/dates.ts'
import { t } from '../words/language.ts'
import { Link, Notice } from '../app/elements.tsx'
import { Logo } from '../app/Logo.tsx'
import { Plain } from '../app/Plain.tsx'
import { areaOf } from '../app/routes.ts'
import { useOnline } from '../app/use-online.ts'
import { type Seat, SEAT_NAMES, SEATS } from './seats.ts'
import type { SessionView } from './session-store.ts'
import './sign-in.css'

const spanOf = (ms: number) => leftText(ms, 0)

export function SignInPage({ view }: { view: Extract<SessionView, { status: 'signedOut' }> }) {
  const { session, config, router, seats, drafts } = usePage()
  const isDraftKept = useStore(drafts.has, ({ isKept }) => isKept)
  const isLost = useStore(router, ({ route }) => route.name === 'lost')
  const [seat, setSeat] = useState<Seat>(() => seats.read() ?? areaOf(router.getState().route))
  const signIn = useStore(session, (state) => state.signIn)
  const isOnline = useOnline()
  const why = view.why === 'fresh' ? 'hero' : view.why
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus({ preventScroll: true })
  }, [])
  const title = t('page.title', { page: t('signIn.title') })
  useEffect(() => {
    document.title = title
  }, [title])
  return (
    <Plain>
      <div className="mg-hero">
        <Logo size={52} />
        <h1 ref={heading} tabIndex={-1}>
          {t(`signIn.${why}`)}
        </h1>
        <p className="mg-soft">{t(`signIn.${why}Text`)}</p>
        {isDraftKept && <p className="mg-soft">{t('signIn.draftKept')}</p>}
      </div>
      {view.trouble === 'closed' && (
        <Notice tone="info" title={t('signIn.closed')} loud>
          <p>{t('signIn.closedText')}</p>
        </Notice>
      )}
      {view.trouble === 'failed' && (
        <Notice tone="warn" title={t('signIn.failed')} loud>
          <p>{t('signIn.failedText')}</p>
        </Notice>
      )}
      <div className="mg-card mg-pad mg-stack">
        {!isOnline && <Notice tone="warn" title={t('device.offlineSignIn')} />}
        <Choice
          legend={t('signIn.hereFor')}
          name="seat"
          value={seat}
          options={SEAT_NAMES.map((name) => ({
            value: name,
            label: t(`signIn.${name}Seat`),
            hint: t(`signIn.${name}SeatHint`, { lasts: spanOf(SEATS[name].lastsMs), idle: spanOf(SEATS[name].idleMs) }),
          }))}
          onChange={setSeat}
        />
        <Button
          size="lg"
          fullWidth
          leftSection={<IconFingerprint size={24} aria-hidden />}
          onClick={() => {
            seats.write(seat)
            void signIn(seat)
          }}
        >
          {t(view.waiting ? 'signIn.again' : config.mode === 'production' ? 'signIn.withIdentity' : 'signIn.go')}
        </Button>
        <output className="mg-block mg-soft mg-small">{t(view.waiting ? 'signIn.waiting' : 'signIn.explain')}</output>
      </div>
      {isLost ? (
        <Notice tone="info" title={t('lost.title')}>
          <p>{t('lost.signInFirst')}</p>
        </Notice>
      ) : (
        <p>
          <Link to={{ name: 'lost' }} className="mg-button-link">
            {t('lost.lostIt')}
          </Link>{' '}
          <Link to={{ name: 'link' }} className="mg-button-link">
            {t('link.title')}
          </Link>
        </p>
      )}
      {view.why === 'fresh' && (
        <ul className="mg-points">
          <li>
            <IconLock size={22} aria-hidden />
            <span>{t('signIn.pointEncrypted')}</span>
          </li>
          <li>
            <IconKey size={22} aria-hidden />
            <span>{t('signIn.pointChoose')}</span>
          </li>
          <li>
            <IconEye size={22} aria-hidden />
            <span>{t('signIn.pointSee')}</span>
          </li>
        </ul>
      )}
    </Plain>
  )
}
