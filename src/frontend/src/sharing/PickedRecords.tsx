import { IconX } from '@tabler/icons-react'
import { t } from '../words/language.ts'
import { RecordPicker } from './RecordPicker.tsx'
import type { ShareDraft } from './share-draft.ts'

/** Single records: those that are in, each with a way to leave it out, and all others to pick from. */
export function PickedRecords(props: {
  records: ShareDraft['records']
  onChange: (records: ShareDraft['records']) => void
}) {
  const { records, onChange } = props
  return (
    <div className="mg-stack">
      {records.length > 0 && (
        <ul className="mg-picked" aria-label={t('categories.shared')}>
          {records.map(({ recordId, title }) => (
            <li key={recordId}>
              <span className="mg-break">
                <bdi>{title}</bdi>
              </span>
              <button
                type="button"
                className="mg-icon-button"
                aria-label={t('share.leaveOut', { title })}
                onClick={() => onChange(records.filter((one) => one.recordId !== recordId))}
              >
                <IconX size={20} aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
      <RecordPicker chosen={records} onChange={onChange} />
    </div>
  )
}
