import { Button, Textarea, TextInput } from '@mantine/core'
import { useMemo, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { useKnown, useLoadable, useRouter, useServices } from '../app/context.ts'
import { clinicalDayText } from '../app/dates.ts'
import { ErrorSummary } from '../app/ErrorSummary.tsx'
import { Page } from '../app/elements.tsx'
import { importStoreOf } from '../imports/ImportPage.tsx'
import { lastSubject } from '../records/record-list.ts'
import { t } from '../words/language.ts'
import { panelBundle, type PanelRow, panelRows, PANEL_LINES_MAX } from './panel.ts'
import '../records/records.css'
import './forms.css'

/** Its name among the drafts that stay until they are sent or thrown away. */
const FORM = 'panel'

/** A laboratory's table as a whole, typed or pasted; what was understood stands beside it, and is ticked before anything is stored. */
export function PanelPage() {
  const services = useServices()
  const { go } = useRouter()
  const { drafts, edit, drop } = useStore(services.guided.form)
  useLoadable(services.records) // against which the import looks whether something is there already
  const person = lastSubject(useKnown(services.records)) ?? ''
  const [isTried, setTried] = useState(false)
  const summary = useRef<HTMLDivElement>(null)
  const { lines = '', day = '', who = '' } = drafts[FORM] ?? {}
  const rows = useMemo(() => panelRows(lines, { day, who }), [lines, day, who])
  const errors = isTried ? panelErrors(rows, day) : {}
  const check = () => {
    setTried(true)
    if (Object.keys(panelErrors(rows, day)).length > 0) {
      requestAnimationFrame(() => summary.current?.focus())
      return
    }
    const file = new File([panelBundle(rows, person)], 'panel.json', { type: 'application/fhir+json' })
    void importStoreOf(services)
      .getState()
      .pick([{ path: t('panel.title'), file, isTyped: true }])
    go({ name: 'import' })
  }
  return (
    <Page
      title={t('panel.title')}
      intro={t('panel.intro')}
      back={{ to: { name: 'guided', kind: null }, label: t('forms.title') }}
    >
      <form
        className="mg-form mg-panel"
        noValidate
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault()
          check()
        }}
      >
        <ErrorSummary focusRef={summary} errors={errors} idOf={(field) => `panel-${field}`} />
        <Textarea
          id="panel-lines"
          label={t('panel.lines')}
          description={t('panel.linesHint')}
          placeholder={t('panel.example')}
          autosize={false}
          rows={8}
          value={lines}
          error={errors.lines}
          spellCheck={false}
          onChange={(event) => edit(FORM, { lines: event.currentTarget.value })}
        />
        <TextInput
          id="panel-day"
          className="mg-day"
          label={t('forms.sampleDay')}
          type="date"
          value={day}
          error={errors.day}
          onChange={(event) => edit(FORM, { day: event.currentTarget.value })}
        />
        <TextInput
          id="panel-who"
          label={t('panel.who')}
          value={who}
          onChange={(event) => edit(FORM, { who: event.currentTarget.value })}
        />
        {rows.length > 0 && <Understood rows={rows} />}
        <div className="mg-row">
          <Button type="submit" size="lg">
            {t('panel.go')}
          </Button>
          {lines !== '' && (
            <Button
              variant="default"
              onClick={() => {
                drop(FORM)
                setTried(false)
              }}
            >
              {t('forms.startAgain')}
            </Button>
          )}
        </div>
        <p className="mg-soft mg-small">{t('forms.kept')}</p>
      </form>
    </Page>
  )
}

function panelErrors(rows: readonly PanelRow[], day: string): { lines?: string; day?: string } {
  const wrong = rows.find(({ errors }) => reasonOf(errors) !== null)
  const reason = wrong === undefined ? null : reasonOf(wrong.errors)
  const noDay = rows.find(({ errors }) => errors['day'] !== undefined)
  return {
    ...(rows.length === 0 && { lines: t('panel.errorNone') }),
    ...(rows.length > PANEL_LINES_MAX && { lines: t('panel.errorMany', { max: PANEL_LINES_MAX }) }),
    ...(wrong !== undefined && reason !== null && { lines: t('panel.errorLine', { line: wrong.line, reason }) }),
    ...(noDay?.errors['day'] !== undefined && day === '' && { day: noDay.errors['day'] }),
  }
}

/** What was understood of each line. */
function Understood({ rows }: { rows: readonly PanelRow[] }) {
  const wrong = rows.filter(({ errors }) => reasonOf(errors) !== null).length
  return (
    <div className="mg-fhir">
      <table className="mg-fhir-table" aria-label={t('panel.understood')}>
        <thead>
          <tr>
            {(['test', 'result', 'range', 'day'] as const).map((name) => (
              <th key={name} scope="col">
                {t(`panel.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, PANEL_LINES_MAX).map(({ line, values, errors }) => (
            <tr key={line}>
              <th scope="row">
                <bdi>{values['test']}</bdi>
              </th>
              <td>
                <bdi>{[values['value'], values['unit']].filter((part) => part !== undefined).join(' ')}</bdi>
                {reasonOf(errors) !== null && <span className="mg-badge mg-warn">{reasonOf(errors)}</span>}
              </td>
              <td>
                <bdi>{rangeOf(values)}</bdi>
              </td>
              <td>{clinicalDayText(values['day'])}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {wrong > 0 && <p className="mg-soft">{t('panel.wrong', { count: wrong })}</p>}
    </div>
  )
}

/** Why a line cannot be stored as it stands; the day is asked for once for all. */
const reasonOf = (errors: PanelRow['errors']): string | null =>
  Object.entries(errors).find(([field]) => field !== 'day')?.[1] ?? null

function rangeOf({ low, high }: PanelRow['values']): string {
  if (low !== undefined && high !== undefined) return `${low}–${high}`
  if (high !== undefined) return `≤ ${high}`
  return low === undefined ? '' : `≥ ${low}`
}
