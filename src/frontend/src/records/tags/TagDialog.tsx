import { isFitTag, type RecordSummary, TAG_CHARS_MAX } from '@medguard/client'
import { Button, TextInput } from '@mantine/core'
import { type SubmitEvent, useState } from 'react'
import { useStore } from 'zustand'
import { useLoadable, useServices } from '../../app/context.ts'
import { Dialog, ProblemNotice } from '../../app/elements.tsx'
import { t } from '../../words/language.ts'
import { createTagging } from './tagging.ts'

/** Gives the chosen records a tag that is there or a new one, or takes it off all of them. */
export function TagDialog({ records, onClose }: { records: readonly RecordSummary[]; onClose: () => void }) {
  const { client, tags, say } = useServices()
  const known = useLoadable(tags)
  const [name, setName] = useState('')
  const [isWrong, setWrong] = useState(false)
  const [tagging] = useState(() =>
    createTagging(client, tags, (change) => {
      say(t(change.isOn ? 'tags.given' : 'tags.taken', { name: change.name }))
      if (change.isOn) setName('')
    }),
  )
  const { task, run } = useStore(tagging)
  const recordIds = records.map(({ recordId }) => recordId)
  const all = known.status === 'ready' ? known.value : []
  const add = (event: SubmitEvent) => {
    event.preventDefault()
    setWrong(!isFitTag(name))
    if (isFitTag(name)) void run({ name, recordIds, isOn: true })
  }
  return (
    <Dialog
      title={t('tags.title', { count: records.length })}
      onClose={onClose}
      actions={<Button onClick={onClose}>{t('tags.done')}</Button>}
    >
      <p className="mg-soft">{t('tags.hint')}</p>
      {known.status === 'failed' && (
        <ProblemNotice problem={known.problem} what={t('tags.notShown')} onRetry={known.load} />
      )}
      {all.length > 0 && (
        <fieldset className="mg-set mg-chips" aria-label={t('tags.yours')}>
          {all.map((tag) => {
            const isOn = recordIds.every((id) => tag.records.includes(id))
            return (
              <button
                key={tag.id}
                type="button"
                className="mg-chip mg-break"
                aria-pressed={isOn}
                onClick={() => void run({ name: tag.name, recordIds, isOn: !isOn })}
              >
                <bdi>{tag.name}</bdi>
              </button>
            )
          })}
        </fieldset>
      )}
      <form className="mg-stack mg-tight" onSubmit={add} noValidate>
        <TextInput
          label={t('tags.label')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          error={isWrong && !isFitTag(name) ? t('tags.wrong', { max: TAG_CHARS_MAX }) : undefined}
          autoComplete="off"
        />
        <Button type="submit" variant="default" loading={task.status === 'working'}>
          {t('tags.add')}
        </Button>
      </form>
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('tags.notSaved')} />}
    </Dialog>
  )
}
