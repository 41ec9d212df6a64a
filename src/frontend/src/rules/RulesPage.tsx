import { Button } from '@mantine/core'
import type { MyRules } from '@medguard/client'
import { useStore } from 'zustand'
import { useFresh, useServices } from '../app/context.ts'
import { ListSkeleton, Notice, Page, ProblemNotice, Section } from '../app/elements.tsx'
import { unreachable } from '../app/unreachable.ts'
import { saveToDisk } from '../records/save-to-disk.ts'
import { t } from '../words/language.ts'
import { Blocked } from './Blocked.tsx'
import { Pause } from './Pause.tsx'
import { rulesDocument } from './rules-stores.ts'
import { SensitiveKinds } from './SensitiveKinds.tsx'
import { WhoMayAsk } from './WhoMayAsk.tsx'
import '../sharing/sharing.css'

/** What holds for all sharing, whatever each share says. */
export function RulesPage() {
  const laid = useFresh(useServices().rules.laid)
  return (
    <Page
      title={t('rules.title')}
      intro={t('rules.intro')}
      back={{ to: { name: 'sharing', tab: 'people' }, label: t('sharing.title') }}
    >
      <Body laid={laid} />
    </Page>
  )
}

function Body({ laid }: { laid: ReturnType<typeof useFresh<MyRules>> }) {
  switch (laid.status) {
    case 'loading':
      return <ListSkeleton label={t('rules.finding')} rows={3} />
    case 'failed':
      return <ProblemNotice problem={laid.problem} what={t('rules.notShown')} onRetry={laid.load} />
    case 'ready':
      return (
        <>
          {laid.problem !== null && (
            <ProblemNotice problem={laid.problem} what={t('page.outOfDate')} onRetry={laid.load} />
          )}
          {!laid.value.isSettled && (
            <Notice tone="warn" title={t('rules.unsettled')}>
              <p>{t('rules.unsettledText')}</p>
            </Notice>
          )}
          <Pause rules={laid.value} />
          <WhoMayAsk key={laid.value.requestsFrom} rules={laid.value} />
          <SensitiveKinds key={laid.value.sensitive.join()} rules={laid.value} />
          <Blocked rules={laid.value} />
          <WriteOut />
        </>
      )
    default:
      return unreachable(laid)
  }
}

function WriteOut() {
  const { rules } = useServices()
  const { task, run } = useStore(rules.writingOut)
  return (
    <Section title={t('rules.document')}>
      <div className="mg-card mg-pad mg-stack">
        <p>{t('rules.documentText')}</p>
        {task.status === 'failed' && (
          <ProblemNotice problem={task.problem} what={t('rules.notWritten')} onRetry={() => void run()} />
        )}
        <div className="mg-row">
          {task.status === 'done' ? (
            <Button
              onClick={() => saveToDisk(new TextEncoder().encode(rulesDocument(task.value)), 'medguard-my-rules.json')}
            >
              {t('rules.save')}
            </Button>
          ) : (
            <Button variant="default" loading={task.status === 'working'} onClick={() => void run()}>
              {t('rules.write')}
            </Button>
          )}
        </div>
      </div>
    </Section>
  )
}
