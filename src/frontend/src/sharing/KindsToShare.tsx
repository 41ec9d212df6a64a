import { t } from '../words/language.ts'
import { DaysFields } from './DaysFields.tsx'
import { KindTicks } from './KindTicks.tsx'
import { isOfDays, type ShareDraft } from './share-draft.ts'

/** Kinds, the days that they are held to, and whether more may be added to them. */
export function KindsToShare(props: {
  draft: ShareDraft
  errorDays: string | undefined
  onChange: (change: Partial<ShareDraft>) => void
}) {
  const { draft, onChange } = props
  return (
    <>
      <KindTicks categories={draft.categories} onChange={(categories) => onChange({ categories })} />
      <details className="mg-details" open={isOfDays(draft)}>
        <summary>{t('shareDays.legend')}</summary>
        <DaysFields draft={draft} error={props.errorDays} onChange={onChange} />
      </details>
      {!isOfDays(draft) && <MayAdd mayAdd={draft.mayAdd} onChange={(mayAdd) => onChange({ mayAdd })} />}
    </>
  )
}

export function MayAdd({ mayAdd, onChange }: { mayAdd: boolean; onChange: (mayAdd: boolean) => void }) {
  return (
    <label className="mg-choice">
      <input
        type="checkbox"
        aria-label={t('changeShare.mayAdd')}
        checked={mayAdd}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      <span className="mg-choice-text">
        <span className="mg-choice-label">{t('changeShare.mayAdd')}</span>
        <span className="mg-choice-hint">{t('shareAdds.hint')}</span>
      </span>
    </label>
  )
}
