import { useState } from 'react'
import { useFresh, useKnown, useServices } from '../app/context.ts'
import { sizeText } from '../app/dates.ts'
import { Link, ListSkeleton, Page, ProblemNotice, Section } from '../app/elements.tsx'
import { unreachable } from '../app/unreachable.ts'
import { numberText, t } from '../words/language.ts'
import { EraseForm } from './EraseForm.tsx'
import { ExportForm } from './ExportForm.tsx'
import { FhirFiles } from './FhirFiles.tsx'
import { ImportForm } from './ImportForm.tsx'
import { Uploads } from './Uploads.tsx'
import { createVaultStores, type VaultStores } from './vault-stores.ts'
import './vault.css'

/** Everything about the health record as a whole: its size, a copy of it, a copy put back, and its end. */
export function VaultPage() {
  const { client, records, account, tags, names } = useServices()
  const [stores] = useState(() =>
    createVaultStores(client, () => {
      void records.getState().load()
      for (const beside of [tags, names]) void beside.getState().load()
    }),
  )
  const info = useKnown(account)
  return (
    <Page
      title={t('vault.title')}
      intro={t('vault.intro')}
      back={{ to: { name: 'settings', area: 'patient' }, label: t('shell.settings') }}
    >
      <Usage stores={stores} />
      <Uploads stores={stores} />
      <Section title={t('report.title')}>
        <div className="mg-card mg-pad mg-stack">
          <p>{t('report.intro')}</p>
          <div className="mg-row">
            <Link to={{ name: 'report' }} className="mg-button-link">
              {t('report.make')}
            </Link>
          </div>
        </div>
      </Section>
      <Section title={t('vault.export')}>
        <ExportForm stores={stores} />
      </Section>
      <Section title={t('vault.fhir')}>
        <FhirFiles stores={stores} />
      </Section>
      <Section title={t('vault.import')}>
        <ImportForm stores={stores} />
      </Section>
      <Section title={t('vault.erase')}>{info !== null && <EraseForm stores={stores} account={info} />}</Section>
    </Page>
  )
}

function Usage({ stores }: { stores: VaultStores }) {
  const usage = useFresh(stores.usage)
  switch (usage.status) {
    case 'loading':
      return <ListSkeleton label={t('vault.lookingUsage')} rows={1} />
    case 'failed':
      return <ProblemNotice problem={usage.problem} what={t('vault.usageNotShown')} onRetry={usage.load} />
    case 'ready': {
      const { versions, versionsMax, sizeBytes, sizeBytesMax } = usage.value
      return (
        <div className="mg-card mg-pad mg-stack">
          <p>{t('vault.size', { size: sizeText(Number(sizeBytes)), most: sizeText(Number(sizeBytesMax)) })}</p>
          <progress
            className="mg-progress"
            aria-label={t('vault.sizeLabel')}
            value={Number(sizeBytes)}
            max={Number(sizeBytesMax)}
          />
          <p className="mg-soft mg-small">{t('vault.versions', { count: versions, most: numberText(versionsMax) })}</p>
        </div>
      )
    }
    default:
      return unreachable(usage)
  }
}
