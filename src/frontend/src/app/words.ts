import { CATEGORIES, type Category, type ProgressStep, type Purpose } from '@medguard/client'
import { sizeText } from './dates.ts'
import { unreachable } from './unreachable.ts'

export const CATEGORY_WORDS: Record<Category | 'shared', { readonly label: string; readonly hint: string }> = {
  summary: { label: 'Health summary', hint: 'Conditions, allergies, an overview' },
  labs: { label: 'Lab results', hint: 'Blood, urine and other tests' },
  imaging: { label: 'Scans and images', hint: 'X-ray, ultrasound, CT, photos' },
  medicines: { label: 'Medicines', hint: 'Prescriptions, plans, vaccines' },
  documents: { label: 'Letters and documents', hint: 'Referrals, discharge letters, forms' },
  vitals: { label: 'Measurements', hint: 'Blood pressure, weight, glucose' },
  sensitive: { label: 'Sensitive', hint: 'Mental or sexual health, genetics: left out unless you tick it' },
  other: { label: 'Other', hint: 'Everything else' },
  shared: { label: 'Chosen records', hint: 'Single records, picked one by one' },
}

/** `label` in the form, `clause` at the end of "… can open it until then, …". */
export const PURPOSE_WORDS: Record<Purpose, { readonly label: string; readonly clause: string }> = {
  TREAT: { label: 'Treatment', clause: 'to treat you' },
  FAMRQT: { label: 'Family care', clause: 'to care for you as family' },
  COVERAGE: { label: 'Insurance', clause: 'to decide about insurance cover' },
  HPAYMT: { label: 'Payment', clause: 'to settle a bill' },
  HRESCH: { label: 'Research', clause: 'for research' },
  PATRQT: { label: 'Something else', clause: 'because you asked them to' },
  ETREAT: { label: 'Emergency', clause: 'to treat an emergency' },
}
/** Purposes a person can choose; emergencies have a road of their own. */
export const PURPOSES_OFFERED = [
  'TREAT',
  'FAMRQT',
  'COVERAGE',
  'HPAYMT',
  'HRESCH',
  'PATRQT',
] as const satisfies readonly Purpose[]

/** `a`, `a and b`, `a, b and c`. */
export function andText(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`
}

const SCOPE_ORDER: readonly (Category | 'shared')[] = [...CATEGORIES, 'shared']

export function scopeText(scope: readonly (Category | 'shared')[]): string {
  return andText(SCOPE_ORDER.filter((part) => scope.includes(part)).map((part) => CATEGORY_WORDS[part].label))
}

export function stepText(step: ProgressStep | null): string {
  if (step === null) return 'Starting…'
  switch (step.step) {
    case 'sealing':
      return 'Encrypting on this device…'
    case 'uploading':
      return `Sending ${sizeText(step.doneBytes)} of ${sizeText(step.totalBytes)}…`
    case 'downloading':
      return `Fetching ${sizeText(step.doneBytes)} of ${sizeText(step.totalBytes)}…`
    case 'rewrapping':
      return `Changing keys: ${step.doneRecords} of ${step.totalRecords} records…`
    case 'sharing':
      return `Sharing: ${step.doneRecords} of ${step.totalRecords} records…`
    case 'askingForKey':
      return 'Unlocking…'
    case 'asking':
      return 'Waiting for MedGuard…'
    case 'confirming':
      return 'Waiting for confirmation…'
    case 'listing':
    case 'verifying':
      return 'Checking on this device…'
    default:
      return unreachable(step)
  }
}

/** First and last group of a share code. Two codes that look alike here still differ in between: the whole code is what counts. */
export function shortCode(code: string): string {
  const groups = code.split('-')
  return groups.length < 3 ? code : `${groups[0]}…${groups[groups.length - 1]}`
}
