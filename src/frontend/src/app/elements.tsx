import { Button } from '@mantine/core'
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconInfoCircle,
  IconShieldX,
  IconRefresh,
  IconCopy,
  IconCheck,
  IconArrowLeft,
} from '@tabler/icons-react'
import { type ReactNode, type Ref, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { t } from '../words/language.ts'
import { nameIn } from '../people/names.ts'
import { useIfAny, useOwn, useRouter, useServices } from './context.ts'
import { type Problem, problemText, isTampering } from './problem.ts'
import { printPlace, type Route } from './routes.ts'
import { shortCode } from './words.ts'

export function Link(props: {
  to: Route
  className?: string
  children: ReactNode
  label?: string
  current?: 'page' | 'true' | undefined
  onGo?: () => void
}) {
  const { go, ward } = useRouter()
  return (
    <a
      href={printPlace({ route: props.to, ward })}
      className={props.className}
      aria-label={props.label}
      aria-current={props.current}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return
        event.preventDefault()
        props.onGo?.()
        go(props.to)
      }}
    >
      {props.children}
    </a>
  )
}

/** A page: its one heading takes the focus when it appears, so that keyboards and screen readers start at its top. */
export function Page(props: {
  title: string
  /** What the browser's history lists, where the heading itself is nobody else's business. */
  historyTitle?: string
  intro?: ReactNode
  back?: { to: Route; label: string }
  actions?: ReactNode
  children: ReactNode
}) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    heading.current?.focus({ preventScroll: true })
    window.scrollTo(0, 0)
  }, [])
  useEffect(() => {
    document.title = t('page.title', { page: props.historyTitle ?? props.title })
  }, [props.historyTitle, props.title])
  return (
    <>
      {props.back && (
        <Link to={props.back.to} className="mg-back">
          <IconArrowLeft size={18} aria-hidden className="mg-turns" />
          {props.back.label}
        </Link>
      )}
      <header className="mg-page-head">
        <div className="mg-page-title">
          <h1 ref={heading} tabIndex={-1}>
            <bdi>{props.title}</bdi>
          </h1>
          {props.intro !== undefined && <div className="mg-intro">{props.intro}</div>}
        </div>
        {props.actions !== undefined && <div className="mg-page-actions">{props.actions}</div>}
      </header>
      {props.children}
    </>
  )
}

export function Section(props: { title: string; children: ReactNode; aside?: ReactNode }) {
  const id = useId()
  return (
    <section className="mg-section" aria-labelledby={id}>
      <div className="mg-section-head">
        <h2 id={id}>{props.title}</h2>
        {props.aside}
      </div>
      {props.children}
    </section>
  )
}

const NOTICE_ICONS = { info: IconInfoCircle, good: IconCircleCheck, warn: IconAlertTriangle, bad: IconShieldX }

/** `loud`: read out at once when it appears. */
export function Notice(props: {
  tone: 'info' | 'good' | 'warn' | 'bad'
  title: string
  children?: ReactNode
  actions?: ReactNode
  loud?: boolean
  /** Lets the caller move the focus here. */
  focusRef?: Ref<HTMLDivElement>
}) {
  const { focusRef } = props
  const Icon = NOTICE_ICONS[props.tone]
  return (
    <div
      className={`mg-notice mg-${props.tone}`}
      role={props.loud ? 'alert' : undefined}
      ref={focusRef}
      tabIndex={focusRef === undefined ? undefined : -1}
    >
      <Icon size={22} aria-hidden className="mg-notice-icon" />
      <div className="mg-notice-body">
        <p className="mg-notice-title">{props.title}</p>
        {props.children !== undefined && <div className="mg-notice-text">{props.children}</div>}
        {props.actions !== undefined && <div className="mg-notice-actions">{props.actions}</div>}
      </div>
    </div>
  )
}

export function ProblemNotice(props: {
  problem: Problem
  what?: string
  onRetry?: (() => void) | undefined
  children?: ReactNode
}) {
  const words = problemText(props.problem)
  // "Not shared: no answer came back" would claim what nobody knows.
  const isUncertain = props.problem.kind === 'fault' && props.problem.code === 'Uncertain'
  const what = isUncertain ? undefined : props.what
  return (
    <Notice
      tone={isTampering(props.problem) ? 'bad' : 'warn'}
      title={what === undefined ? words.title : t('page.problem', { what, problem: words.title })}
      loud
      actions={
        words.again && props.onRetry !== undefined ? (
          <Button variant="default" leftSection={<IconRefresh size={18} aria-hidden />} onClick={props.onRetry}>
            {t('page.tryAgain')}
          </Button>
        ) : undefined
      }
    >
      <p>{words.text}</p>
      {props.children}
    </Notice>
  )
}

/** Rows of fixed height where a list will be. The label says what is awaited; it is read out, and shown where it takes long. */
export function ListSkeleton(props: { label: string; rows?: number }) {
  return (
    <div className="mg-skeleton">
      <output className="mg-block mg-skeleton-label">{props.label}</output>
      <div aria-hidden className="mg-card mg-list">
        {Array.from({ length: props.rows ?? 4 }, (_, row) => (
          <div key={row} className="mg-skeleton-row">
            <span className="mg-bone mg-bone-tile" />
            <span className="mg-skeleton-lines">
              <span className="mg-bone mg-bone-long" />
              <span className="mg-bone mg-bone-short" />
            </span>
          </div>
        ))}
      </div>
    </div>
  )
}

export function EmptyState(props: { icon: ReactNode; title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="mg-card mg-empty">
      <span className="mg-empty-icon" aria-hidden>
        {props.icon}
      </span>
      <p className="mg-empty-title">{props.title}</p>
      {props.children !== undefined && <div className="mg-empty-text">{props.children}</div>}
      {props.actions !== undefined && <div className="mg-empty-actions">{props.actions}</div>}
    </div>
  )
}

export function CopyButton(props: { text: string; label: string; variant?: 'filled' | 'default' }) {
  const [copied, setCopied] = useState<'no' | 'yes' | 'failed'>('no')
  const { say } = useServices()
  const copy = async () => {
    const answer = await navigator.clipboard.writeText(props.text).then(
      () => 'yes' as const,
      () => 'failed' as const, // not allowed here: the text stands beside the button and can be selected
    )
    setCopied(answer)
    say(t(answer === 'yes' ? 'page.copied' : 'page.copyFailed'))
    setTimeout(() => setCopied('no'), 3000)
  }
  return (
    <Button
      variant={props.variant ?? 'default'}
      onClick={() => void copy()}
      leftSection={copied === 'yes' ? <IconCheck size={18} aria-hidden /> : <IconCopy size={18} aria-hidden />}
    >
      {copied === 'no' ? props.label : t(copied === 'yes' ? 'page.copied' : 'page.copyYourself')}
    </Button>
  )
}

/** Somebody, by the name that the reader gave them and by their code: the two ends of it, and a colour that always goes with the same code. */
export function Person(props: { code: string; isMe?: boolean }) {
  const name = nameIn(useIfAny(useOwn().names), props.code)
  const hue = Array.from(props.code).reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 65_521, 7) % 8
  return (
    <span className="mg-person">
      <span className={`mg-avatar mg-hue-${hue}`} aria-hidden>
        {(name ?? props.code).slice(0, 2)}
      </span>
      {name !== null && props.isMe !== true && (
        <strong className="mg-break">
          <bdi>{name}</bdi>
        </strong>
      )}
      <span className={props.isMe ? undefined : 'mg-person-code'} title={props.code}>
        {props.isMe ? t('page.you') : shortCode(props.code)}
      </span>
    </span>
  )
}

/** Filter buttons. Several may be on; none means everything. */
export function Chips<T extends string>(props: {
  label: string
  /** For what is not filtered; without it nothing is pressed until something is chosen. */
  all?: string
  options: readonly { value: T; label: string; count?: number }[]
  on: readonly T[]
  onChange: (on: readonly T[]) => void
}) {
  const chip = (label: string, pressed: boolean, act: () => void, count?: number) => (
    <button key={label} type="button" className="mg-chip" aria-pressed={pressed} onClick={act}>
      {/* Of another language its words would draw the number in among them. */}
      <bdi>{label}</bdi>
      {count !== undefined && <span className="mg-chip-count"> {count}</span>}
    </button>
  )
  return (
    <fieldset className="mg-set mg-chips" aria-label={props.label}>
      {props.all !== undefined && chip(props.all, props.on.length === 0, () => props.onChange([]))}
      {props.options.map(({ value, label, count }) =>
        chip(
          label,
          props.on.includes(value),
          () =>
            props.onChange(props.on.includes(value) ? props.on.filter((one) => one !== value) : [...props.on, value]),
          count,
        ),
      )}
    </fieldset>
  )
}

/** Links that look like tabs: each is an address of its own. */
export function TabLinks(props: { label: string; tabs: readonly { to: Route; label: string; current: boolean }[] }) {
  return (
    <nav className="mg-tabs" aria-label={props.label}>
      {props.tabs.map((tab) => (
        <Link key={tab.label} to={tab.to} className="mg-tab" current={tab.current ? 'page' : undefined}>
          {tab.label}
        </Link>
      ))}
    </nav>
  )
}

/** The browser's own modal dialog: it holds the focus, closes with Escape and adds no styles of its own. */
export function Dialog(props: { title: string; onClose: () => void; children: ReactNode; actions: ReactNode }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  const { onClose } = props
  // Before it leaves the page: only then does closing give the focus back to where it was.
  useLayoutEffect(() => {
    const element = dialog.current
    if (element?.open === false) element.showModal()
    return () => element?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      className="mg-dialog"
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <h2 id={id}>{props.title}</h2>
      <div className="mg-dialog-body">{props.children}</div>
      <div className="mg-dialog-actions">{props.actions}</div>
    </dialog>
  )
}
