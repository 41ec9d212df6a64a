import { Button, TextInput } from '@mantine/core'
import { IconPencil } from '@tabler/icons-react'
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { useIfAny, useOwn } from '../app/context.ts'
import { ProblemNotice } from '../app/elements.tsx'
import { shortCode } from '../app/words.ts'
import { t } from '../words/language.ts'
import { createNaming, isUnfit, nameIn } from './names.ts'
import './names.css'

/** Lets the reader give somebody a name. @param suggested what they are called where they told it themselves. */
export function NamePerson({ code, suggested = '' }: { code: string; suggested?: string }) {
  const { client, names, say } = useOwn()
  const [isOpen, setOpen] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const opener = useRef<HTMLButtonElement>(null)
  const wasOpen = useRef(false)
  useEffect(() => {
    if (isOpen) input.current?.focus()
    else if (wasOpen.current) opener.current?.focus() // where the reader was before
    wasOpen.current = isOpen
  }, [isOpen])
  const [naming] = useState(() =>
    createNaming(client, names, (name) => {
      say(name === '' ? t('names.removed') : t('names.saved', { name }))
      setOpen(false)
    }),
  )
  const { task, run, reset } = useStore(naming)
  const known = nameIn(useIfAny(names), code)
  const [name, setName] = useState('')
  const open = () => {
    reset()
    setName(known ?? suggested)
    setOpen(true)
  }
  if (!isOpen) {
    const what = t(known === null ? 'names.give' : 'names.change')
    return (
      <button
        ref={opener}
        type="button"
        className="mg-name-open"
        onClick={open}
        aria-label={t('names.of', { what, code: shortCode(code) })}
      >
        <IconPencil size={16} aria-hidden />
        {what}
      </button>
    )
  }
  const wrong = isUnfit({ code, name })
  const save = () => {
    if (!wrong) void run({ code, name })
  }
  // It stands in forms of others, where Enter would send those.
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.nativeEvent.isComposing) return
    event.preventDefault()
    save()
  }
  return (
    <div className="mg-name-form">
      <TextInput
        ref={input}
        label={t('names.label')}
        description={t('names.hint')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        error={wrong ? t('names.wrong') : undefined}
        autoComplete="off"
        onKeyDown={onKey}
      />
      <div className="mg-name-actions">
        <Button onClick={save} loading={task.status === 'working'}>
          {t('names.save')}
        </Button>
        <Button variant="default" onClick={() => setOpen(false)}>
          {t('share.back')}
        </Button>
      </div>
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('names.notSaved')} />}
    </div>
  )
}
