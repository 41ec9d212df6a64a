import {
  IconAlertTriangle,
  IconFileUpload,
  IconFlask,
  IconHeartbeat,
  IconNotes,
  IconPill,
  IconStethoscope,
  IconTable,
  IconVaccine,
} from '@tabler/icons-react'
import { Link, Page } from '../app/elements.tsx'
import { t } from '../words/language.ts'
import { FORM_KINDS, type FormKind } from './form-store.ts'
import { specOf } from './form-specs.ts'
import { OwnRecordForm } from './RecordForm.tsx'
import './forms.css'

export const FORM_ICONS = {
  allergy: IconAlertTriangle,
  condition: IconStethoscope,
  medicine: IconPill,
  vaccine: IconVaccine,
  lab: IconFlask,
  vital: IconHeartbeat,
  visit: IconNotes,
}

/** Which kind of record, or the form of one. */
export function GuidedPage({ kind }: { kind: FormKind | null }) {
  if (kind === null) return <Kinds />
  return (
    <Page
      key={kind}
      title={t(`forms.${kind}`)}
      intro={t('add.intro')}
      back={{ to: { name: 'guided', kind: null }, label: t('forms.title') }}
    >
      <OwnRecordForm spec={specOf(kind)} before={null} />
    </Page>
  )
}

function Kinds() {
  return (
    <Page
      title={t('forms.title')}
      intro={t('forms.intro')}
      back={{ to: { name: 'add', as: 'file' }, label: t('records.add') }}
    >
      <ul className="mg-kinds">
        {FORM_KINDS.map((kind) => {
          const Icon = FORM_ICONS[kind]
          return (
            <li key={kind}>
              <Link to={{ name: 'guided', kind }} className="mg-card mg-kind">
                <Icon size={28} stroke={1.6} aria-hidden />
                <span className="mg-kind-text">
                  <strong>{t(`forms.${kind}`)}</strong>
                  <span className="mg-soft">{t(`forms.${kind}Hint`)}</span>
                </span>
              </Link>
            </li>
          )
        })}
        <li>
          <Link to={{ name: 'panel' }} className="mg-card mg-kind">
            <IconTable size={28} stroke={1.6} aria-hidden />
            <span className="mg-kind-text">
              <strong>{t('panel.title')}</strong>
              <span className="mg-soft">{t('panel.hint')}</span>
            </span>
          </Link>
        </li>
        <li>
          <Link to={{ name: 'add', as: 'file' }} className="mg-card mg-kind">
            <IconFileUpload size={28} stroke={1.6} aria-hidden />
            <span className="mg-kind-text">
              <strong>{t('forms.document')}</strong>
              <span className="mg-soft">{t('forms.documentHint')}</span>
            </span>
          </Link>
        </li>
      </ul>
    </Page>
  )
}
