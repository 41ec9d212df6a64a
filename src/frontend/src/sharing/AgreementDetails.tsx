import type { Share } from '@medguard/client'
import { useState } from 'react'
import { useLoadable, useServices } from '../app/context.ts'
import { ProblemNotice } from '../app/elements.tsx'
import { createLoadable } from '../app/loadable.ts'
import { t } from '../words/language.ts'
import { agreedFacts, agreedSentences } from './agreement-words.ts'

/** The text that was confirmed with a share, as it is stored: in English, for its hash. Beside it what it says, in the reader's language. */
export function AgreementDetails({ share }: { share: Share }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details className="mg-details" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('agreement.title')}</summary>
      {isOpen && (
        <div className="mg-agreement">
          <InWords share={share} />
          <Stored grantId={share.grantId} />
        </div>
      )}
    </details>
  )
}

function InWords({ share }: { share: Share }) {
  return (
    <section className="mg-stack" aria-label={t('agreement.inYours')}>
      <dl className="mg-facts">
        {agreedFacts(share).map(([name, value]) => (
          <div key={name} className="mg-fact">
            <dt>{t(name)}</dt>
            <dd className="mg-break">
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      <p>
        {agreedSentences(share.rights)
          .map((sentence) => t(sentence))
          .join(' ')}
      </p>
    </section>
  )
}

function Stored({ grantId }: { grantId: string }) {
  const { client } = useServices()
  const [store] = useState(() => createLoadable(() => client.agreement(grantId)))
  const stored = useLoadable(store)
  return (
    <section className="mg-stack" aria-label={t('agreement.stored')}>
      {stored.status === 'loading' && <output className="mg-block mg-soft">{t('agreement.fetching')}</output>}
      {stored.status === 'failed' && (
        <ProblemNotice problem={stored.problem} what={t('agreement.notShown')} onRetry={stored.load} />
      )}
      {stored.status === 'ready' && (
        <>
          <pre className="mg-agreement-text" lang="en" dir="ltr">
            {stored.value}
          </pre>
          <p className="mg-soft mg-small">{t('agreement.storedHint')}</p>
        </>
      )}
    </section>
  )
}
