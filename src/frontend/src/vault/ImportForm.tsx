import { Button, Textarea } from '@mantine/core'
import { archiveKeyFromText } from '@medguard/client'
import { IconFileUpload } from '@tabler/icons-react'
import { useId, useRef, useState } from 'react'
import { useStore } from 'zustand'
import { FieldError } from '../app/Choice.tsx'
import { sizeText } from '../app/dates.ts'
import { Notice, ProblemNotice } from '../app/elements.tsx'
import { FileButton } from '../app/FileButton.tsx'
import { SendingSteps } from '../app/SendingSteps.tsx'
import { t } from '../words/language.ts'
import { sourceOfFile, type VaultStores } from './vault-stores.ts'

/** Stores what an archive has. What is here already is left as it is, so it can be begun again after an interruption. */
export function ImportForm({ stores }: { stores: VaultStores }) {
  const { task, run, reset } = useStore(stores.importing)
  const id = useId()
  const [file, setFile] = useState<File | null>(null)
  const [keyText, setKeyText] = useState('')
  const [isTried, setIsTried] = useState(false)
  const stopping = useRef<AbortController | null>(null)
  const key = archiveKeyFromText(keyText.trim())
  const send = async () => {
    setIsTried(true)
    if (file === null || key === null) return
    stopping.current = new AbortController()
    await run({ key, file: sourceOfFile(file), signal: stopping.current.signal })
  }
  if (task.status === 'working') {
    return (
      <div className="mg-stack">
        <SendingSteps
          label={t('vault.importing')}
          step={task.step}
          steps={[
            { step: 'listing', label: t('vault.stepComparing') },
            { step: 'uploading', label: t('vault.stepStoring') },
          ]}
        />
        <div className="mg-row">
          <Button variant="default" onClick={() => stopping.current?.abort()}>
            {t('page.cancel')}
          </Button>
        </div>
      </div>
    )
  }
  if (task.status === 'done') {
    const { versions, skipped, hasLog } = task.value
    return (
      <Notice
        tone="good"
        loud
        title={t('vault.imported', { count: versions })}
        actions={
          <Button variant="default" onClick={reset}>
            {t('page.close')}
          </Button>
        }
      >
        {skipped > 0 && <p>{t('vault.skipped', { count: skipped })}</p>}
        {!hasLog && <p>{t('vault.noLog')}</p>}
      </Notice>
    )
  }
  return (
    <form
      noValidate
      className="mg-card mg-pad mg-stack mg-form"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <p>{t('vault.importText')}</p>
      <div className="mg-file-field">
        <span className="mg-field-label" id={id}>
          {t('vault.archive')}
        </span>
        <FileButton
          icon={<IconFileUpload size={20} aria-hidden />}
          about={id}
          isMissing={isTried && file === null}
          onPick={setFile}
        >
          {t('add.choose')}
        </FileButton>
        <output className="mg-block mg-soft mg-small mg-break">
          {file !== null && (
            <>
              <bdi>{file.name}</bdi> · {sizeText(file.size)}
            </>
          )}
        </output>
      </div>
      {isTried && file === null && <FieldError text={t('vault.archiveMissing')} />}
      <Textarea
        label={t('vault.key')}
        description={t('vault.keyHint')}
        autosize={false}
        rows={2}
        dir="ltr"
        className="mg-code-field"
        value={keyText}
        error={isTried && key === null ? t('vault.keyMissing') : undefined}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => setKeyText(event.currentTarget.value)}
      />
      {task.status === 'failed' && <ProblemNotice problem={task.problem} what={t('vault.notImported')} />}
      <div className="mg-row">
        <Button type="submit">{t('vault.importGo')}</Button>
      </div>
    </form>
  )
}
