import type { RecordSummary } from '@medguard/client'
import { IconFileUpload } from '@tabler/icons-react'
import { useStore } from 'zustand'
import { useServices } from '../app/context.ts'
import { Link, Page } from '../app/elements.tsx'
import type { Sendable } from '../app/routes.ts'
import { isToInbox } from '../app/words.ts'
import { Correcting } from '../forms/CorrectPage.tsx'
import { specOf } from '../forms/form-specs.ts'
import { FORM_KINDS, type FormKind } from '../forms/form-store.ts'
import { FORM_ICONS } from '../forms/GuidedPage.tsx'
import { type FormHome, RecordForm } from '../forms/RecordForm.tsx'
import { lastSubject } from '../records/record-list.ts'
import { t } from '../words/language.ts'
import { CannotAdd } from './CannotAdd.tsx'
import { FileToPatient, kindsOpenTo } from './FileToPatient.tsx'
import type { OpenGrant } from './OpenPatient.tsx'
import { mayAdd } from './standing.ts'
import { Sent } from './Sent.tsx'
import { SignedWith } from './SignedWith.tsx'
import { useSigns } from './use-signs.ts'
import '../forms/forms.css'

/** What can be added under a share: kinds that have a form and are in it, or a file of any kind that is. */
export function sendableUnder(share: OpenGrant['share']): readonly Sendable[] {
  const kinds = mayAdd(share) ? kindsOpenTo(share) : []
  if (kinds.length === 0) return []
  return [...FORM_KINDS.filter((kind) => kinds.includes(specOf(kind).category)), 'file']
}

const ICONS = { ...FORM_ICONS, file: IconFileUpload } as const

/** What to add, or the form of it. */
export function AddToPatient({ open, kind }: { open: OpenGrant; kind: Sendable | null }) {
  const { share } = open
  const { grantId } = share
  const all = sendableUnder(share)
  const chosen = kind !== null && all.includes(kind) ? kind : null
  const toInbox = isToInbox(share)
  return (
    <Page
      key={kind}
      title={chosen === null ? t(toInbox ? 'inboxShare.send' : 'portal.add') : titleOf(chosen)}
      historyTitle={t('portal.add')}
      intro={all.length > 0 ? t(toInbox ? 'inboxShare.sendIntro' : 'portal.addIntro') : undefined}
      back={
        chosen === null
          ? { to: { name: 'patient', grantId, show: [] }, label: t('provider.allShared') }
          : { to: { name: 'patientAdd', grantId, kind: null }, label: t('portal.add') }
      }
    >
      {chosen === 'file' ? (
        <FileToPatient open={open} />
      ) : chosen !== null ? (
        <FormTo open={open} kind={chosen} />
      ) : all.length === 0 ? (
        <CannotAdd share={share} />
      ) : (
        <ul className="mg-kinds">
          {all.map((one) => {
            const Icon = ICONS[one]
            return (
              <li key={one}>
                <Link to={{ name: 'patientAdd', grantId, kind: one }} className="mg-card mg-kind">
                  <Icon size={28} stroke={1.6} aria-hidden />
                  <span className="mg-kind-text">
                    <strong>{titleOf(one)}</strong>
                    {one === 'file' && <span className="mg-soft">{t('writeBack.fileHint')}</span>}
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

const titleOf = (kind: Sendable) => (kind === 'file' ? t('writeBack.file') : t(`forms.${kind}`))

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
    flow: writing.to(share.grantId, signs).forms,
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
    saved: (done) => <Sent {...done} share={share} isCorrection={isCorrection} />,
  }
}
