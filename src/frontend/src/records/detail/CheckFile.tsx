import { IconAlertTriangle, IconCircleCheck, IconFileCheck } from '@tabler/icons-react'
import { useId, useState } from 'react'
import { FileButton } from '../../app/FileButton.tsx'
import { hashOf } from '../../summary/noted.ts'
import { t } from '../../words/language.ts'

type Answer = 'checking' | 'same' | 'other' | 'unread'
const WORDS = {
  checking: 'recordPage.fileChecking',
  same: 'recordPage.fileSame',
  other: 'recordPage.fileOther',
  unread: 'recordPage.fileUnread',
} as const

/** Whether a file that somebody saved, or was sent, is what was stored, bit for bit. It is read on this device and goes nowhere. @param sha256 of the record's content. */
export function CheckFile({ sha256 }: { sha256: string }) {
  const id = useId()
  const [answer, setAnswer] = useState<Answer | null>(null)
  const check = async (file: File) => {
    setAnswer('checking')
    const hash = await hashOf(file).catch(() => null) // it was moved, or its folder is gone
    if (hash === null) return setAnswer('unread')
    setAnswer(hexOf(hash) === sha256 ? 'same' : 'other')
  }
  return (
    <div className="mg-stack">
      <div className="mg-file-field">
        <span className="mg-field-label" id={id}>
          {t('recordPage.checkFile')}
        </span>
        <span className="mg-soft mg-small">{t('recordPage.checkFileHint')}</span>
        <FileButton icon={<IconFileCheck size={20} aria-hidden />} about={id} onPick={(file) => void check(file)}>
          {t('add.choose')}
        </FileButton>
      </div>
      <output>
        {answer !== null && (
          <span className={`mg-check-file ${answer === 'other' ? 'mg-check-bad' : ''}`}>
            {answer === 'same' && <IconCircleCheck size={20} aria-hidden className="mg-good-text" />}
            {answer === 'other' && <IconAlertTriangle size={20} aria-hidden />}
            {t(WORDS[answer])}
          </span>
        )}
      </output>
    </div>
  )
}

const hexOf = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
