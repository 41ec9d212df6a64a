import type { RecordSummary, RecordVersion } from '@medguard/client'
import { Button } from '@mantine/core'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useServices } from '../../app/context.ts'
import { dayTimeText, msOf } from '../../app/dates.ts'
import { Person, ProblemNotice, Section } from '../../app/elements.tsx'
import { createTask } from '../../app/task.ts'
import { t } from '../../words/language.ts'
import { OpenRecord } from '../OpenRecord.tsx'
import { ShownVersion } from '../shown-version.ts'
import { signatureText } from '../signature-text.ts'
import { type ComparedVersion, differenceOf, type DifferenceLine } from './difference.ts'

/** Every version that is kept, with who stored it; read when asked for, since that is entered in the log. */
export function Versions({ record }: { record: RecordSummary }) {
  const { client } = useServices()
  const [store] = useState(() =>
    createTask<void, readonly RecordVersion[]>(() =>
      client.versions({ vault: record.vault, recordId: record.recordId, category: record.category }),
    ),
  )
  const { task, run } = useStore(store)
  return (
    <Section title={t('recordPage.versions')}>
      {task.status === 'done' ? (
        <ol className="mg-card mg-list" aria-label={t('recordPage.versions')}>
          {task.value.toReversed().map((version) => (
            <Version
              key={version.summary.version}
              version={version}
              before={task.value.find(({ summary }) => summary.version === version.summary.version - 1) ?? null}
              isShown={version.summary.version === record.version}
            />
          ))}
        </ol>
      ) : (
        <div className="mg-card mg-pad mg-stack">
          <p>
            {record.version === 1 ? t('recordPage.onlyVersion') : t('recordPage.isVersion', { number: record.version })}
          </p>
          {task.status === 'failed' && (
            <ProblemNotice problem={task.problem} what={t('recordPage.noVersions')} onRetry={() => void run()} />
          )}
          <div className="mg-row">
            <Button variant="default" loading={task.status === 'working'} onClick={() => void run()}>
              {t('recordPage.showVersions')}
            </Button>
            <span className="mg-soft mg-small">{t('recordPage.versionsLogged')}</span>
          </div>
        </div>
      )}
    </Section>
  )
}

function Version(props: { version: RecordVersion; before: RecordVersion | null; isShown: boolean }) {
  const { client } = useServices()
  const { version, before, isShown } = props
  const { summary, storedBy, storedNs } = version
  const [isOpen, setOpen] = useState(false)
  const [isCompared, setCompared] = useState(false)
  const number = summary.version
  return (
    <li className="mg-pad mg-stack mg-version">
      <p className="mg-version-head">
        <strong>{t('recordPage.version', { number })}</strong>
        {isShown && <span className="mg-badge">{t('recordPage.shown')}</span>}
        {storedBy !== null && <Person code={storedBy} isMe={storedBy === client.principal} />}
        {storedNs !== null && <span className="mg-soft">{dayTimeText(msOf(storedNs))}</span>}
      </p>
      <p className="mg-soft">
        {[summary.title, summary.author, signatureText(summary.signature) ?? t('recordPage.notSigned')]
          .filter((part) => part !== null)
          .join(' · ')}
      </p>
      {(!isShown || before !== null) && (
        <div className="mg-row">
          {!isShown && (
            <Button variant="default" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
              {t(isOpen ? 'recordPage.closeVersion' : 'recordPage.openVersion', { number })}
            </Button>
          )}
          {before !== null && (
            <Button variant="default" aria-expanded={isCompared} onClick={() => setCompared(!isCompared)}>
              {t(isCompared ? 'recordPage.hideDifference' : 'recordPage.showDifference', { number })}
            </Button>
          )}
        </div>
      )}
      {isOpen && (
        <ShownVersion value={number}>
          <OpenRecord record={summary} area="patient" />
        </ShownVersion>
      )}
      {isCompared && before !== null && <Difference before={before.summary} after={summary} />}
    </li>
  )
}

/** Both are opened for it, which the log has. */
function Difference({ before, after }: { before: RecordSummary; after: RecordSummary }) {
  const { client } = useServices()
  const [store] = useState(() => {
    const made = createTask<void, readonly DifferenceLine[] | null>(async () => {
      const versions: ComparedVersion[] = []
      for (const summary of [before, after]) {
        if (summary.hasFiles === true) return { kind: 'done', value: null }
        const opened = await client.open(summary)
        if (opened.kind === 'refused') return opened
        versions.push({ ...summary, bytes: opened.value.bytes })
      }
      const [from, to] = versions
      return { kind: 'done', value: from === undefined || to === undefined ? null : differenceOf(from, to) }
    })
    void made.getState().run()
    return made
  })
  const { task, run } = useStore(store)
  switch (task.status) {
    case 'failed':
      return <ProblemNotice problem={task.problem} what={t('recordPage.notCompared')} onRetry={() => void run()} />
    case 'done':
      if (task.value === null) return <p>{t('recordPage.noDifference')}</p>
      return task.value.every(({ kind }) => kind === 'same') ? (
        <p>{t('recordPage.noChange')}</p>
      ) : (
        <ul className="mg-difference" aria-label={t('recordPage.difference', { number: after.version })}>
          {task.value.map(({ kind, text }, place) => (
            // Lines have no identity of their own, and their order never changes.
            <li key={place} data-kind={kind}>
              {kind !== 'same' && (
                <strong>{t(kind === 'added' ? 'recordPage.lineAdded' : 'recordPage.lineRemoved')}</strong>
              )}{' '}
              <bdi>{text}</bdi>
            </li>
          ))}
        </ul>
      )
    default:
      return <output className="mg-block mg-soft">{t('recordPage.comparing')}</output>
  }
}
