import {
  IconAlertTriangle,
  IconFlask,
  IconHeartbeat,
  IconPill,
  IconStethoscope,
  IconVaccine,
} from '@tabler/icons-react'
import { useContext } from 'react'
import { t } from '../words/language.ts'
import type { FhirFact, ToldType } from './fhir-facts.ts'
import type { FhirRow } from './fhir-reading.ts'
import { Flag } from './Flag.tsx'
import { Term } from './Term.tsx'
import { ShownVersion } from './shown-version.ts'

const ICONS = {
  AllergyIntolerance: IconAlertTriangle,
  Condition: IconStethoscope,
  MedicationStatement: IconPill,
  MedicationRequest: IconPill,
  Immunization: IconVaccine,
  Observation: IconFlask,
} as const satisfies Record<ToldType, unknown>

/** One allergy, medicine, vaccination, result or measurement: what it is, its value, and what there is to know of its kind. */
export function ResourceView(props: { type: ToldType; row: FhirRow; facts: readonly FhirFact[] }) {
  const { type, row, facts } = props
  const isVital = type === 'Observation' && row.parts.length > 0
  const version = useContext(ShownVersion)
  const name = [row.what, ...(version === null ? [] : [t('recordPage.version', { number: version })])].join(' · ')
  const Icon = isVital ? IconHeartbeat : ICONS[type]
  return (
    <section className="mg-resource" aria-label={name}>
      <p className="mg-resource-what">
        <Icon size={24} stroke={1.6} aria-hidden />
        <span>
          <strong>
            <Term code={row.code}>
              <bdi>{row.what}</bdi>
            </Term>
          </strong>
          {row.code !== null && <span className="mg-fhir-note">{row.code}</span>}
        </span>
      </p>
      {type === 'Observation' && (
        <div className="mg-resource-value">
          <bdi>{row.value}</bdi>
          {row.flag !== null && <Flag flag={row.flag} />}
          {row.parts.map((part) => (
            <p key={part.what}>
              <span className="mg-soft">
                <bdi>{part.what}</bdi>
              </span>{' '}
              <bdi>{part.value}</bdi>
            </p>
          ))}
        </div>
      )}
      <dl className="mg-facts">
        {facts.map(({ label, value }) => (
          <div key={label} className="mg-fact">
            <dt>{t(label)}</dt>
            <dd className="mg-resource-fact">
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
