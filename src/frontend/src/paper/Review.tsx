import { Button, TextInput } from '@mantine/core'
import { CATEGORIES, type Category } from '@medguard/client'
import { IconEye } from '@tabler/icons-react'
import { type ReactNode, useId, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { useKnown, useServices } from '../app/context.ts'
import { Notice, ProblemNotice, Section } from '../app/elements.tsx'
import { FieldInput } from '../forms/FieldInput.tsx'
import { asked, type Field } from '../forms/form-fields.ts'
import { specOf } from '../forms/form-specs.ts'
import { lastSubject } from '../records/record-list.ts'
import { listText, t } from '../words/language.ts'
import { PaperPicture } from './PaperPicture.tsx'
import { PaperStrip } from './PaperStrip.tsx'
import type { PaperPages } from './read-paper.ts'
import { textOf } from './paper-types.ts'
import {
  type Entry,
  errorsOf,
  type PaperStores,
  type PaperView,
  type Review as Reviewed,
  SHARED_FIELDS,
} from './paper-store.ts'
import type { Proposed } from './propose.ts'

/** The paper beside what it seems to say. Only what somebody says is right is saved. */
export function Review({ stores, view }: { stores: PaperStores; view: Extract<PaperView, { status: 'review' }> }) {
  const { records } = useServices()
  const { say, change, turn, clear } = useStore(stores.paper)
  const { task, run } = useStore(stores.saving)
  const known = useKnown(records)
  const [typed, setTyped] = useState<string | null>(null)
  const [isTried, setTried] = useState(false)
  const problem = useRef<HTMLDivElement>(null)
  const { review, pages } = view
  const { entries, text } = review
  const person = typed ?? lastSubject(known) ?? ''
  const errors = isTried ? errorsOf(review) : {}
  const right = entries.filter(({ isRight }) => isRight).length
  const save = () => {
    setTried(true)
    if (Object.keys(errorsOf(review)).length > 0) {
      requestAnimationFrame(() => problem.current?.focus())
      return
    }
    void run({ person: person.trim() })
  }
  return (
    <div className="mg-paper-sides">
      <PaperPicture pages={pages} />
      <div>
        <Notice tone="warn" title={t('paper.mayBeWrong')}>
          <p>{t('paper.mayBeWrongText')}</p>
        </Notice>
        <FactsCard review={review} pages={pages} error={errors['paper']?.['title']} onSay={say} />
        <Section title={t('paper.entries')}>
          {entries.length === 0 && <p className="mg-soft">{t('paper.nothingFound')}</p>}
          <div className="mg-stack">
            {entries.map((entry) => (
              <EntryCard
                key={entry.id}
                entry={entry}
                pages={pages}
                errors={errors[entry.id]}
                onChange={(values) => change(entry.id, values)}
                onTurn={(isRight) => turn([entry.id], isRight)}
              />
            ))}
          </div>
          {entries.length > 1 && (
            <p className="mg-more">
              <Button
                variant="default"
                onClick={() =>
                  turn(
                    entries.map(({ id }) => id),
                    right < entries.length,
                  )
                }
              >
                {right < entries.length ? t('paper.tickAll', { number: entries.length }) : t('paper.tickNone')}
              </Button>
            </p>
          )}
        </Section>
        <details className="mg-card mg-pad mg-paper-text">
          <summary>{t('paper.wholeText')}</summary>
          <p dir="auto">{text.flat().map(textOf).join('\n')}</p>
        </details>
        <div className="mg-form">
          <TextInput
            label={t('add.name')}
            description={t('add.nameHint')}
            value={person}
            autoComplete="off"
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          {Object.keys(errors).length > 0 && <Notice tone="warn" title={t('paper.errors')} loud focusRef={problem} />}
          {task.status === 'failed' && (
            <ProblemNotice problem={task.problem} what={t('paper.notSaved')} onRetry={save} />
          )}
          {right < entries.length && <p className="mg-soft">{t('paper.dropped', { count: entries.length - right })}</p>}
          <div className="mg-row">
            <Button size="lg" loading={task.status === 'working'} onClick={save}>
              {right === 0 ? t('paper.saveFile') : t('paper.save', { count: right })}
            </Button>
            {task.status === 'working' ? (
              <output className="mg-soft">{t('add.saving')}</output>
            ) : (
              <Button variant="default" onClick={clear}>
                {t('paper.drop_all')}
              </Button>
            )}
          </div>
        </div>
      </div>
    </div>
  )
}

function FactsCard(props: {
  review: Reviewed
  pages: PaperPages
  error: string | undefined
  onSay: (change: Partial<Reviewed['facts']>) => void
}) {
  const { review, pages, onSay } = props
  const { facts, proposal } = review
  const id = useId()
  return (
    <Section title={t('paper.about')}>
      <Card isRight={facts.isRight} name={t('paper.about')} onTurn={(isRight) => onSay({ isRight })}>
        <PaperStrip pages={pages} place={proposal.who?.place ?? null} />
        <TextInput
          label={t('add.titleLabel')}
          description={readText(proposal.title)}
          value={facts.title}
          error={props.error}
          autoComplete="off"
          onChange={(event) => onSay({ title: event.currentTarget.value })}
        />
        <PaperStrip pages={pages} place={proposal.day?.place ?? null} />
        <TextInput
          className="mg-day"
          type="date"
          label={t('add.day')}
          description={
            <>
              {readText(proposal.day)} {proposal.day?.isUnsure === true && t('paper.whichFirst')}
            </>
          }
          value={facts.day}
          onChange={(event) => onSay({ day: event.currentTarget.value })}
        />
        <TextInput
          label={t('paper.who')}
          description={readText(proposal.who)}
          value={facts.who}
          autoComplete="off"
          onChange={(event) => onSay({ who: event.currentTarget.value })}
        />
        <div>
          <label htmlFor={id} className="mg-field-label">
            {t('add.kind')}
          </label>
          <select
            id={id}
            className="mg-select"
            value={facts.category}
            onChange={({ currentTarget: { value } }) => {
              const category: Category | undefined = CATEGORIES.find((each) => each === value)
              if (category !== undefined) onSay({ category })
            }}
          >
            {CATEGORIES.map((category) => (
              <option key={category} value={category}>
                {t(`categories.${category}`)}
              </option>
            ))}
          </select>
        </div>
      </Card>
    </Section>
  )
}

const readText = (proposed: Proposed | null): string =>
  proposed?.line === null || proposed === null ? t('paper.notRead') : t('paper.readAs', { line: proposed.line })

function EntryCard(props: {
  entry: Entry
  pages: PaperPages
  errors: Readonly<Record<string, string>> | undefined
  onChange: (values: Readonly<Record<string, string>>) => void
  onTurn: (isRight: boolean) => void
}) {
  const { entry, errors = {}, onChange, onTurn } = props
  const { kind, values, unsure, line, isRight, id } = entry
  const spec = specOf(kind)
  const hidden = SHARED_FIELDS[kind] ?? []
  // What was read, and what cannot be left out; whatever else belongs to it is added by hand once it is there.
  const fields = asked(spec, values).filter(
    ({ name, required }) =>
      !hidden.includes(name) && (required === true || (values[name] ?? '') !== '' || isRange(name)),
  )
  const shared = hidden.flatMap((name) => errors[name] ?? [])
  return (
    <Card isRight={isRight} name={spec.title(values) || t(`forms.${kind}`)} onTurn={onTurn}>
      <p className="mg-paper-line">
        <strong>{t(`forms.${kind}`)}</strong> <span dir="auto">{t('paper.readAs', { line })}</span>
      </p>
      <PaperStrip pages={props.pages} place={entry.place ?? null} />
      {unsure.length > 0 && (
        <p className="mg-paper-unsure">
          <IconEye size={18} aria-hidden /> {t('paper.lookTwice', { fields: unsureText(unsure, spec.fields) })}
        </p>
      )}
      <div className="mg-paper-fields">
        {fields.map((field) => (
          <FieldInput
            key={field.name}
            field={field}
            idPrefix={id}
            values={values}
            error={errors[field.name]}
            onChange={(value) => onChange({ [field.name]: value })}
          />
        ))}
      </div>
      {shared.length > 0 && <p className="mg-field-error">{shared[0]}</p>}
    </Card>
  )
}

const isRange = (name: string): boolean => name === 'low' || name === 'high'

function unsureText(unsure: readonly string[], fields: readonly Field[]): string {
  const names = unsure.flatMap((name) => (name === 'range' ? ['low', 'high'] : [name]))
  const labels = names.flatMap((name) => fields.find((field) => field.name === name)?.label ?? [])
  return labels.length === 0 ? t('paper.everything') : listText(labels.map((label) => t(label)))
}

/** Proposed until it is ticked, and looks so. */
function Card(props: { isRight: boolean; name: string; onTurn: (isRight: boolean) => void; children: ReactNode }) {
  return (
    <div className="mg-card mg-pad mg-stack mg-paper-card" data-right={props.isRight}>
      <p className="mg-paper-state">{t(props.isRight ? 'paper.isRight' : 'paper.isProposed')}</p>
      {props.children}
      <label className="mg-choice">
        <input
          type="checkbox"
          checked={props.isRight}
          aria-label={t('paper.tickOf', { what: props.name })}
          onChange={(event) => props.onTurn(event.currentTarget.checked)}
        />
        <span className="mg-choice-text">
          <span className="mg-choice-label">{t('paper.tick')}</span>
        </span>
      </label>
    </div>
  )
}
