import { t } from '../words/language.ts'
import type { SimpleKey } from '../words/texts.ts'
import type { ReportSection } from './report-choice.ts'

const NAMES: Readonly<Record<ReportSection, SimpleKey>> = {
  allergies: 'portal.allergies',
  conditions: 'portal.conditions',
  medicines: 'portal.medicines',
  vaccines: 'portal.vaccines',
  results: 'report.results',
  vitals: 'report.vitals',
  contacts: 'report.contacts',
  documents: 'report.documents',
}
export const sectionText = (section: ReportSection): string => t(NAMES[section])
