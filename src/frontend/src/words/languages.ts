import { en } from './en.ts'

/** What a language file holds: texts by area and name. */
export type Texts = Readonly<Record<string, Readonly<Record<string, string>>>>

interface LanguageInfo {
  /** As its own readers call it. */
  readonly name: string
  readonly dir: 'ltr' | 'rtl'
  readonly load: () => Promise<Texts> | Texts
}

/** A new language is a file beside this one and a line here. English comes with the page, the others when they are chosen. */
export const LANGUAGES = {
  en: { name: 'English', dir: 'ltr', load: () => en },
  cs: { name: 'Čeština', dir: 'ltr', load: async () => (await import('./cs.ts')).cs },
  ar: { name: 'العربية', dir: 'rtl', load: async () => (await import('./ar.ts')).ar },
} as const satisfies Record<string, LanguageInfo>

export type Language = keyof typeof LANGUAGES
export const LANGUAGE_TAGS = Object.keys(LANGUAGES) as readonly Language[]

export const isLanguage = (tag: string | null | undefined): tag is Language =>
  typeof tag === 'string' && Object.hasOwn(LANGUAGES, tag)

/** The first language of the browser that there is a file for; English when there is none. */
export function languageFor(wanted: readonly string[]): Language {
  return wanted.map((tag) => tag.split('-')[0]?.toLowerCase()).find(isLanguage) ?? 'en'
}

/**
 * Names the conventions of dates and numbers: those of the reader's region where the browser names one with this language. Days are counted
 * in the calendar of the clinic, and digits are the ones that results and doses are written with: two sets of digits on one page are misread.
 */
export function localeFor(language: Language, wanted: readonly string[]): string {
  const regional = wanted.find((tag) => tag.split('-')[0]?.toLowerCase() === language)
  const plain = language === 'en' ? 'en-GB' : language
  const known = regional !== undefined && Intl.DateTimeFormat.supportedLocalesOf([regional]).length > 0
  return new Intl.Locale(known ? regional : plain, { calendar: 'gregory', numberingSystem: 'latn' }).toString()
}
