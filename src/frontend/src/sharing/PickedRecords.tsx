import type { RecordSummary } from '@medguard/client'
import { IconX } from '@tabler/icons-react'
import { useMemo } from 'react'
import { useKnown, useServices } from '../app/context.ts'
import { collapsed, standsFor } from '../devices/device-days.ts'
import { t } from '../words/language.ts'
import { useLineWords } from './picked-lines.ts'
import { RecordPicker } from './RecordPicker.tsx'
import type { ShareDraft } from './share-draft.ts'

/** Single records: those that are in, each with a way to leave it out, and all others to pick from. */
export function PickedRecords(props: {
  records: ShareDraft['records']
  onChange: (records: ShareDraft['records']) => void
}) {
  const { records, onChange } = props
  const own = useKnown(useServices().records)
  const lineWords = useLineWords()
  const lines = useMemo(() => linesOf(records, own ?? []), [records, own])
  return (
    <div className="mg-stack">
      {lines.length > 0 && (
        <ul className="mg-picked" aria-label={t('categories.shared')}>
          {lines.map(({ record, known, day, recordIds }) => {
            const { title, facts } = known === undefined ? { title: record.title, facts: null } : lineWords(known, day)
            return (
              <li key={record.recordId}>
                <span className="mg-break">
                  <bdi>{title}</bdi>
                  {facts !== null && <span className="mg-block mg-soft mg-small">{facts}</span>}
                </span>
                <button
                  type="button"
                  className="mg-icon-button"
                  aria-label={t('share.leaveOut', { title: facts === null ? title : `${title} · ${facts}` })}
                  onClick={() => onChange(records.filter(({ recordId }) => !recordIds.has(recordId)))}
                >
                  <IconX size={20} aria-hidden />
                </button>
              </li>
            )
          })}
        </ul>
      )}
      <RecordPicker chosen={records} onChange={onChange} />
    </div>
  )
}

/** As they were picked: of what a device posted one line a day. What is not among one's own records, or no longer, stands by itself. */
function linesOf(chosen: ShareDraft['records'], own: readonly RecordSummary[]) {
  const byId = new Map(own.map((record) => [record.recordId, record]))
  const { lines, days } = collapsed(chosen.flatMap(({ recordId }) => byId.get(recordId) ?? []))
  const first = new Map(
    lines.map((record) => [record.recordId, new Set(standsFor(record, days).map((each) => each.recordId))]),
  )
  return chosen.flatMap((record) => {
    const { recordId } = record
    const known = byId.get(recordId)
    const recordIds = known === undefined ? new Set([recordId]) : first.get(recordId)
    return recordIds === undefined ? [] : [{ record, known, day: days.get(recordId), recordIds }]
  })
}
