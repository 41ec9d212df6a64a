import { Button } from '@mantine/core'
import { DOUBT_WHYS, type DoubtWhy, type Share } from '@medguard/client'
import { useState } from 'react'
import { useStore } from 'zustand'
import { CheckChoice, Choice } from '../app/Choice.tsx'
import { useKnown, useServices } from '../app/context.ts'
import { atText, dayTimeText } from '../app/dates.ts'
import { Dialog, ProblemNotice } from '../app/elements.tsx'
import { scopeText } from '../app/words.ts'
import { t } from '../words/language.ts'
import type { SimpleKey } from '../words/texts.ts'
import type { LogRow } from './log-words.ts'
import { createReportStores, type ReportStores } from './report-stores.ts'

/** What to do about it. */
const NEXT = {
  unknownPerson: 'logReport.nextUnknownPerson',
  notAllowed: 'logReport.nextNotAllowed',
  oddTime: 'logReport.nextOddTime',
  other: 'logReport.nextOther',
} as const satisfies Record<DoubtWhy, SimpleKey>
type Step = 'stop' | 'block'

/** What somebody does about an entry that they do not recognise: why, what is to end, and how to go on. */
export function NotRecognised({ row, onClose }: { row: LogRow; onClose: () => void }) {
  const { client, shares, rules, doubts } = useServices()
  const [stores] = useState(() =>
    createReportStores(
      client,
      () => {
        void shares.getState().load()
        void rules.laid.getState().load()
      },
      doubts.getState().put,
    ),
  )
  const { task } = useStore(stores.acting)
  const [why, setWhy] = useState<DoubtWhy | null>(null)
  const share = useKnown(shares)?.find(({ grantId, state }) => grantId === row.item.grantId && state === 'live') ?? null
  return task.status === 'done' && why !== null ? (
    <Dialog
      title={t('logReport.doneTitle')}
      onClose={onClose}
      actions={<Button onClick={onClose}>{t('logReport.close')}</Button>}
    >
      <output className="mg-block">
        <ul className="mg-report-list">
          {task.value.grantId !== null && <li>{t('logReport.stopped', { at: atText(task.atMs, task.atMs) })}</li>}
          {task.value.block !== null && <li>{t('logReport.blocked', { at: atText(task.atMs, task.atMs) })}</li>}
          {task.value.grantId === null && task.value.block === null && <li>{t('logReport.nothingDone')}</li>}
        </ul>
      </output>
      <p>{t(NEXT[why])}</p>
      <p>{t('logReport.nextAll', { number: row.key })}</p>
      <p>{t('logReport.noted')}</p>
    </Dialog>
  ) : (
    <Asking row={row} share={share} stores={stores} why={why} onWhy={setWhy} onClose={onClose} />
  )
}

function Asking(props: {
  row: LogRow
  share: Share | null
  stores: ReportStores
  why: DoubtWhy | null
  onWhy: (why: DoubtWhy) => void
  onClose: () => void
}) {
  const { row, share, stores, why } = props
  const { task, run } = useStore(stores.acting)
  const [steps, setSteps] = useState<readonly Step[]>([])
  const [isTried, setIsTried] = useState(false)
  const isWorking = task.status === 'working'
  const send = () => {
    setIsTried(true)
    if (why === null) return
    void run({
      entry: row.key,
      why,
      block: steps.includes('block') ? row.actorCode : null,
      grantId: share !== null && steps.includes('stop') ? share.grantId : null,
    })
  }
  return (
    <Dialog
      title={t('logReport.title')}
      onClose={props.onClose}
      actions={
        <>
          <Button variant="default" disabled={isWorking} onClick={props.onClose}>
            {t('share.back')}
          </Button>
          <Button loading={isWorking} onClick={send}>
            {t('logReport.go')}
          </Button>
        </>
      }
    >
      <p className="mg-break">
        {t('logReport.about', { who: row.actor, verb: row.verb, at: dayTimeText(row.timeMs) })}
      </p>
      <Choice
        legend={t('logReport.why')}
        name="report-why"
        value={why}
        error={isTried && why === null ? t('logReport.errorWhy') : undefined}
        options={DOUBT_WHYS.map((value) => ({ value, label: t(`logReport.${value}`) }))}
        onChange={props.onWhy}
      />
      <CheckChoice
        legend={t('logReport.steps')}
        name="report-steps"
        on={steps}
        options={[
          ...(share === null
            ? []
            : [
                {
                  value: 'stop' as const,
                  label: t('logReport.stop'),
                  hint: t('logReport.stopHint', { scope: scopeText(share.scope) }),
                },
              ]),
          { value: 'block' as const, label: t('logReport.block'), hint: t('logReport.blockHint') },
        ]}
        onChange={setSteps}
      />
      {isWorking && <output className="mg-block mg-soft mg-small">{t('logReport.working')}</output>}
      {task.status === 'failed' && (
        <ProblemNotice problem={task.problem} what={t('logReport.notDone')} onRetry={send} />
      )}
    </Dialog>
  )
}
