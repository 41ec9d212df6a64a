import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react'
import { useState } from 'react'
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
  const [answer, setAnswer] = useState<Answer | null>(null)
  const check = async (file: File) => {
    setAnswer('checking')
    const hash = await hashOf(file).catch(() => null) // it was moved, or its folder is gone
    if (hash === null) return setAnswer('unread')
    setAnswer(hexOf(hash) === sha256 ? 'same' : 'other')
  }
  return (
    <div className="mg-stack">
      <label className="mg-file-field">
        <span className="mg-field-label">{t('recordPage.checkFile')}</span>
        <span className="mg-soft mg-small">{t('recordPage.checkFileHint')}</span>
        <input
          type="file"
          onChange={({ currentTarget: { files } }) => {
            const file = files?.[0]
            if (file !== undefined) void check(file)
          }}
        />
      </label>
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
