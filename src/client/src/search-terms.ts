// Words as people look for them: without accents, in small letters, with one spelling for what keyboards and authors write in several ways.

/** Letters that Unicode does not take apart, and those that Arabic authors write in two ways. */
const ALIKE: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ł: 'l',
  þ: 'th',
  ı: 'i',
  ى: 'ي',
  ة: 'ه',
  ٱ: 'ا',
  ـ: '',
}
const ALIKE_PATTERN = new RegExp(`[${Object.keys(ALIKE).join('')}]`, 'gu')
const MARKS = /\p{M}/gu
const BETWEEN_WORDS = /[^\p{L}\p{N}]+/u
/** Most of a list is plain: there is nothing to take off, and of what is between words less to look at. */
const PLAIN = /^[\x20-\x7e]*$/
const BETWEEN_PLAIN_WORDS = /[^a-z0-9]+/
/** As often as it is there: nobody can tell the article from a word that begins like it, and both are written. */
const ARABIC_ARTICLE = /^(?:ال)+(?=\p{L}{3})/u
/** Digits of other scripts, ten in a row each, as far as Unicode has them where patients write them. */
const DIGIT_ZEROS = [0x660, 0x6f0, 0x966]

/** Text without accents and marks, in small letters; `Žaludeční` and `zaludecni` are one. */
export function folded(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase()
  const plain = text.normalize('NFKD').toLowerCase().replaceAll(MARKS, '')
  return plain
    .replaceAll(ALIKE_PATTERN, (letter) => ALIKE[letter] ?? letter)
    .replaceAll(/[\u0660-\u0669\u06F0-\u06F9\u0966-\u096F]/gu, (digit) => {
      const code = digit.codePointAt(0) ?? 0
      return String(code - (DIGIT_ZEROS.find((zero) => code >= zero && code <= zero + 9) ?? code))
    })
}

/** The words of a text, folded; Arabic ones without the article. */
export function termsOf(text: string): string[] {
  const plain = folded(text)
  if (PLAIN.test(plain)) return plain.split(BETWEEN_PLAIN_WORDS).filter((word) => word !== '')
  return plain
    .split(BETWEEN_WORDS)
    .filter((word) => word !== '')
    .map((word) => word.replace(ARABIC_ARTICLE, ''))
}

/** Of larger contents nothing is read, and of any at most so many different words: a device keeps them. */
const CONTENT_BYTES_MAX = 2 * 2 ** 20
const TERMS_MAX = 4_000
const TERM_CHARS_MAX = 40
/** Fields of FHIR that are for machines, and the narrative, which says the others again. */
const NOT_READ: ReadonlySet<string> = new Set([
  'system',
  'reference',
  'url',
  'fullUrl',
  'id',
  'versionId',
  'div',
  'data',
  'hash',
])

/** The different words of a content that is text or FHIR, folded and separated by spaces; null for what has no words to read. */
export function wordsOf(mediaType: string, bytes: Uint8Array): string | null {
  const [type = ''] = mediaType.toLowerCase().split(';')
  const isJson = /^application\/([\w.+-]+\+)?json$/.test(type)
  if ((!isJson && !type.startsWith('text/')) || bytes.length > CONTENT_BYTES_MAX) return null
  const text = new TextDecoder().decode(bytes)
  const terms = new Set<string>()
  for (const term of termsOf(isJson ? textsOf(text).join(' ') : text)) {
    if (term.length <= TERM_CHARS_MAX) terms.add(term)
    if (terms.size === TERMS_MAX) break
  }
  return terms.size === 0 ? null : [...terms].join(' ')
}

/** Every text that a document of JSON has for people, in its order; for what is none, the text itself. */
function textsOf(json: string): string[] {
  let root: unknown
  try {
    root = JSON.parse(json)
  } catch {
    return [json]
  }
  const texts: string[] = []
  // A list of what is still to be read, not a function that calls itself: a document may be as deep as it is long.
  const open: unknown[] = [root]
  while (open.length > 0) {
    const value = open.pop()
    if (typeof value === 'string') texts.push(value)
    else if (Array.isArray(value)) for (const item of (value as unknown[]).toReversed()) open.push(item)
    else if (typeof value === 'object' && value !== null)
      open.push(
        ...Object.entries(value)
          .flatMap(([name, field]) => (NOT_READ.has(name) ? [] : [field as unknown]))
          .toReversed(),
      )
  }
  return texts
}
