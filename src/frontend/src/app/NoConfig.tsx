import { Button } from '@mantine/core'
import { t } from '../words/language.ts'
import { Notice } from './elements.tsx'

/** A page that was built without its constants, or for another place than this one, trusts nobody. */
export function NoConfig() {
  return (
    <main className="mg-plain-main">
      <h1>MedGuard</h1>
      <Notice tone="bad" title={t('page.unusable')} loud>
        <p>{t('page.unusableText')}</p>
      </Notice>
    </main>
  )
}

/** A page that is older than the one that this device had: `isOlderThanBefore`. */
export function OlderPage() {
  return (
    <main className="mg-plain-main">
      <h1>MedGuard</h1>
      <Notice tone="bad" title={t('page.older')} loud>
        <p>{t('page.olderText')}</p>
        <Button onClick={() => location.reload()}>{t('page.loadAgain')}</Button>
      </Notice>
    </main>
  )
}
