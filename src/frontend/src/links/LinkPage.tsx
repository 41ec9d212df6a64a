import { type LinkFault, type LinkOpened, readLink, type SmartLink } from '@medguard/client'
import { Button, TextInput } from '@mantine/core'
import { IconDownload } from '@tabler/icons-react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { usePage } from '../app/context.ts'
import { Notice, Page, Section } from '../app/elements.tsx'
import { unreachable } from '../app/unreachable.ts'
import { ReadCode } from '../qr/ReadCode.tsx'
import { FhirView } from '../records/FhirView.tsx'
import { readBody } from '../records/read-body.ts'
import { saveToDisk } from '../records/save-to-disk.ts'
import { startKeyWorker } from '../worker/key-link.ts'
import { t } from '../words/language.ts'
import '../records/records.css'

/** For whoever was given a link, with an account or without one: it opens in a worker of its own, which may reach our canisters and nothing else. */
export function LinkPage() {
  const { given } = usePage()
  const { text, put } = useStore(given)
  const link = useMemo(() => (text === null ? null : readLink(text)), [text])
  return (
    <Page title={t('link.title')} intro={t('link.intro')}>
      {link === null || typeof link === 'string' ? (
        <GiveLink fault={link} onLink={put} />
      ) : (
        <OpenLink key={text} link={link} onClose={() => put(null)} />
      )}
    </Page>
  )
}

function GiveLink({ fault, onLink }: { fault: LinkFault | null; onLink: (text: string) => void }) {
  const [text, setText] = useState('')
  return (
    <form
      noValidate
      autoComplete="off"
      className="mg-card mg-pad mg-stack mg-form"
      aria-label={t('link.give')}
      onSubmit={(event) => {
        event.preventDefault()
        onLink(text)
      }}
    >
      <TextInput
        label={t('link.give')}
        description={t('link.giveHint')}
        value={text}
        spellCheck={false}
        autoCapitalize="none"
        onChange={(event) => setText(event.currentTarget.value)}
      />
      {fault !== null && <Notice tone="warn" title={t(`link.fault_${fault}`)} loud />}
      <ReadCode onCode={onLink} />
      <div className="mg-row">
        <Button type="submit">{t('link.next')}</Button>
      </div>
    </form>
  )
}

type Opened = Extract<LinkOpened, { kind: 'opened' }>
type State =
  | { readonly is: 'asking' }
  | { readonly is: 'opening' }
  | { readonly is: 'answered'; readonly answer: LinkOpened }

function OpenLink({ link, onClose }: { link: SmartLink; onClose: () => void }) {
  const [state, setState] = useState<State>({ is: 'asking' })
  const [name, setName] = useState('')
  const [passcode, setPasscode] = useState('')
  const [isTried, setTried] = useState(false)
  const worker = useRef<ReturnType<typeof startKeyWorker>>(null)
  useEffect(() => () => worker.current?.stop(), [])
  const needsPasscode = link.flag.includes('P')
  const isReady = name.trim() !== '' && (!needsPasscode || passcode.trim() !== '')
  const open = async () => {
    setTried(true)
    if (!isReady) return
    setState({ is: 'opening' })
    if (worker.current === null || worker.current.isStopped()) worker.current = startKeyWorker(() => {})
    const asking = { recipient: name.trim(), passcode: needsPasscode ? passcode.trim() : null }
    const answer = await worker.current.openLink(link, asking).catch((): LinkOpened => ({ kind: 'unreachable' }))
    setState({ is: 'answered', answer })
  }
  const answer = state.is === 'answered' ? state.answer : null
  if (answer?.kind === 'opened') return <Contents opened={answer} onClose={onClose} />
  return (
    <form
      noValidate
      autoComplete="off"
      className="mg-card mg-pad mg-stack mg-form"
      aria-label={t('link.open')}
      onSubmit={(event) => {
        event.preventDefault()
        void open()
      }}
    >
      {link.label !== null && (
        <p className="mg-break">
          <strong>
            <bdi>{link.label}</bdi>
          </strong>
        </p>
      )}
      <TextInput
        label={t('link.name')}
        description={t('link.nameHint')}
        value={name}
        maxLength={80}
        error={isTried && name.trim() === '' ? t('link.errorName') : undefined}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      {needsPasscode && (
        <TextInput
          label={t('link.passcode')}
          description={t('link.passcodeHint')}
          value={passcode}
          maxLength={64}
          inputMode="numeric"
          error={isTried && passcode.trim() === '' ? t('link.errorPasscode') : undefined}
          onChange={(event) => setPasscode(event.currentTarget.value)}
        />
      )}
      {answer !== null && <Refused answer={answer} />}
      {state.is === 'opening' && <output className="mg-block mg-soft">{t('link.opening')}</output>}
      <div className="mg-row">
        <Button type="submit" size="lg" loading={state.is === 'opening'}>
          {t('link.open')}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t('link.other')}
        </Button>
      </div>
    </form>
  )
}

function Refused({ answer }: { answer: Exclude<LinkOpened, Opened> }) {
  switch (answer.kind) {
    case 'passcode':
      return (
        <Notice tone="warn" title={t('link.wrongPasscode')} loud>
          {answer.attemptsLeft !== null && <p>{t('link.triesLeft', { count: answer.attemptsLeft })}</p>}
        </Notice>
      )
    case 'over':
      return (
        <Notice tone="warn" title={t('link.over')} loud>
          <p>{t('link.overText')}</p>
        </Notice>
      )
    case 'later':
      return <Notice tone="warn" title={t('link.later')} loud />
    case 'elsewhere':
      return (
        <Notice tone="warn" title={t('link.elsewhere', { host: answer.host })} loud>
          <p>{t('link.elsewhereText')}</p>
        </Notice>
      )
    case 'damaged':
      return <Notice tone="bad" title={t('link.damaged')} loud />
    case 'unreachable':
      return <Notice tone="warn" title={t('link.unreachable')} loud />
    default:
      return unreachable(answer)
  }
}

function Contents({ opened, onClose }: { opened: Opened; onClose: () => void }) {
  const heading = useRef<HTMLDivElement>(null)
  useEffect(() => heading.current?.focus({ preventScroll: true }), [])
  return (
    <div className="mg-stack">
      <Notice tone="info" title={t('link.opened')} focusRef={heading}>
        <p>{t('link.openedText')}</p>
      </Notice>
      {opened.files.map(({ contentType, bytes }, i) => (
        // Files have no identity of their own, and their order never changes.
        <LinkFile key={i} contentType={contentType} bytes={bytes} label={opened.label} />
      ))}
      <div className="mg-row">
        <Button variant="default" onClick={onClose}>
          {t('link.close')}
        </Button>
      </div>
    </div>
  )
}

function LinkFile({ contentType, bytes, label }: { contentType: string; bytes: Uint8Array; label: string | null }) {
  const body = useMemo(() => readBody(contentType, bytes), [contentType, bytes])
  const name = label === null || label === '' ? t('link.file') : label
  return (
    <Section title={name}>
      <div className="mg-card mg-content">
        {body.as === 'fhir' ? <FhirView reading={body.reading} /> : <p className="mg-pad">{t('link.notShown')}</p>}
        <div className="mg-pad mg-row">
          <Button
            variant="default"
            leftSection={<IconDownload size={18} aria-hidden />}
            onClick={() => saveToDisk(bytes, `${name}.json`)}
          >
            {t('records.save')}
          </Button>
          <span className="mg-soft mg-small">{t('records.saveWarning')}</span>
        </div>
      </div>
    </Section>
  )
}
