import { Button, Textarea } from '@mantine/core'
import type { PeopleInfo } from '@medguard/client'
import { useState } from 'react'
import { useNow } from '../app/context.ts'
import { atText, msOf } from '../app/dates.ts'
import { Notice } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import { tryKit } from './rehearsal.ts'

/** Whether what was put away would bring the account back, while there is time to make another. Nothing of the kit leaves the page. */
export function Rehearsal({ people }: { people: PeopleInfo }) {
  const [text, setText] = useState('')
  const [tried, setTried] = useState<ReturnType<typeof tryKit> | null>(null)
  const nowMs = useNow()
  const { recovery, comingRecovery } = people
  const hasKit = (recovery?.kit ?? null) !== null || (comingRecovery?.kit ?? null) !== null
  const guardians = (comingRecovery ?? recovery)?.guardians.length ?? 0
  return (
    <div className="mg-card mg-pad mg-stack">
      {hasKit && (
        <form
          noValidate
          className="mg-stack"
          autoComplete="off"
          onSubmit={(event) => {
            event.preventDefault()
            const now = tryKit(text, people)
            setTried(now)
            if (now !== 'mistyped') setText('')
          }}
        >
          <p>{t('rehearsal.text')}</p>
          <Textarea
            label={t('lost.kit')}
            description={t('lost.kitHint')}
            autosize={false}
            rows={3}
            value={text}
            error={tried === 'mistyped' ? t('lost.kitWrong') : undefined}
            autoComplete="off"
            autoCapitalize="characters"
            spellCheck={false}
            dir="ltr"
            className="mg-code-field"
            onChange={(event) => {
              setText(event.currentTarget.value)
              setTried(null)
            }}
          />
          <div className="mg-row">
            <Button type="submit" variant="default">
              {t('rehearsal.go')}
            </Button>
          </div>
          {tried === 'works' && (
            <Notice tone="good" loud title={t('rehearsal.works')}>
              <p>{t('rehearsal.worksText')}</p>
            </Notice>
          )}
          {tried === 'comes' && comingRecovery !== null && (
            <Notice tone="good" loud title={t('rehearsal.comes', { from: atText(msOf(comingRecovery.fromNs), nowMs) })}>
              <p>{t('rehearsal.worksText')}</p>
            </Notice>
          )}
          {tried === 'ends' && comingRecovery !== null && (
            <Notice tone="warn" loud title={t('rehearsal.ends', { from: atText(msOf(comingRecovery.fromNs), nowMs) })}>
              <p>{t('rehearsal.otherText')}</p>
            </Notice>
          )}
          {tried === 'other' && (
            <Notice tone="bad" loud title={t('rehearsal.other')}>
              <p>{t('rehearsal.otherText')}</p>
            </Notice>
          )}
        </form>
      )}
      {guardians > 0 && <p>{t('rehearsal.guardians', { count: guardians })}</p>}
    </div>
  )
}
