import { LINK_ATTEMPTS_DEFAULT, LINK_LABEL_CHARS_MAX, NS_PER_MS } from '@medguard/client'
import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useStore } from 'zustand'
import { CheckChoice, Choice } from '../app/Choice.tsx'
import { useForgetDone, useKnown, useServices } from '../app/context.ts'
import { unitText } from '../app/dates.ts'
import { Page, ProblemNotice } from '../app/elements.tsx'
import { stepText } from '../app/words.ts'
import { useSensitive } from '../sharing/use-names.ts'
import { t } from '../words/language.ts'
import { contentOf, LinkContents, NOTHING_CHOSEN, SensitiveInIt } from './LinkContents.tsx'
import { newPasscode } from './links-store.ts'
import { MadeLinkCard } from './MadeLinkCard.tsx'

const DAY_MS = 86_400_000
const DAYS = ['1', '7', '30', '90'] as const
const ATTEMPTS = ['3', '5', '10', '20'] as const

/** A link for somebody without an account. It and its passcode are in this page alone: whoever leaves it makes another one. */
export function NewLinkPage() {
  const { making } = useServices().links
  const { task } = useStore(making)
  useForgetDone(making)
  return (
    <Page
      title={t('links.make')}
      back={{ to: { name: 'sharing', tab: 'links' }, label: t('links.back') }}
      intro={task.status === 'done' ? undefined : t('links.intro')}
    >
      {task.status === 'done' ? <MadeLinkCard made={task.value} /> : <LinkForm />}
    </Page>
  )
}

function LinkForm() {
  const { links, records } = useServices()
  const { task, run } = useStore(links.making)
  const known = useKnown(records)
  const { kinds: sensitive, laid } = useSensitive()
  const [label, setLabel] = useState('')
  const [choice, setChoice] = useState(NOTHING_CHOSEN)
  const [days, setDays] = useState<(typeof DAYS)[number]>('7')
  const [attempts, setAttempts] = useState<(typeof ATTEMPTS)[number]>(String(LINK_ATTEMPTS_DEFAULT) as '10')
  const [hasPasscode, setPasscode] = useState(true)
  const [isTried, setTried] = useState(false)
  const among = { known, sensitive }
  const isLong = Array.from(label).length > LINK_LABEL_CHARS_MAX
  const send = () => {
    setTried(true)
    const content = contentOf(choice, among)
    if (isLong || content === null || laid.status !== 'ready') return
    const endNs = BigInt(Date.now() + Number(days) * DAY_MS) * NS_PER_MS
    const passcode = hasPasscode ? newPasscode() : null
    void run({ label: label.trim(), content, endNs, passcode, attempts: Number(attempts) })
  }
  return (
    <form
      noValidate
      className="mg-card mg-pad mg-stack mg-form"
      autoComplete="off"
      aria-label={t('links.make')}
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <LinkContents choice={choice} among={among} isTried={isTried} onChange={setChoice} />
      <TextInput
        label={t('links.label')}
        description={t('links.labelHint')}
        value={label}
        error={isLong ? t('links.errorLabel', { max: LINK_LABEL_CHARS_MAX }) : undefined}
        onChange={(event) => setLabel(event.currentTarget.value)}
      />
      <Choice
        legend={t('links.until')}
        name="days"
        value={days}
        options={DAYS.map((value) => ({ value, label: unitText(Number(value), 'day') }))}
        onChange={setDays}
      />
      <CheckChoice
        legend={t('links.passcode')}
        name="passcode"
        on={hasPasscode ? ['passcode'] : []}
        options={[{ value: 'passcode', label: t('links.withPasscode'), hint: t('links.withPasscodeHint') }]}
        onChange={(on) => setPasscode(on.length > 0)}
      />
      {hasPasscode && (
        <Choice
          legend={t('links.attempts')}
          name="attempts"
          value={attempts}
          options={ATTEMPTS.map((value) => ({ value, label: t('links.tries', { count: Number(value) }) }))}
          onChange={setAttempts}
        />
      )}
      <p className="mg-soft">{t('links.copied')}</p>
      <SensitiveInIt choice={choice} among={among} />
      {laid.status === 'failed' && (
        <ProblemNotice problem={laid.problem} what={t('rules.notShown')} onRetry={laid.load} />
      )}
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('links.notMade')} onRetry={send} />}
      {task.status === 'working' && (
        <output className="mg-block mg-soft">{task.step === null ? t('links.making') : stepText(task.step)}</output>
      )}
      <div className="mg-row">
        <Button
          type="submit"
          size="lg"
          loading={task.status === 'working' || laid.status === 'loading'}
          disabled={laid.status === 'failed'}
        >
          {t('links.make')}
        </Button>
      </div>
    </form>
  )
}
