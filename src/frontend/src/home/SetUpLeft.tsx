import { isProfile, type PeopleInfo, type RecordSummary } from '@medguard/client'
import { Button } from '@mantine/core'
import { useKnown, useRouter, useServices } from '../app/context.ts'
import { Notice } from '../app/elements.tsx'
import { isRecoverySet } from '../recovery/recovery-draft.ts'
import { t } from '../words/language.ts'

/**
 * What was put off in the first run, until it is done: what brings the account back, and whom to call. What is not known is not claimed to be missing.
 *
 * @param around null while it is not known, or where it is not for the reader to set up.
 */
export function SetUpLeft(props: { around: PeopleInfo | null; records: readonly RecordSummary[] | null }) {
  const { go } = useRouter()
  const noRecovery = props.around !== null && !isRecoverySet(props.around)
  const noContacts = useHasContacts(props.records) === false
  if (!noRecovery && !noContacts) return null
  return (
    <Notice
      tone="info"
      title={t(noRecovery ? 'recovery.remind' : 'setUp.noContacts')}
      actions={
        <>
          {noRecovery && (
            <Button variant="default" onClick={() => go({ name: 'recovery' })}>
              {t('recovery.remindGo')}
            </Button>
          )}
          {noContacts && (
            <Button variant="default" onClick={() => go({ name: 'profile' })}>
              {t('setUp.nameContacts')}
            </Button>
          )}
        </>
      }
    >
      {noRecovery && <p>{t('recovery.noneText')}</p>}
      {noContacts && <p>{t(noRecovery ? 'setUp.noContactsEither' : 'setUp.noContactsText')}</p>}
    </Notice>
  )
}

/** Whether somebody is named to be called. Null while that is not known: the profile is not opened for it, which the log would have. */
function useHasContacts(records: readonly RecordSummary[] | null): boolean | null {
  const { profile, notices } = useServices()
  const told = useKnown(profile)
  const choices = useKnown(notices.report)?.choices ?? null
  if (told !== null) return (told.emergencyContacts ?? []).length > 0
  if (records === null) return null
  const stored = records.find(isProfile)
  if (stored === undefined) return false
  return choices !== null && choices.version >= stored.version ? choices.hasContacts : null
}
