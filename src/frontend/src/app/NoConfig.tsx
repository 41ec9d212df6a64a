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
