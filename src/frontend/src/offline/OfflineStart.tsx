import { Notice } from '../app/elements.tsx'
import { Plain } from '../app/Plain.tsx'
import { t } from '../words/language.ts'

/** The page has started from this device, the session is the one from before, and nothing can be opened yet. It goes on by itself when the connection is back. */
export function OfflineStart() {
  return (
    <Plain signOut>
      <h1>{t('page.yourRecord')}</h1>
      <Notice tone="info" title={t('device.offline')}>
        <p>{t('device.offlineText')}</p>
      </Notice>
    </Plain>
  )
}
