import { useStore } from 'zustand'
import { useKnown, useLoadable, useServices } from '../app/context.ts'
import { Notice } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import { isDoubtful } from './doubt.ts'
import { WhoIs } from './WhoIs.tsx'

/** Who stands behind the code in the form; a warning that has to be answered where there is reason to doubt it. */
export function RecipientCheck({ code }: { code: string }) {
  const { recipients, council, sure } = useServices()
  const recipient = useKnown(recipients(code))
  useLoadable(council)
  const isDoubted = isDoubtful(recipient, useKnown(council))
  const isSure = useStore(sure, (state) => state.code === code)
  return (
    <>
      <WhoIs code={code} />
      {isDoubted && (
        <Notice tone="warn" loud title={t('recipient.doubt')}>
          <p>{t('recipient.doubtText')}</p>
          <label className="mg-choice">
            <input
              type="checkbox"
              checked={isSure}
              onChange={(event) => sure.setState({ code: event.currentTarget.checked ? code : null })}
            />
            <span className="mg-choice-text">{t('recipient.sure')}</span>
          </label>
        </Notice>
      )}
    </>
  )
}
