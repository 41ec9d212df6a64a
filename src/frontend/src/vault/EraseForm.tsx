import { Button, TextInput } from '@mantine/core'
import type { AccountInfo, ErasureReceipt } from '@medguard/client'
import { useState } from 'react'
import { useStore } from 'zustand'
import { usePage, useServices } from '../app/context.ts'
import { Notice, ProblemNotice } from '../app/elements.tsx'
import { saveToDisk } from '../records/save-to-disk.ts'
import { t } from '../words/language.ts'
import type { VaultStores } from './vault-stores.ts'

const save = (text: string, name: string) => saveToDisk(new TextEncoder().encode(text), name)

/** The end of it. A word has to be typed: nothing brings it back. */
export function EraseForm({ stores, account }: { stores: VaultStores; account: AccountInfo }) {
  const { say } = useServices()
  const { task, run } = useStore(stores.erasing)
  const [typed, setTyped] = useState('')
  const [isTried, setIsTried] = useState(false)
  const word = t('vault.eraseWord')
  const isMeant = typed.trim().toLowerCase() === word.toLowerCase()
  if (task.status === 'done') return <Erased receipt={task.value} />
  return (
    <form
      noValidate
      className="mg-card mg-pad mg-stack mg-form"
      onSubmit={(event) => {
        event.preventDefault()
        setIsTried(true)
        if (!isMeant) return
        say(t('vault.erasing'))
        void run(account)
      }}
    >
      <p>{t('vault.eraseText')}</p>
      <ul className="mg-vault-effects">
        <li>{t('vault.eraseRecords')}</li>
        <li>{t('vault.eraseShares')}</li>
        <li>{t('vault.eraseLog')}</li>
        <li>{t('vault.eraseCopies')}</li>
      </ul>
      <TextInput
        label={t('vault.eraseType', { word })}
        value={typed}
        autoComplete="off"
        error={isTried && !isMeant ? t('vault.eraseTypeMissing', { word }) : undefined}
        onChange={(event) => setTyped(event.currentTarget.value)}
      />
      {task.status === 'failed' && (
        <ProblemNotice problem={task.problem} what={t('vault.notErased')} onRetry={() => void run(account)} />
      )}
      <div className="mg-row">
        <Button type="submit" className="mg-danger-filled" loading={task.status === 'working'}>
          {t('vault.eraseGo')}
        </Button>
      </div>
    </form>
  )
}

function Erased({ receipt }: { receipt: ErasureReceipt }) {
  const { session } = usePage()
  const { evidence, text } = receipt
  const leave = useStore(session, (state) => state.leave)
  return (
    <Notice
      tone="good"
      loud
      title={t('vault.erased')}
      actions={
        <>
          <Button onClick={() => save(`${text}\n`, 'medguard-erasure.json')}>{t('vault.saveReceipt')}</Button>
          {evidence !== null && (
            <Button variant="default" onClick={() => save(evidence, 'medguard-erasure-evidence.json')}>
              {t('vault.saveEvidence')}
            </Button>
          )}
          <Button variant="default" onClick={() => void leave('signedOut')}>
            {t('shell.signOut')}
          </Button>
        </>
      }
    >
      <p>{t('vault.erasedText')}</p>
    </Notice>
  )
}
