import { Button, TextInput } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { saveToDisk } from '../records/save-to-disk.ts'
import { t } from '../words/language.ts'
import { drawGroup, isGroup } from './recovery-draft.ts'

/** A new kit, shown once. It counts only after one of its groups came back from the copy that somebody made of it. */
export function KitSheet(props: {
  kit: string
  /** Share code of whose account it brings back. */
  home: string
  isSending: boolean
  onConfirmed: () => void
  onCancel: () => void
}) {
  const { kit, home } = props
  const [number] = useState(() => drawGroup(kit))
  const [typed, setTyped] = useState('')
  const [isWrong, setIsWrong] = useState(false)
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const sheet = [t('recovery.kitTitle'), kit, t('recovery.kitUse'), `${t('recovery.sheetCode')}: ${home}`]
  return (
    <form
      noValidate
      className="mg-card mg-pad mg-stack mg-form"
      onSubmit={(event) => {
        event.preventDefault()
        const isRight = isGroup(kit, number, typed)
        setIsWrong(!isRight)
        if (isRight) props.onConfirmed()
      }}
    >
      <div className="mg-kit mg-stack">
        <h2 ref={heading} tabIndex={-1}>
          {t('recovery.kitTitle')}
        </h2>
        <p className="mg-code mg-kit-code" dir="ltr" data-testid="kit" aria-label={t('recovery.kitCode')}>
          {kit.split('-').map((group, place) => (
            <span key={place} className="mg-kit-group">
              {group}
            </span>
          ))}
        </p>
        <p>{t('recovery.kitUse')}</p>
        <p className="mg-soft mg-small">{t('recovery.sheetCode')}</p>
        <p className="mg-code" dir="ltr">
          {home}
        </p>
      </div>
      <p>
        <strong>{t('recovery.kitOnce')}</strong>
      </p>
      <div className="mg-row">
        <Button variant="default" onClick={() => window.print()}>
          {t('recovery.print')}
        </Button>
        <Button
          variant="default"
          onClick={() => saveToDisk(new TextEncoder().encode(`${sheet.join('\n\n')}\n`), 'medguard-recovery-kit.txt')}
        >
          {t('recovery.download')}
        </Button>
      </div>
      <TextInput
        label={t('recovery.typeBack', { number })}
        description={t('recovery.typeBackHint')}
        value={typed}
        error={isWrong ? t('recovery.typeBackWrong', { number }) : undefined}
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        dir="ltr"
        className="mg-day"
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      <div className="mg-row">
        <Button type="submit" loading={props.isSending}>
          {t('recovery.save')}
        </Button>
        <Button variant="default" disabled={props.isSending} onClick={props.onCancel}>
          {t('page.cancel')}
        </Button>
      </div>
    </form>
  )
}
