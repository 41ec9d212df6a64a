import { CATEGORIES, type Category, fitsSummary } from '@medguard/client'
import { Button } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { dayKey } from '../app/dates.ts'
import { Notice, ProblemNotice } from '../app/elements.tsx'
import { SensitiveTicks } from '../sharing/SensitiveTicks.tsx'
import { useSensitive } from '../sharing/use-names.ts'
import { t } from '../words/language.ts'
import { FileUnderWay } from './FileUnderWay.tsx'
import { newFile } from './new-file.ts'
import type { FhirFile, VaultStores } from './vault-stores.ts'

/** The same records for programs of others: everything as one bundle, or a summary. Neither is sealed. */
export function FhirFiles({ stores }: { stores: VaultStores }) {
  const { task, run, reset } = useStore(stores.fhir)
  const { kinds: sensitive, laid } = useSensitive()
  const [alsoSensitive, setAlsoSensitive] = useState<readonly Category[]>([])
  const stopping = useRef<AbortController | null>(null)
  // Nobody could stop it any more, or see what became of it.
  useEffect(() => () => stopping.current?.abort(), [])
  const begin = async (name: string, what: FhirFile['what']) => {
    const file = await newFile(`${name}-${dayKey(Date.now())}.json`)
    if (file === null) return
    stopping.current = new AbortController()
    await run({ what, file, signal: stopping.current.signal })
  }
  if (task.status === 'working')
    return <FileUnderWay label={t('vault.fhirMaking')} step={task.step} onCancel={() => stopping.current?.abort()} />
  if (task.status === 'done') {
    const { records, entries, withoutContent, damaged, hasLog } = task.value
    return (
      <Notice
        tone="good"
        loud
        title={entries === null ? t('vault.fhirMade', { count: records }) : t('vault.summaryMade', { count: entries })}
        actions={
          <Button variant="default" onClick={reset}>
            {t('page.close')}
          </Button>
        }
      >
        <p>{t('records.saveWarning')}</p>
        {withoutContent > 0 && <p>{t('vault.fhirLarge', { count: withoutContent })}</p>}
        {damaged > 0 && <p>{t('vault.fhirDamaged', { count: damaged })}</p>}
        {!hasLog && <p>{t('vault.fhirNoLog')}</p>}
      </Notice>
    )
  }
  const kinds = CATEGORIES.filter((kind) => !sensitive.includes(kind) || alsoSensitive.includes(kind))
  return (
    <div className="mg-card mg-pad mg-stack">
      <p>{t('vault.fhirText')}</p>
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('vault.fhirNotMade')} />}
      <p>{t('vault.fhirHint')}</p>
      <div className="mg-row">
        <Button variant="default" onClick={() => void begin('medguard-fhir', 'everything')}>
          {t('vault.fhirGo')}
        </Button>
      </div>
      <p>{t('vault.summaryHint')}</p>
      <SensitiveTicks fits={fitsSummary} on={alsoSensitive} onChange={setAlsoSensitive} />
      {laid.status === 'failed' && (
        <ProblemNotice problem={laid.problem} what={t('rules.notShown')} onRetry={laid.load} />
      )}
      <div className="mg-row">
        <Button
          variant="default"
          loading={laid.status === 'loading'}
          disabled={laid.status === 'failed'}
          onClick={() => void begin('medguard-summary', kinds)}
        >
          {t('vault.summaryGo')}
        </Button>
      </div>
    </div>
  )
}
