import { TextInput } from '@mantine/core'
import { FieldError } from '../app/Choice.tsx'
import { t } from '../words/language.ts'
import type { ShareDraft } from './share-draft.ts'

type Days = Pick<ShareDraft, 'from' | 'until'>

/** First and last day that records are about; either may be empty. */
export function DaysFields(props: {
  draft: Days
  error: string | undefined
  onChange: (change: Partial<Days>) => void
}) {
  const { draft, error, onChange } = props
  return (
    <div className="mg-stack" id="share-days" tabIndex={-1}>
      <p className="mg-soft mg-small">{t('shareDays.hint')}</p>
      <div className="mg-row">
        {(['from', 'until'] as const).map((end) => (
          <TextInput
            key={end}
            className="mg-day"
            type="date"
            label={t(`shareDays.${end}`)}
            value={draft[end]}
            onChange={(event) => onChange({ [end]: event.currentTarget.value })}
          />
        ))}
      </div>
      {error !== undefined && <FieldError text={error} />}
    </div>
  )
}
