import { useEffect } from 'react'
import { Link, Page } from '../app/elements.tsx'
import type { Area } from '../app/routes.ts'
import type { SimpleKey } from '../words/texts.ts'
import { t } from '../words/language.ts'

/** Each claim the page makes, explained in about a hundred words. */
const TOPICS = [
  { id: 'encryption', title: 'help.encryption', texts: ['help.encryption1', 'help.encryption2'] },
  { id: 'codes', title: 'help.codes', texts: ['help.codes1', 'help.codes2'] },
  { id: 'stopping', title: 'help.stopping', texts: ['help.stopping1', 'help.stopping2'] },
  { id: 'log', title: 'help.log', texts: ['help.log1', 'help.log2'] },
  { id: 'integrity', title: 'help.integrity', texts: ['help.integrity1'] },
  { id: 'sign-in', title: 'help.signIn', texts: ['help.signIn1'] },
] as const satisfies readonly { id: string; title: SimpleKey; texts: readonly SimpleKey[] }[]

export function HelpPage({ area, topic }: { area: Area; topic: string | null }) {
  useEffect(() => {
    if (topic === null) return
    const wanted = document.getElementById(`help-${topic}`)
    wanted?.focus()
    wanted?.scrollIntoView()
  }, [topic])
  return (
    <Page title={t('help.title')} intro={t('help.intro')}>
      <div className="mg-stack">
        <p>
          <Link to={{ name: 'privacy', area }}>{t('privacy.title')}</Link>
        </p>
        {TOPICS.map(({ id, title, texts }) => (
          <section key={id} className="mg-card mg-pad mg-stack" aria-labelledby={`help-${id}`}>
            <h2 id={`help-${id}`} tabIndex={-1}>
              {t(title)}
            </h2>
            {texts.map((text) => (
              <p key={text}>{t(text)}</p>
            ))}
          </section>
        ))}
      </div>
    </Page>
  )
}
