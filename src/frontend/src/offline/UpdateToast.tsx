import { Button } from '@mantine/core'
import { IconDownload, IconRefresh } from '@tabler/icons-react'
import { useState } from 'react'
import { useStore } from 'zustand'
import { usePage } from '../app/context.ts'
import { t } from '../words/language.ts'
import './offline.css'

/** A newer page is ready. It stays out of the way, and never takes what somebody is writing along. */
export function UpdateToast() {
  const { shell, unsaved } = usePage()
  const update = useStore(shell.store, (state) => state.update)
  const [state, setState] = useState<'shown' | 'unsaved' | 'hidden'>('shown')
  if (update === 'none' || state === 'hidden') return null
  return (
    <aside className="mg-toast" aria-label={t('device.updateLabel')}>
      <output className="mg-block">
        <strong>{t(update === 'newer' ? 'device.newer' : 'device.replaced')}</strong>{' '}
        {t(state === 'unsaved' ? 'device.unsaved' : 'device.newerText')}
      </output>
      <div className="mg-row">
        <Button
          leftSection={<IconRefresh size={18} aria-hidden />}
          onClick={() => (unsaved.isUnsaved() ? setState('unsaved') : shell.update())}
        >
          {t('device.reload')}
        </Button>
        <Button variant="default" onClick={() => setState('hidden')}>
          {t('device.later')}
        </Button>
      </div>
    </aside>
  )
}

/** After the second thing that was done here. */
export function InstallOffer() {
  const { install } = usePage()
  const isOffered = useStore(install.store, (state) => state.isOffered)
  if (!isOffered) return null
  return (
    <aside className="mg-notice mg-info" aria-label={t('device.installLabel')}>
      <IconDownload size={22} aria-hidden className="mg-notice-icon" />
      <div className="mg-notice-body">
        <p className="mg-notice-title">{t('device.installOffer')}</p>
        <p className="mg-notice-text">{t('device.installText')}</p>
        <div className="mg-notice-actions">
          <Button onClick={() => void install.install()}>{t('device.install')}</Button>
          <Button variant="default" onClick={() => install.decline()}>
            {t('device.notNow')}
          </Button>
        </div>
      </div>
    </aside>
  )
}
