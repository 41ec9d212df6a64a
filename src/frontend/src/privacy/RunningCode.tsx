import type { Hosting, LogReport } from '@medguard/client'
import { Button } from '@mantine/core'
import { useState } from 'react'
import { useFresh, useLoadable, useNow, useServices } from '../app/context.ts'
import { atText, dayTimeText, msOf } from '../app/dates.ts'
import { ListSkeleton, Notice, ProblemNotice, Section } from '../app/elements.tsx'
import { unreachable } from '../app/unreachable.ts'
import { t } from '../words/language.ts'
import { partText } from './part-text.ts'
import { type CodeEntry, codeEntries, type RunningCode as Running, runningCode } from './running-code.ts'

/** Which code runs, by the network's word, against what the log says was installed; and everything that was ever done to it. */
export function RunningCode() {
  const { hosting, system } = useServices()
  const parts = useLoadable(hosting)
  const log = useFresh(system)
  return (
    <Section title={t('code.title')}>
      <div className="mg-stack">
        <p>{t('code.intro')}</p>
        {log.status === 'loading' && <ListSkeleton label={t('code.looking')} rows={3} />}
        {log.status === 'failed' && (
          <ProblemNotice problem={log.problem} what={t('privacy.notShown')} onRetry={log.load} />
        )}
        {log.status === 'ready' && log.problem !== null && (
          <ProblemNotice problem={log.problem} what={t('page.outOfDate')} onRetry={log.load} />
        )}
        {log.status === 'ready' && (
          <Told report={log.value} hosting={parts.status === 'ready' ? parts.value.parts : []} />
        )}
        <Proof />
      </div>
    </Section>
  )
}

function Told({ report, hosting }: { report: LogReport; hosting: readonly Hosting[] }) {
  const nowMs = useNow()
  const { verification } = report
  switch (verification.kind) {
    case 'failed':
      return (
        <Notice tone="bad" loud title={t('problems.LogBroken')}>
          <p>{t('code.broken')}</p>
        </Notice>
      )
    case 'cannotTell':
      return (
        <Notice tone="warn" title={t('page.cannotTell')}>
          <p>{t('code.cannotTell')}</p>
        </Notice>
      )
    case 'verified': {
      const entries = codeEntries(report.items)
      return (
        <>
          {runningCode(hosting, entries).map((running) => (
            <Verdict key={`${running.part} ${running.shard}`} running={running} nowMs={nowMs} />
          ))}
          <Entries entries={entries} />
          <p className="mg-soft mg-small">{t('code.checked', { at: atText(msOf(verification.certifiedNs), nowMs) })}</p>
        </>
      )
    }
    default:
      return unreachable(verification)
  }
}

function Verdict({ running, nowMs }: { running: Running; nowMs: number }) {
  const { part, isTold, sinceMs } = running
  const name = partText(running)
  switch (isTold) {
    case 'same':
      return (
        <Notice tone="good" title={t('code.same', { part: name })}>
          {sinceMs !== null && <p>{t('code.since', { at: atText(sinceMs, nowMs) })}</p>}
        </Notice>
      )
    case 'other':
      return (
        <Notice tone="bad" title={t('code.other', { part: name })}>
          <p>{t('code.otherText')}</p>
        </Notice>
      )
    case 'notTold':
      return (
        <Notice tone="info" title={t('code.notTold', { part: name })}>
          <p>{t(part === 'audit' ? 'code.notToldLog' : 'code.notToldText')}</p>
        </Notice>
      )
    default:
      return unreachable(isTold)
  }
}

const SHOWN = 10

function Entries({ entries }: { entries: readonly CodeEntry[] }) {
  const [shown, setShown] = useState(SHOWN)
  return (
    <section className="mg-card mg-pad mg-stack" aria-label={t('code.entries')}>
      <h3>{t('code.entries')}</h3>
      {entries.length === 0 && <p>{t('code.none')}</p>}
      <ol className="mg-code-entries" aria-label={t('code.entries')}>
        {entries.slice(0, shown).map((entry) => (
          <li key={entry.key}>
            <p>{entryText(entry)}</p>
            <p className="mg-soft mg-small">{t('code.at', { time: dayTimeText(entry.atMs), number: entry.key })}</p>
            {entry.moduleHash !== null && <bdi className="mg-hash">{entry.moduleHash}</bdi>}
            {entry.controllers.length > 0 && (
              <p className="mg-soft mg-small">
                {t('code.controllers')}{' '}
                {entry.controllers.map((each) => (
                  <bdi key={each} className="mg-hash">
                    {each}
                  </bdi>
                ))}
              </p>
            )}
          </li>
        ))}
      </ol>
      {entries.length > shown && (
        <div className="mg-row">
          <Button variant="default" onClick={() => setShown(shown + SHOWN)}>
            {t('page.showMore', { number: Math.min(SHOWN, entries.length - shown) })}
          </Button>
        </div>
      )}
    </section>
  )
}

function entryText({ part, shard, what }: CodeEntry): string {
  if (what === 'settings') return t('code.settings')
  const name = part === null ? t('code.somePart') : partText({ part, shard })
  return t(what === 'began' ? 'code.began' : 'code.runs', { part: name })
}

function Proof() {
  return (
    <div className="mg-card mg-pad mg-stack">
      <h3>{t('code.proves')}</h3>
      <ul className="mg-plain-points">
        <li>{t('code.proves1')}</li>
        <li>{t('code.proves2')}</li>
      </ul>
      <h3>{t('code.provesNot')}</h3>
      <ul className="mg-plain-points">
        <li>{t('code.provesNot1')}</li>
        <li>{t('code.provesNot2')}</li>
        <li>{t('code.provesNot3')}</li>
      </ul>
    </div>
  )
}
