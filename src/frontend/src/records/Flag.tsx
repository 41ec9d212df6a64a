import { IconAlertTriangle, IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { t } from '../words/language.ts'
import type { FhirFlag } from './fhir-values.ts'

/** What is remarkable about a value, in a word and by an icon, never by a colour alone. */
export function Flag({ flag }: { flag: FhirFlag }) {
  const Icon = /high/i.test(flag) ? IconArrowUp : /low/i.test(flag) ? IconArrowDown : IconAlertTriangle
  return (
    <span className="mg-badge mg-warn mg-flag">
      <Icon size={14} aria-hidden />
      {t(`fhir.${flag}`)}
    </span>
  )
}
