import type { Category, RecordSummary } from '@medguard/client'
import { IconFiles } from '@tabler/icons-react'
import { useStore } from 'zustand'
import { useRouter, useServices } from '../app/context.ts'
import { EmptyState, Link, ListSkeleton, Notice, Page, ProblemNotice, Section } from '../app/elements.tsx'
import { PROVIDER_HOME } from '../app/routes.ts'
import { isToInbox, scopeText, stepText } from '../app/words.ts'
import { useNames } from '../sharing/use-names.ts'
import { NamePerson } from '../people/NamePerson.tsx'
import { t } from '../words/language.ts'
import { MoreRecords } from '../records/MoreRecords.tsx'
import { OpenRecord } from '../records/OpenRecord.tsx'
import { RecordFacts, recordLine } from '../records/RecordFacts.tsx'
import { listed } from '../records/record-list.ts'
import { RecordList } from '../records/RecordList.tsx'
import type { OpenGrant } from './OpenPatient.tsx'
import { mayAdd, mayRead } from './standing.ts'
import { TakeAlong, TakeRecord } from './TakeAlong.tsx'
import { usePatient } from './use-patient.ts'
import { SummarySection } from './SummarySection.tsx'

/** A patient: the summary first, then everything that is shared, then what the share says. */
export function SharedList(props: { open: OpenGrant; show: readonly Category[]; isMissing: boolean }) {
  const { go } = useRouter()
  const { share, records: store, readings } = props.open
  const { grantId } = share
  const nameOf = useNames()
  const { view: records, load } = useStore(store)
  return (
    <Page
      title={t('provider.recordsOf', { name: nameOf(share.patient) })}
      historyTitle={t('provider.shared')}
      back={{ to: PROVIDER_HOME, label: t('provider.allPatients') }}
      intro={isToInbox(share) ? t('inboxShare.youMay') : t('provider.sharedWithYou', { scope: scopeText(share.scope) })}
      actions={
        mayAdd(share) && (
          <Link to={{ name: 'patientAdd', grantId, kind: null }} className="mg-button-link">
            {t(isToInbox(share) ? 'inboxShare.send' : 'portal.add')}
          </Link>
        )
      }
    >
      {mayRead(share) && (
        <>
          <MoreRecords vault={{ of: 'grant', grantId }} store={store} />
          {records.status === 'loading' && (
            <ListSkeleton label={t('provider.fetching', { step: stepText(records.step) })} rows={5} />
          )}
          {records.status === 'failed' && (
            <ProblemNotice problem={records.problem} what={t('provider.recordsNotShown')} onRetry={() => void load()} />
          )}
          {records.status === 'ready' && props.isMissing && (
            <Notice tone="info" title={t('provider.notAmong')}>
              <Link to={{ name: 'patient', grantId, show: [] }}>{t('provider.seeThose')}</Link>
            </Notice>
          )}
        </>
      )}
      <div className="mg-patient">
        <div>
          {records.status === 'ready' && <SummarySection records={records.value} store={readings} grantId={grantId} />}
        </div>
        <div>
          {!mayRead(share) && (
            <Notice tone="info" title={t(isToInbox(share) ? 'inboxShare.sendOnly' : 'portal.addOnly')}>
              <p>{t(isToInbox(share) ? 'inboxShare.sendOnlyText' : 'portal.addOnlyText')}</p>
            </Notice>
          )}
          {records.status === 'ready' && records.value.length === 0 && (
            <EmptyState icon={<IconFiles size={28} />} title={t('provider.nothingYet')}>
              <p>{t('provider.nothingYetText')}</p>
            </EmptyState>
          )}
          {records.status === 'ready' && records.value.length > 0 && (
            <Section title={t('portal.everything')}>
              <RecordList
                records={listed(records.value)}
                show={props.show}
                onShow={(show) => go({ name: 'patient', grantId, show })}
                routeOf={({ recordId }) => ({ name: 'patientRecord', grantId, recordId })}
              />
            </Section>
          )}
        </div>
        <div>
          <Scope open={props.open} />
          <TakeAlong open={props.open} />
        </div>
      </div>
    </Page>
  )
}

/** What the share says, and how to ask for another one. What is not in it is not said to be there. */
function Scope({ open: { share, ...open } }: { open: OpenGrant }) {
  const { name } = usePatient(open)
  const { asking } = useServices()
  const rights = mayRead(share) ? (mayAdd(share) ? 'both' : 'read') : 'add'
  return (
    <Section title={t('portal.scope')}>
      <div className="mg-card mg-pad mg-stack">
        <dl className="mg-facts">
          <dt>{t('requests.kinds')}</dt>
          <dd>{isToInbox(share) ? t('inboxShare.toTheirs') : scopeText(share.scope)}</dd>
          <dt>{t('requests.toDo')}</dt>
          <dd>{t(`requests.${rights}`)}</dd>
          <dt>{t('share.whatFor')}</dt>
          <dd>{t(`purposes.${share.purpose}`)}</dd>
        </dl>
        {share.inPlaceOf !== undefined && <p>{t('provider.changed')}</p>}
        <p className="mg-soft mg-small">{t('portal.scopeText')}</p>
        <NamePerson code={share.patient} suggested={name ?? ''} />
        <div className="mg-row">
          <Link
            to={{ name: 'ask' }}
            className="mg-button-link"
            onGo={() => asking.form.getState().edit({ code: share.patient })}
          >
            {t('portal.askForMore')}
          </Link>
        </div>
      </div>
    </Section>
  )
}

/** One record, opened and checked. */
export function SharedRecord({ record, open }: { record: RecordSummary; open: OpenGrant }) {
  const { client } = useServices()
  const { grantId } = open.share
  // What is just sent is one's own; of what the list tells, what one deposited.
  const isOwn =
    record.depositedBy === undefined ? record.signature === undefined : record.depositedBy === client.principal
  const mayCorrect = isOwn && mayAdd(open.share) && record.mediaType === 'application/fhir+json'
  return (
    <Page
      title={record.title}
      historyTitle={t('provider.sharedOne')}
      intro={recordLine(record)}
      back={{ to: { name: 'patient', grantId, show: [] }, label: t('provider.allShared') }}
      actions={
        mayCorrect && (
          <Link to={{ name: 'patientCorrect', grantId, recordId: record.recordId }} className="mg-button-link">
            {t('forms.correct')}
          </Link>
        )
      }
    >
      <TakeRecord open={open} record={record}>
        {(after) => <OpenRecord record={record} onRefused={open.onProblem} area="provider" after={after} />}
      </TakeRecord>
      <Section title={t('records.details')}>
        <RecordFacts record={record} />
      </Section>
    </Page>
  )
}
