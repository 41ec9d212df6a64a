import { useStore } from 'zustand'
import { useNow, usePage, useServices } from '../app/context.ts'
import { dayText, momentText, msOf } from '../app/dates.ts'
import { LanguagePicker } from '../words/LanguagePicker.tsx'
import { t } from '../words/language.ts'
import { CopyButton, Link, Page, Section } from '../app/elements.tsx'
import type { Area } from '../app/routes.ts'
import { LeaveButton } from '../app/Shell.tsx'
import { type Seat, SEATS } from '../sign-in/seats.ts'

const minutesOf = (seat: Seat) => SEATS[seat].idleMs / 60_000

export function SettingsPage({ area }: { area: Area }) {
  const { client, account } = useServices()
  const { session, config } = usePage()
  const nowMs = useNow()
  const view = useStore(session, (state) => state.view)
  const info = useStore(account, ({ view }) => (view.status === 'ready' ? view.value : null))
  return (
    <Page title="Code and settings">
      <Section title="My share code">
        <div className="mg-card mg-pad mg-stack">
          <p>
            Give this code to people who want to share records with you. It opens nothing by itself.{' '}
            <Link to={{ name: 'help', area, topic: 'codes' }}>What a share code is</Link>
          </p>
          <p className="mg-code" aria-label="My share code" data-testid="share-code">
            {client.principal}
          </p>
          <div className="mg-row">
            <CopyButton text={client.principal} label="Copy my share code" variant="filled" />
          </div>
        </div>
      </Section>
      {area === 'patient' && (
        <Section title={t('vault.title')}>
          <div className="mg-card mg-pad">
            <Link to={{ name: 'vault' }} className="mg-button-link">
              {t('vault.link')}
            </Link>
          </div>
        </Section>
      )}
      <Section title={t('language.label')}>
        <div className="mg-card mg-pad mg-stack">
          <LanguagePicker />
          <p className="mg-soft mg-small">{t('language.explain')}</p>
        </div>
      </Section>
      <Section title="This session">
        <div className="mg-card mg-pad mg-stack">
          <dl className="mg-facts">
            {info !== null && (
              <div className="mg-fact">
                <dt>Health record since</dt>
                <dd>{dayText(msOf(info.enrolledNs))}</dd>
              </div>
            )}
            {view.status === 'signedIn' && (
              <div className="mg-fact">
                <dt>Signed in until</dt>
                <dd>{momentText(view.endsAtMs, nowMs)}</dd>
              </div>
            )}
            <div className="mg-fact">
              <dt>Locks itself</dt>
              <dd>
                {view.status === 'signedIn' && view.isShared
                  ? `after ${minutesOf('shared')} minutes without a touch`
                  : `after ${minutesOf('patient')} minutes without a touch, ${minutesOf('provider')} in provider view`}
              </dd>
            </div>
          </dl>
          <div className="mg-row">
            <LeaveButton how="idle" className="mg-chip mg-chip-icon" />
            <LeaveButton how="signedOut" className="mg-chip mg-chip-icon" />
          </div>
          <p className="mg-soft mg-small">
            To use another account, sign out and sign in with the other one. Nothing readable stays on this device.
          </p>
        </div>
      </Section>
      <Section title="About">
        <div className="mg-card mg-pad">
          <dl className="mg-facts">
            <div className="mg-fact">
              <dt>Version</dt>
              <dd>{config.version === '' ? 'not named by the build' : config.version}</dd>
            </div>
            <div className="mg-fact">
              <dt>Network</dt>
              <dd>
                {config.mode === 'production'
                  ? 'Internet Computer'
                  : 'development network on this computer, for made-up data only'}
              </dd>
            </div>
          </dl>
        </div>
      </Section>
    </Page>
  )
}
