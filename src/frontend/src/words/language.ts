import { createStore } from 'zustand/vanilla'
import { en } from './en.ts'
import { type Language, LANGUAGES, languageFor, isLanguage, localeFor, type Texts } from './languages.ts'
import type { PlainKey, TextKey, Values } from './texts.ts'

// Which language the page speaks, and its texts. `t` works anywhere; what is on the screen follows because the page is drawn anew from
// its root when the language changes (main.tsx). So a text is asked for where it is shown, and never kept in a constant of a module.

export interface LanguageState {
  readonly language: Language
  /** For Intl: language, region, calendar and digits. */
  readonly locale: string
  readonly dir: 'ltr' | 'rtl'
  /** The file of this language is on its way, or did not come: the page stays in the language it has. */
  readonly pending: { readonly language: Language; readonly failed: boolean } | null
}

const stateOf = (language: Language, wanted: readonly string[]): LanguageState => ({
  language,
  locale: localeFor(language, wanted),
  dir: LANGUAGES[language].dir,
  pending: null,
})

let wanted: readonly string[] = []
export const languageStore = createStore<LanguageState>()(() => stateOf('en', wanted))

const OTHER_WAY = {
  ltr: /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/u,
  rtl: /(?![\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc])[\p{L}\p{N}]/u,
} as const

/** Text of another direction stays together: without the marks around it, its ends and the words beside it change places. */
function isolated(text: string): string {
  return OTHER_WAY[languageStore.getState().dir].test(text) ? `\u2068${text}\u2069` : text
}

/** What the platform makes for a language, once: making it takes longer than using it. */
function madeOnce<Made>(make: (locale: string) => Made): () => Made {
  let last: { readonly locale: string; readonly made: Made } | null = null
  return () => {
    const { locale } = languageStore.getState()
    if (last?.locale !== locale) last = { locale, made: make(locale) }
    return last.made
  }
}
const plainNumbers = madeOnce((locale) => new Intl.NumberFormat(locale))
const lists = madeOnce((locale) => new Intl.ListFormat(locale, { type: 'conjunction' }))
const order = madeOnce((locale) => new Intl.Collator(locale, { numeric: true }))

/** A number as the reader writes it. */
export const numberText = (value: number, options?: Intl.NumberFormatOptions): string =>
  (options === undefined ? plainNumbers() : new Intl.NumberFormat(languageStore.getState().locale, options)).format(
    value,
  )

/** `a`, `a and b`, `a, b and c`. */
export const listText = (parts: readonly string[]): string => lists().format(parts.map(isolated))

/** For sorting what is read: in the reader's alphabet, and numbers in it by what they count. */
export const compareTexts = (a: string, b: string): number => order().compare(a, b)

/** The texts that are spoken, and which form of a counted text goes with a count. */
let spoken: { readonly texts: Texts; readonly forms: Intl.PluralRules } = {
  texts: en,
  forms: new Intl.PluralRules('en'),
}

/** A text in the reader's language. Counted texts take their plural form from `count`. */
export const t = <K extends PlainKey>(key: K, ...[values]: Values<K>): string => textOf(key, values ?? {})

/** @param key the compiler knows that it is there, in every language. @param values looked at for nothing: what they say is text. */
export function textOf(key: TextKey, values: Readonly<Record<string, unknown>>): string {
  const [area = '', name = ''] = key.split('.')
  const names = spoken.texts[area] ?? {}
  const text = names[name] ?? names[`${name}_${spoken.forms.select(Number(values['count']))}`] ?? key
  return text.replaceAll(/\{\{(\w+)(?:, (lowerFirst))?\}\}/g, (_, placeholder: string, how?: string) => {
    const value = values[placeholder]
    if (typeof value === 'number') return numberText(value)
    const said = String(value)
    return isolated(
      how === undefined ? said : said.charAt(0).toLocaleLowerCase(languageStore.getState().locale) + said.slice(1),
    )
  })
}

const KEY = 'medguard.language'

/** What of the browser the language needs. */
export interface LanguageHome {
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>
  /** In the order the reader prefers. */
  readonly wanted: readonly string[]
  readonly root: Pick<HTMLElement, 'lang' | 'dir'>
}
let home: LanguageHome | null = null

/** The language chosen before in this browser, or else the browser's. */
export async function startLanguage(browser: LanguageHome): Promise<void> {
  home = browser
  wanted = browser.wanted
  const chosen = browser.storage.getItem(KEY)
  languageStore.setState(stateOf('en', wanted))
  await speak(isLanguage(chosen) ? chosen : languageFor(wanted))
}

/** The reader chose. It is kept in this browser: a language is no secret, and it is needed before anybody is signed in. */
export async function chooseLanguage(language: Language): Promise<void> {
  if (await speak(language)) home?.storage.setItem(KEY, language)
}

/** @returns false when the texts did not come, or another language was chosen meanwhile. */
async function speak(language: Language): Promise<boolean> {
  languageStore.setState({ pending: { language, failed: false } })
  const loaded = await load(language)
  if (languageStore.getState().pending?.language !== language) return false
  if (loaded === null) {
    languageStore.setState({ pending: { language, failed: true } })
    return false
  }
  spoken = { texts: loaded, forms: new Intl.PluralRules(language) }
  languageStore.setState(stateOf(language, wanted))
  const { dir } = languageStore.getState()
  if (home !== null) Object.assign(home.root, { lang: language, dir })
  return true
}

async function load(language: Language): Promise<Texts | null> {
  try {
    return await LANGUAGES[language].load()
  } catch {
    return null // no connection, or the page is older than what is served now
  }
}
