import { Button, Textarea } from '@mantine/core'
import { useState } from 'react'
import { useStore } from 'zustand'
import { Choice } from '../app/Choice.tsx'
import { useKnown, useNow, usePage, useRouter, useServices } from '../app/context.ts'
import { atText, msOf } from '../app/dates.ts'
import { CopyButton, Link, Notice, Page, ProblemNotice } from '../app/elements.tsx'
import { createTask, type TaskStore } from '../app/task.ts'
import { readRecordCode } from '../sharing/share-code.ts'
import { HOME } from '../app/routes.ts'
import { t } from '../words/language.ts'
import type { RecoveryStarted } from '../worker/key-worker-api.ts'
import './recovery.css'

const WAYS = ['byLink', 'byKit', 'byGuardians', 'byWaited'] as const
type Way = (typeof WAYS)[number]

/** The way back for somebody whose sign-in of today has no health record: through another sign-in, the kit, or guardians. */
export function LostPage() {
  const { client, account } = useServices()
  const [way, setWay] = useState<Way | null>(null)
  if (useKnown(account) !== null) {
    return (
      <Page title={t('lost.title')}>
        <Notice tone="info" title={t('lost.hasOne')} actions={<Link to={HOME}>{t('page.toStart')}</Link>}>
          <p>{t('lost.hasOneText')}</p>
        </Notice>
      </Page>
    )
  }
  return (
    <Page title={t('lost.title')} intro={t('lost.intro')}>
      <div className="mg-stack">
        <div className="mg-card mg-pad mg-stack">
          <h2>{t('lost.myCode')}</h2>
          <p className="mg-code" dir="ltr" data-testid="new-code">
            {client.principal}
          </p>
          <div className="mg-row">
            <CopyButton text={client.principal} label={t('lost.copyCode')} />
          </div>
        </div>
        <div className="mg-card mg-pad">
          <Choice
            legend={t('lost.how')}
            name="way"
            value={way}
            options={WAYS.map((value) => ({ value, label: t(`lost.${value}`), hint: t(`lost.${value}Hint`) }))}
            onChange={setWay}
          />
        </div>
        <WayBack way={way} />
        <p>
          <Link to={HOME} className="mg-button-link">
            {t('lost.newInstead')}
          </Link>
        </p>
      </div>
    </Page>
  )
}

function WayBack({ way }: { way: Way | null }) {
  const { client } = useServices()
  const [linking] = useState(() => createTask((home: string) => client.acceptLink(home)))
  const [completing] = useState(() => createTask((home: string) => client.completeRecovery(home)))
  switch (way) {
    case 'byKit':
      return <ByKit />
    case 'byGuardians':
      return <p className="mg-card mg-pad">{t('lost.guardiansDo')}</p>
    case 'byLink':
      return <Finish key={way} task={linking} text={t('lost.linkDo')} />
    case 'byWaited':
      return <Finish key={way} task={completing} text={null} />
    default:
      return null
  }
}

function ByKit() {
  const { session } = usePage()
  const [isWrong, setIsWrong] = useState(false)
  const [text, setText] = useState('')
  const nowMs = useNow()
  const [starting] = useState(() =>
    createTask<string, RecoveryStarted | null>(async (kit) => {
      const { view } = session.getState()
      const started = view.status === 'signedIn' ? await view.recoverWithKit(kit) : null
      setIsWrong(started === null)
      return started ?? ({ kind: 'done', value: null } as const)
    }),
  )
  const { task, run } = useStore(starting)
  if (task.status === 'done' && task.value !== null) return <Started started={task.value} nowMs={nowMs} />
  return (
    <form
      noValidate
      className="mg-card mg-pad mg-stack mg-form"
      onSubmit={(event) => {
        event.preventDefault()
        void run(text)
      }}
    >
      <Textarea
        label={t('lost.kit')}
        description={t('lost.kitHint')}
        autosize={false}
        rows={3}
        value={text}
        error={isWrong ? t('lost.kitWrong') : undefined}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        dir="ltr"
        className="mg-code-field"
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('lost.notStarted')} />}
      <div className="mg-row">
        <Button type="submit" loading={task.status === 'working'}>
          {t('lost.start')}
        </Button>
      </div>
    </form>
  )
}

function Started({ started: { home, readyNs }, nowMs }: { started: RecoveryStarted; nowMs: number }) {
  return (
    <Notice tone="good" loud title={t('lost.started')} actions={<CopyButton text={home} label={t('lost.copyOld')} />}>
      <p>{t('lost.startedText', { from: atText(msOf(readyNs), nowMs) })}</p>
      <p>{t('lost.oldCodeIs')}</p>
      <p className="mg-code" dir="ltr" data-testid="old-code">
        {home}
      </p>
    </Notice>
  )
}

/** The last step: the account is asked for anew once this sign-in is one of it. */
function Finish(props: { task: TaskStore<string, null>; text: string | null }) {
  const { account } = useServices()
  const { client } = useServices()
  const { go } = useRouter()
  const { task, run } = useStore(props.task)
  const [code, setCode] = useState('')
  const [isTried, setIsTried] = useState(false)
  const read = readRecordCode(code, client.principal)
  const finish = async (home: string) => {
    await run(home)
    if (props.task.getState().task.status !== 'done') return
    go(HOME, 'replace')
    await account.getState().load()
  }
  return (
    <form
      noValidate
      className="mg-card mg-pad mg-stack mg-form"
      onSubmit={(event) => {
        event.preventDefault()
        setIsTried(true)
        if (read.kind === 'code') void finish(read.code)
      }}
    >
      {props.text !== null && <p>{props.text}</p>}
      <Textarea
        label={t('lost.oldCode')}
        description={t('lost.oldCodeHint')}
        autosize={false}
        rows={2}
        value={code}
        error={isTried && read.kind !== 'code' ? t('recovery.codeWrong') : undefined}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        dir="ltr"
        className="mg-code-field"
        onChange={(event) => setCode(event.currentTarget.value)}
      />
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('lost.notFinished')} />}
      <div className="mg-row">
        <Button type="submit" loading={task.status === 'working'}>
          {t('lost.finish')}
        </Button>
      </div>
    </form>
  )
}
