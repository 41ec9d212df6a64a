import { Button } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useStore } from 'zustand'
import { usePage } from '../app/context.ts'
import { Page, Section } from '../app/elements.tsx'
import { KeptSections, WaitingSection } from './OnDevice.tsx'
import './offline.css'
import type { Area } from '../app/routes.ts'
import { t } from '../words/language.ts'

/** What this device keeps of MedGuard, and how to have it here as an app. */
export function DevicePage({ area }: { area: Area }) {
  return (
    <Page
      title={t('device.title')}
      intro={t('device.intro')}
      back={{ to: { name: 'settings', area }, label: t('settings.title') }}
    >
      <WaitingSection />
      {area === 'patient' && <KeptSections />}
      <AppSection />
    </Page>
  )
}

function AppSection() {
  const { shell, install } = usePage()
  const isKept = useStore(shell.store, (state) => state.isKept)
  const isPossible = useStore(install.store, (state) => state.isPossible)
  const isInstalled = window.matchMedia('(display-mode: standalone)').matches
  return (
    <Section title={t('device.app')}>
      <div className="mg-card mg-pad mg-stack">
        <dl className="mg-facts">
          <div className="mg-fact">
            <dt>{t('device.offlineStart')}</dt>
            <dd>{t(isKept ? 'device.offlineStartYes' : 'device.offlineStartNo')}</dd>
          </div>
          <div className="mg-fact">
            <dt>{t('device.installed')}</dt>
            <dd>{t(isInstalled ? 'device.installedYes' : 'device.installedNo')}</dd>
          </div>
        </dl>
        {isPossible ? (
          <div className="mg-row">
            <Button leftSection={<IconDownload size={18} aria-hidden />} onClick={() => void install.install()}>
              {t('device.install')}
            </Button>
          </div>
        ) : (
          !isInstalled && <p className="mg-soft mg-small">{t('device.installHow')}</p>
        )}
      </div>
    </Section>
  )
}
