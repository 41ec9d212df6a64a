import type { Category } from '@medguard/client'
import { partsOf, type Reading } from '@medguard/readings'
import { Button } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { useStore } from 'zustand'
import { Choice } from '../app/Choice.tsx'
import { Link, Notice, ProblemNotice, Section } from '../app/elements.tsx'
import { quantityNumber } from '../records/fhir-values.ts'
import { dayTimeText } from '../app/dates.ts'
import { listText, t } from '../words/language.ts'
import type { BluetoothStore, OpenDevice } from './bluetooth-store.ts'
import { CategorySelect, kindText, ReadingsKinds, unitText } from './ReadingsPreview.tsx'

interface Props {
  readonly store: BluetoothStore
  readonly view: OpenDevice
  readonly category: Category
  readonly onCategory: (category: Category) => void
}

/** One device that was chosen: its line, what it says now, what of it is new, and what is safe. */
export function BluetoothDevice(props: Props) {
  const { store, view } = props
  const { clear, hangUp, connectAgain } = useStore(store)
  const { name, line, batteryPercent, stored, latest, preview, trouble } = view
  return (
    <>
      <Section title={name}>
        <div className="mg-card mg-pad mg-stack">
          <div className="mg-row">
            <output className={`mg-badge ${LINES[line]}`}>{t(`bluetooth.line_${line}`)}</output>
            {batteryPercent !== null && <span>{t('bluetooth.battery', { number: batteryPercent })}</span>}
          </div>
          {line === 'ended' && trouble === null && <p>{t('bluetooth.ended')}</p>}
          {trouble !== null && (
            <Notice tone="warn" loud title={t(`bluetooth.trouble_${trouble}`)}>
              <p>{t(`bluetooth.trouble_${trouble}_text`)}</p>
            </Notice>
          )}
          {stored !== null && <output className="mg-block mg-soft">{t(`bluetooth.stored_${stored}`)}</output>}
          <div className="mg-row">
            {line === 'ended' ? (
              <Button onClick={() => void connectAgain()}>{t('bluetooth.again')}</Button>
            ) : (
              <Button variant="default" onClick={hangUp}>
                {t('bluetooth.hangUp')}
              </Button>
            )}
            {line === 'ended' && (
              <Button variant="default" onClick={clear}>
                {t(view.unsaved > 0 ? 'bluetooth.dropAndOther' : 'bluetooth.other')}
              </Button>
            )}
          </div>
        </div>
      </Section>
      <Section title={t('bluetooth.now')}>
        <div className="mg-stack">
          {latest.length === 0 ? (
            <p className="mg-card mg-pad">{t('bluetooth.nothingYet')}</p>
          ) : (
            <ul className="mg-card mg-list" aria-label={t('bluetooth.now')}>
              {latest.map((reading) => (
                <Latest key={`${reading.code} ${reading.unit}`} reading={reading} />
              ))}
            </ul>
          )}
          <Strange view={view} />
        </div>
      </Section>
      {(preview.count > 0 || preview.repeats > 0 || view.saved > 0 || view.waits > 0 || view.unsaved > 0) && (
        <Section title={t('bluetooth.saving')}>
          <Saving {...props} />
        </Section>
      )}
    </>
  )
}

const LINES = { connecting: 'mg-warn', on: 'mg-good', ended: 'mg-device-gone' } as const

function Latest({ reading }: { reading: Reading }) {
  const { flags, timeMs, code } = reading
  const remarks = listText(flags.map((flag) => t(`devices.flag_${flag}`)))
  return (
    <li className="mg-said">
      <span>{kindText(code)}</span>
      <strong className="mg-said-value">
        <bdi>{readingText(reading)}</bdi>
      </strong>
      <span className="mg-soft mg-small">
        {dayTimeText(timeMs)}
        {remarks !== '' && ` · ${remarks}`}
      </span>
    </li>
  )
}

function readingText(reading: Reading): string {
  const values = partsOf(reading)
    .slice(0, 2)
    .map(({ value }) => (value === null ? t('bluetooth.noValue') : quantityNumber(value)))
  return `${values.join('/')} ${unitText(reading.code, reading.unit)}`.trim()
}

function Strange({ view: { strange, strangeCount } }: { view: OpenDevice }) {
  if (strangeCount === 0) return null
  return (
    <details className="mg-details">
      <summary>{t('bluetooth.strange', { count: strangeCount })}</summary>
      <p>{t('bluetooth.strangeText')}</p>
      <ul className="mg-device-works" dir="ltr">
        {strange.map(({ characteristic, bytes }, place) => (
          <li key={place} className="mg-break">
            <code>{`${hexOf([characteristic >> 8, characteristic & 255])}: ${hexOf(bytes)}`}</code>
          </li>
        ))}
      </ul>
    </details>
  )
}

const hexOf = (bytes: readonly number[]): string => bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')

function Saving({ store, view, category, onCategory }: Props) {
  const { save, chooseWhose } = useStore(store)
  const { preview, unsaved, saved, waits, isSaving, problem, goesOn, users, whose } = view
  const { kinds, repeats, otherSources, flagged } = preview
  const isAsked = users.length > 1 && whose === null
  const fits = (value: string) => users.find((user) => String(user) === value) ?? ('everybody' as const)
  return (
    <div className="mg-stack">
      <ReadingsKinds kinds={kinds} label={t('bluetooth.new')} />
      {repeats + otherSources + flagged > 0 && (
        <ul className="mg-card mg-pad mg-device-works">
          {repeats > 0 && <li>{t('bluetooth.repeats', { count: repeats })}</li>}
          {otherSources > 0 && <li>{t('readingsFile.otherSources', { count: otherSources })}</li>}
          {flagged > 0 && <li>{t('readingsFile.flagged', { count: flagged })}</li>}
        </ul>
      )}
      <div className="mg-card mg-pad mg-stack">
        {users.length > 1 && (
          <Choice
            legend={t('bluetooth.whose')}
            name="whose"
            value={whose === null ? null : String(whose)}
            options={[
              ...users.map((user) => ({ value: String(user), label: t('bluetooth.user', { number: user }) })),
              { value: 'everybody', label: t('bluetooth.everybody') },
            ]}
            onChange={(value) => chooseWhose(fits(value))}
          />
        )}
        <CategorySelect value={category} onChange={onCategory} />
        <output className="mg-block">
          {saved > 0 && (
            <strong className="mg-block">
              <IconCircleCheck size={16} aria-hidden /> {t('bluetooth.saved', { count: saved })}
            </strong>
          )}
          {waits > 0 && <span className="mg-block">{t('bluetooth.waits', { count: waits })}</span>}
          {saved + waits > 0 && unsaved === 0 && <span className="mg-block">{t('bluetooth.allSafe')}</span>}
        </output>
        {unsaved > 0 && <p>{t('bluetooth.unsaved', { count: unsaved })}</p>}
        <p className="mg-soft">{t(goesOn ? 'bluetooth.goesOn' : 'bluetooth.compares')}</p>
        {problem !== null && (
          <ProblemNotice problem={problem} what={t('readingsFile.notSaved')} onRetry={() => void save(category)} />
        )}
        <div className="mg-row">
          {unsaved > 0 && (
            <Button loading={isSaving} disabled={isAsked} onClick={() => void save(category)}>
              {t('readingsFile.save', { count: unsaved })}
            </Button>
          )}
          {saved > 0 && (
            <Link to={{ name: 'trends' }} className="mg-button-link">
              {t('trends.title')}
            </Link>
          )}
        </div>
      </div>
    </div>
  )
}
