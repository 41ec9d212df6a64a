import type { HostingReport } from '@medguard/client'
import { useFresh, usePage, useServices } from '../app/context.ts'
import { ListSkeleton, Notice, Page, ProblemNotice, Section } from '../app/elements.tsx'
import { unreachable } from '../app/unreachable.ts'
import { t } from '../words/language.ts'
import { isOneHand, placesOf } from './hosts.ts'
import { nameText } from './part-text.ts'
import { RunningCode } from './RunningCode.tsx'
import './privacy.css'

/** Where the data is and who holds it, what we can see, and what a thief of everything would learn (docs/security.md). */
export function PrivacyPage() {
  return (
    <Page title={t('privacy.title')} intro={t('privacy.intro')}>
      <Section title={t('privacy.where')}>
        <Where />
      </Section>
      <RunningCode />
      <Facts
        title={t('privacy.see')}
        facts={[t('privacy.seeWho'), t('privacy.seeShares'), t('privacy.seeLog'), t('privacy.seeSizes')]}
      />
      <Facts
        title={t('privacy.blind')}
        facts={[t('privacy.blindContent'), t('privacy.blindKeys'), t('privacy.blindChange')]}
      />
      <Facts
        title={t('privacy.leak')}
        facts={[t('privacy.leakLearns'), t('privacy.leakNever'), t('privacy.leakOld'), t('privacy.leakPublic')]}
      />
    </Page>
  )
}

function Facts({ title, facts }: { title: string; facts: readonly string[] }) {
  return (
    <Section title={title}>
      <ul className="mg-card mg-pad mg-plain-points">
        {facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
    </Section>
  )
}

function Where() {
  const hosting = useFresh(useServices().hosting)
  switch (hosting.status) {
    case 'loading':
      return <ListSkeleton label={t('privacy.asking')} rows={2} />
    case 'failed':
      return <ProblemNotice problem={hosting.problem} what={t('privacy.notShown')} onRetry={hosting.load} />
    case 'ready':
      return (
        <div className="mg-stack">
          {hosting.problem !== null && <ProblemNotice problem={hosting.problem} onRetry={hosting.load} />}
          <Places report={hosting.value} />
        </div>
      )
    default:
      return unreachable(hosting)
  }
}

function Places({ report: { parts: hosting, unreached } }: { report: HostingReport }) {
  const { config } = usePage()
  const region =
    config.mode === 'development' ? t('privacy.thisComputer') : (config.region ?? t('privacy.regionUnsaid'))
  return (
    <>
      {placesOf(hosting).map(({ subnetId, nodes, parts }) => (
        <section key={subnetId} className="mg-card mg-pad mg-stack" aria-label={subnetId}>
          <p>{t('privacy.nodes', { count: nodes.length, parts: parts.length })}</p>
          <dl className="mg-facts">
            {parts.map(({ name, moduleHash }) => (
              <div className="mg-fact" key={name}>
                <dt>{nameText(name)}</dt>
                <dd>
                  {t('privacy.code')} <bdi className="mg-hash">{moduleHash}</bdi>
                </dd>
              </div>
            ))}
          </dl>
          <details>
            <summary className="mg-privacy-more">{t('privacy.details')}</summary>
            <dl className="mg-facts">
              <Ids label={t('privacy.network')} ids={[subnetId]} />
              <Ids label={t('privacy.computers')} ids={nodes} />
              {parts.map(({ name, controllers }) => (
                <Ids key={name} label={t('privacy.mayChange', { part: nameText(name) })} ids={controllers} />
              ))}
            </dl>
          </details>
        </section>
      ))}
      {unreached.map(({ name, canisterId }) => (
        <Notice key={canisterId} tone="warn" title={t('privacy.unreached', { part: nameText(name) })}>
          <p>{t('privacy.unreachedText')}</p>
        </Notice>
      ))}
      <p className="mg-soft mg-small">{t('privacy.proven')}</p>
      <Notice tone="info" title={t('privacy.region', { region })}>
        <p>{t('privacy.regionSaid')}</p>
      </Notice>
      {isOneHand(hosting) && (
        <Notice tone="warn" title={t('privacy.oneHand')}>
          <p>{t('privacy.oneHandText')}</p>
        </Notice>
      )}
    </>
  )
}

function Ids({ label, ids }: { label: string; ids: readonly string[] }) {
  return (
    <div className="mg-fact">
      <dt>{label}</dt>
      <dd>
        {ids.length === 0
          ? t('privacy.nobody')
          : ids.map((id) => (
              <bdi key={id} className="mg-hash">
                {id}
              </bdi>
            ))}
      </dd>
    </div>
  )
}
