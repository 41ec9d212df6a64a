import { Button } from '@mantine/core'
import type { MyRules } from '@medguard/client'
import { useState } from 'react'
import { useStore } from 'zustand'
import { useServices } from '../app/context.ts'
import { Dialog, Person, ProblemNotice, Section } from '../app/elements.tsx'
import { useNames } from '../sharing/use-names.ts'
import { t } from '../words/language.ts'

/** Who gets nothing, whatever was shared with them. */
export function Blocked({ rules: { blocked } }: { rules: MyRules }) {
  const { rules } = useServices()
  const { task, run } = useStore(rules.blocking)
  const [asking, setAsking] = useState<string | null>(null)
  const nameOf = useNames()
  return (
    <Section title={t('rules.blocked')}>
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('rules.notSaved')} />}
      {blocked.length === 0 ? (
        <p className="mg-card mg-pad mg-soft">{t('rules.nobodyBlocked')}</p>
      ) : (
        <ul className="mg-card mg-list" aria-label={t('rules.blocked')}>
          {blocked.map((code) => (
            <li key={code} className="mg-share">
              <Person code={code} />
              <Button
                variant="default"
                loading={task.status === 'working'}
                aria-label={t('rules.unblockWho', { name: nameOf(code) })}
                onClick={() => setAsking(code)}
              >
                {t('rules.unblock')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {asking !== null && (
        <Dialog
          title={t('rules.unblockAsk', { name: nameOf(asking) })}
          onClose={() => setAsking(null)}
          actions={
            <>
              <Button variant="default" onClick={() => setAsking(null)}>
                {t('share.back')}
              </Button>
              <Button
                onClick={() => {
                  setAsking(null)
                  void run({ kind: 'unblock', whom: asking })
                }}
              >
                {t('rules.unblock')}
              </Button>
            </>
          }
        >
          <p>{t('rules.unblockText')}</p>
        </Dialog>
      )}
    </Section>
  )
}
