import { useStore } from 'zustand'
import { useNow, usePage, useServices } from '../app/context.ts'
import { dayText, momentText, msOf, unitText } from '../app/dates.ts'
import { ThemePicker } from './ThemePicker.tsx'
import { LanguagePicker } from '../words/LanguagePicker.tsx'
import { t } from '../words/language.ts'
import { Marked } from '../words/Marked.tsx'
import { CopyButton, Link, Page, Section } from '../app/elements.tsx'
import type { Area } from '../app/routes.ts'
import { LeaveButton } from '../app/Shell.tsx'
import { ShowCode } from '../qr/ShowCode.tsx'
import { type Seat, SEATS } from '../sign-in/seats.ts'

const lasts = () => unitText(SEATS.patient.lastsMs / 3_600_000, 'hour')
const minutesOf = (seat: Seat) => unitText(SEATS[seat].idleMs / 60_000, 'minute')

export function SettingsPage({ area }: { area: Area }) {
  const { home, account } = useServices()
  const { session, config } = usePage()
  const nowMs = useNow()
  const view = useStore(session, (state) => state.view)
  const info = useStore(account, ({ view }) => (view.status === 'ready' ? view.value : null))
  return (
    <Page title={t('settings.title')}>
      <Section title={t('settings.code')}>
        <div className="mg-card mg-pad mg-stack">
          <p>
            <Marked
              text="settings.codeText"
              marks={{ help: (text) => <Link to={{ name: 'help', area, topic: 'codes' }}>{text}</Link> }}
            />
          </p>
          <p className="mg-code" aria-label={t('settings.code')} data-testid="share-code">
            {home}
          </p>
          <div className="mg-row">
            <CopyButton text={home} label={t('settings.copyCode')} variant="filled" />
            <ShowCode code={home} />
          </div>
        </div>
      </Section>
      {area === 'patient' && (
        <Section title={t('profile.title')}>
          <div className="mg-card mg-pad mg-row">
            <Link to={{ name: 'profile' }} className="mg-button-link">
              {t('profile.link')}
            </Link>
            <Link to={{ name: 'recovery' }} className="mg-button-link">
              {t('recovery.title')}
            </Link>
            <Link to={{ name: 'people' }} className="mg-button-link">
              {t('people.link')}
            </Link>
          </div>
        </Section>
      )}
      {area === 'patient' && (
        <Section title={t('vault.title')}>
          <div className="mg-card mg-pad">
            <Link to={{ name: 'vault' }} className="mg-button-link">
              {t('vault.link')}
            </Link>
          </div>
        </Section>
      )}
      {area === 'patient' && (
        <Section title={t('preferences.title')}>
          <div className="mg-card mg-pad">
            <Link to={{ name: 'preferences' }} className="mg-button-link">
              {t('preferences.link')}
            </Link>
          </div>
        </Section>
      )}
      <Section title={t('preferences.appearance')}>
        <div className="mg-card mg-pad mg-stack">
          <ThemePicker />
          <p className="mg-soft mg-small">{t('preferences.themeText')}</p>
        </div>
      </Section>
      <Section title={t('device.title')}>
        <div className="mg-card mg-pad mg-stack">
          <p>{t('device.intro')}</p>
          <Link to={{ name: 'device', area }} className="mg-button-link">
            {t('device.title')}
          </Link>
        </div>
      </Section>
      <Section title={t('language.label')}>
        <div className="mg-card mg-pad mg-stack">
          <LanguagePicker />
          <p className="mg-soft mg-small">{t('language.explain')}</p>
        </div>
      </Section>
      <Section title={t('settings.session')}>
        <div className="mg-card mg-pad mg-stack">
          <dl className="mg-facts">
            {info !== null && (
              <div className="mg-fact">
                <dt>{t('settings.since')}</dt>
                <dd>{dayText(msOf(info.enrolledNs))}</dd>
              </div>
            )}
            {view.status === 'signedIn' && (
              <div className="mg-fact">
                <dt>{t('settings.until')}</dt>
                <dd>{momentText(view.endsAtMs, nowMs)}</dd>
              </div>
            )}
            <div className="mg-fact">
              <dt>{t('settings.locks')}</dt>
              <dd>
                {view.status === 'signedIn' && view.isShared
                  ? t('settings.locksAfter', { time: minutesOf('shared') })
                  : t('settings.locksAfterBoth', { time: minutesOf('patient'), provider: minutesOf('provider') })}
              </dd>
            </div>
          </dl>
          <div className="mg-row">
            <LeaveButton how="idle" className="mg-chip mg-chip-icon" />
            <LeaveButton how="signedOut" className="mg-chip mg-chip-icon" />
          </div>
          <p>{t('preferences.here')}</p>
          <p>
            <Marked
              text="preferences.elsewhere"
              values={{ people: t('people.link'), lasts: lasts() }}
              marks={{ people: (text) => <Link to={{ name: 'people' }}>{text}</Link> }}
            />
          </p>
          <p className="mg-soft mg-small">{t('settings.otherAccount')}</p>
        </div>
      </Section>
      <Section title={t('settings.about')}>
        <div className="mg-card mg-pad">
          <dl className="mg-facts">
            <div className="mg-fact">
              <dt>{t('settings.version')}</dt>
              <dd>{config.version === '' ? t('settings.noVersion') : config.version}</dd>
            </div>
            <div className="mg-fact">
              <dt>{t('settings.network')}</dt>
              <dd>{config.mode === 'production' ? 'Internet Computer' : t('settings.development')}</dd>
            </div>
          </dl>
        </div>
      </Section>
    </Page>
  )
}
