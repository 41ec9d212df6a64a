/** What a compartment is for (keys.md section 2, `kind`). A share bears its grant's id, an inbox its patient's. Reserved: 3 emergency summary. */
export const COMPARTMENT_KIND = { category: 1, share: 2, emergency: 3, inbox: 4 } as const

/** The eight categories, in the order of their numbers 1 to 8; all are made at enrolment so that existence tells nothing (decision 29). */
export const CATEGORIES = [
  'summary',
  'labs',
  'imaging',
  'medicines',
  'documents',
  'vitals',
  'sensitive',
  'other',
] as const
export type Category = (typeof CATEGORIES)[number]

/** @returns null for a word that names no category. */
export function categoryNumber(name: string): number | null {
  const index = (CATEGORIES as readonly string[]).indexOf(name)
  return index === -1 ? null : index + 1
}
/** @param number 1 to 8; null for anything else. */
export function categoryName(number: number): Category | null {
  return CATEGORIES[number - 1] ?? null
}

/** The bit of a category, 1 to 8, in a mask of categories. */
export const categoryBit = (category: number): number => 1 << (category - 1)
/** Category 7. No patient and nobody in their place can make less than this sensitive. */
export const SENSITIVE_ALWAYS = categoryBit(7)

/** Who may ask a patient for access, by the byte that stands for it: each lets in whom the one before does, and more. */
export const REQUESTS_FROM = ['nobody', 'known', 'verified'] as const
export type RequestsFrom = (typeof REQUESTS_FROM)[number]

/** HL7 v3 purposes of use, by the byte that stands for them in grants and leaves. 0: the owner acts. */
export const PURPOSES = ['PATRQT', 'TREAT', 'ETREAT', 'HRESCH', 'FAMRQT', 'HPAYMT', 'COVERAGE'] as const
export type Purpose = (typeof PURPOSES)[number]
export const purposeCode = (purpose: Purpose): number => PURPOSES.indexOf(purpose)

/** Rights of a grant, one bit each (decision 19). */
export const RIGHT = { list: 1, open: 2, write: 4, rewrap: 8 } as const
export type Right = keyof typeof RIGHT

/**
 * What somebody may do in the place of a patient, one bit each: a carer acts as themselves, and the log says so. `manage` is to name others, to link
 * sign-ins and to erase; only guardians of a dependant have it.
 */
export const POWER = { read: 1, write: 2, share: 4, manage: 8 } as const
export type Power = keyof typeof POWER
