import { Button } from '@mantine/core'
import type { RecordSummary } from '@medguard/client'
import { IconCircleCheck, IconFilePlus } from '@tabler/icons-react'
import { useStore } from 'zustand'
import { useFresh, useServices } from '../app/context.ts'
import { dayText, msOf, timeText } from '../app/dates.ts'
import { EmptyState, Link, Page } from '../app/elements.tsx'
import { FORM_ICONS } from '../forms/GuidedPage.tsx'
import { Correcting } from '../forms/CorrectPage.tsx'
import { specOf } from '../forms/form-specs.ts'
import { FORM_KINDS, type FormKind } from '../forms/form-store.ts'
import { type Done, type FormHome, RecordForm } from '../forms/RecordForm.tsx'
import { lastSubject } from '../records/record-list.ts'
import { t } from '../words/language.ts'
import { mayAdd, mayRead, type OpenGrant } from './OpenPatient.tsx'
import { useSigns } from './use-signs.ts'
import { keyHere } from './writing-stores.ts'
import '../forms/forms.css'

/** Kinds of records that can be added under a share: those of its categories; all of them where it lets into the inbox. */
export const kindsFor = ({ scope }: OpenGrant['share']): readonly FormKind[] =>
  FORM_KINDS.filter((kind) => scope.includes('inbox') || scope.includes(specOf(kind).category))

/** Which kind of record to add, or the form of one. */
export function AddToPatient({ open, kind }: { open: OpenGrant; kind: FormKind | null }) {
  const { share } = open
  const { grantId } = share
  const kinds = mayAdd(share) ? kindsFor(share) : []
  const isForm = kind !== null && kinds.includes(kind)
  return (
    <Page
      key={kind}
      title={isForm ? t(`forms.${kind}`) : t('portal.add')}
      historyTitle={t('portal.add')}
      intro={t('portal.addIntro')}
      back={
        isForm
          ? { to: { name: 'patientAdd', grantId, kind: null }, label: t('portal.add') }
          : { to: { name: 'patient', grantId, show: [] }, label: t('provider.allShared') }
      }
    >
      {isForm ? (
        <FormTo open={open} kind={kind} />
      ) : kinds.length === 0 ? (
        <EmptyState icon={<IconFilePlus size={28} />} title={t('portal.readOnly')}>
          <p>{t('portal.readOnlyText')}</p>
        </EmptyState>
      ) : (
        <ul className="mg-kinds">
          {kinds.map((one) => {
            const Icon = FORM_ICONS[one]
            return (
              <li key={one}>
                <Link to={{ name: 'patientAdd', grantId, kind: one }} className="mg-card mg-kind">
                  <Icon size={28} stroke={1.6} aria-hidden />
                  <span className="mg-kind-text">
                    <strong>{t(`forms.${one}`)}</strong>
                  </span>
                </Link>
              </li>
            )
          })}
        </ul>
      )}
    </Page>
  )
}

function FormTo({ open, kind }: { open: OpenGrant; kind: FormKind }) {
  const home = useHome(open, false)
  return <RecordForm spec={specOf(kind)} before={null} home={home} />
}

/** A newer version of what one has added oneself. */
export function CorrectOwn({ record, open }: { record: RecordSummary; open: OpenGrant }) {
  const home = useHome(open, true)
  const { grantId } = open.share
  const back = { name: 'patientRecord', grantId, recordId: record.recordId } as const
  return (
    <Page
      title={t('forms.correct')}
      intro={record.title}
      historyTitle={t('forms.correct')}
      back={{ to: back, label: t('forms.backToRecord') }}
    >
      <Correcting summary={record} back={back} form={(found) => <RecordForm {...found} home={home} />} />
    </Page>
  )
}

function useHome({ share, records }: OpenGrant, isCorrection: boolean): FormHome {
  const { writing } = useServices()
  const signs = useSigns()
  const person = useStore(records, ({ view }) => (view.status === 'ready' ? lastSubject(view.value) : null))
  return {
    flow: writing.to(share.grantId, signs),
    person,
    personLabel: t('portal.person'),
    personHint: t('portal.personHint'),
    mayBeSensitive: share.scope.includes('sensitive'),
    send: t(signs ? 'portal.signAndSend' : 'portal.send'),
    sending: t('portal.sending'),
    notSent: t('portal.notSent'),
    about: (
      <>
        {signs ? <SignedWith /> : <p>{t('portal.unsigned')}</p>}
        <p>{t('portal.kept')}</p>
      </>
    ),
    saved: (done) => <Sent {...done} grantId={share.grantId} mayOpen={mayRead(share)} isCorrection={isCorrection} />,
  }
}

function SignedWith() {
  const keys = useFresh(useServices().writing.keys)
  if (keys.status !== 'ready') return null
  const here = keyHere(keys.value)
  return <p>{here === null ? t('portal.newKey') : t('portal.signedWith', { day: dayText(msOf(here.fromNs)) })}</p>
}

function Sent(props: Done & { grantId: string; mayOpen: boolean; isCorrection: boolean }) {
  const { record, grantId } = props
  return (
    <EmptyState
      icon={<IconCircleCheck size={28} />}
      title={t('portal.sentAt', { at: timeText(props.atMs) })}
      actions={
        <>
          {!props.isCorrection && <Button onClick={props.onAnother}>{t('add.another')}</Button>}
          {props.mayOpen ? (
            <Link to={{ name: 'patientRecord', grantId, recordId: record.recordId }} className="mg-button-link">
              {t('add.open')}
            </Link>
          ) : (
            <Link to={{ name: 'patient', grantId, show: [] }} className="mg-button-link">
              {t('portal.backToPatient')}
            </Link>
          )}
        </>
      }
    >
      <p>
        {props.isCorrection
          ? t('forms.corrected', { title: record.title, version: record.version })
          : t('portal.sentText', { title: record.title })}
      </p>
    </EmptyState>
  )
}
