// JSON as somebody else wrote it. `JSON.parse` takes a name that stands twice in one object, a million brackets and `__proto__`; a record of health must
// mean the same to everybody who reads it (FHIR R4, json.html: names are unique), so all of that is refused here, with its place.

export type Json = unknown

/** A whole patient of Synthea's has 4 MB; four bytes of memory for each of them are still bearable. */
export const JSON_BYTES_MAX = 64 * 1024 * 1024
/** Objects and lists in each other. FHIR needs a dozen, a questionnaire's groups some more. */
export const JSON_DEPTH_MAX = 64

export interface JsonProblem {
  readonly code: 'notText' | 'tooLarge' | 'syntax' | 'tooDeep' | 'duplicateName' | 'forbiddenName' | 'notFinite'
  /** `entry[3].resource.name`; empty where it is the whole. */
  readonly place: string
  /** In characters from the beginning. */
  readonly offset: number
}
export type JsonRead =
  | {
      readonly kind: 'read'
      readonly value: Json
      readonly text: string
      /** The very text of each `entry[].resource`, by its place in the list: writing it anew would lose the digits of `1.50`, which mean something (R4, decimal). */
      readonly entries: ReadonlyMap<number, string>
    }
  | { readonly kind: 'unreadable'; readonly problem: JsonProblem }

/** @param input bytes of UTF-8, with or without a byte order mark, or text. */
export function readJson(input: string | Uint8Array, bytesMax: number = JSON_BYTES_MAX): JsonRead {
  const problem = (code: JsonProblem['code']): JsonRead => ({
    kind: 'unreadable',
    problem: { code, place: '', offset: 0 },
  })
  if (input.length > bytesMax) return problem('tooLarge')
  let text: string
  try {
    text = typeof input === 'string' ? input : new TextDecoder('utf-8', { fatal: true }).decode(input)
  } catch {
    return problem('notText')
  }
  try {
    const reader = new Reader(text)
    return { kind: 'read', value: reader.document(), text: text.trim(), entries: reader.entries }
  } catch (error) {
    if (error instanceof Unreadable) return { kind: 'unreadable', problem: error.problem }
    throw error
  }
}

class Unreadable extends Error {
  override readonly name = 'Unreadable'
  readonly problem: JsonProblem
  constructor(problem: JsonProblem) {
    super(problem.code)
    this.problem = problem
  }
}

const SPACE = /[ \t\n\r]*/y
/** What ends a string, begins an escape or may not stand in one. */
const NOTABLE = /["\\]|[^ -\u{10ffff}]/gu
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORDS: Readonly<Record<string, Json>> = { true: true, false: false, null: null }
const WORD = /true|false|null/y

class Reader {
  readonly entries = new Map<number, string>()
  private readonly text: string
  private at = 0
  private depth = 0
  private readonly path: (string | number)[] = []
  constructor(text: string) {
    this.text = text
  }

  document(): Json {
    const value = this.value()
    this.space()
    if (this.at < this.text.length) throw this.wrong('syntax')
    return value
  }

  private value(): Json {
    this.space()
    const start = this.at
    const value = this.bare()
    const [list, index, name, ...deeper] = this.path
    if (name === 'resource' && list === 'entry' && typeof index === 'number' && deeper.length === 0)
      this.entries.set(index, this.text.slice(start, this.at))
    return value
  }

  private bare(): Json {
    switch (this.text[this.at]) {
      case '{':
        return this.object()
      case '[':
        return this.list()
      case '"':
        return this.string()
      default:
        return this.word()
    }
  }

  private object(): Json {
    const found: Record<string, Json> = {}
    this.enter()
    if (this.next('}')) return this.leave(found)
    do {
      this.space()
      if (this.text[this.at] !== '"') throw this.wrong('syntax')
      const name = this.string()
      this.path.push(name)
      // Not a name that FHIR has, and one that changes what an object is.
      if (name === '__proto__') throw this.wrong('forbiddenName')
      if (Object.hasOwn(found, name)) throw this.wrong('duplicateName')
      if (!this.next(':')) throw this.wrong('syntax')
      found[name] = this.value()
      this.path.pop()
    } while (this.next(','))
    if (!this.next('}')) throw this.wrong('syntax')
    return this.leave(found)
  }

  private list(): Json {
    const found: Json[] = []
    this.enter()
    if (this.next(']')) return this.leave(found)
    do {
      this.path.push(found.length)
      found.push(this.value())
      this.path.pop()
    } while (this.next(','))
    if (!this.next(']')) throw this.wrong('syntax')
    return this.leave(found)
  }

  private enter(): void {
    if (this.depth === JSON_DEPTH_MAX) throw this.wrong('tooDeep')
    this.depth++
    this.at++
  }
  private leave<T>(found: T): T {
    this.depth--
    return found
  }

  private string(): string {
    const start = this.at
    let scan = start + 1
    let isPlain = true
    for (;;) {
      NOTABLE.lastIndex = scan
      const found = NOTABLE.exec(this.text)
      if (found === null || (found[0] !== '"' && found[0] !== '\\')) throw this.wrong('syntax')
      if (found[0] === '"') {
        this.at = found.index + 1
        break
      }
      isPlain = false
      scan = found.index + 2
    }
    if (isPlain) return this.text.slice(start + 1, this.at - 1)
    try {
      return String(JSON.parse(this.text.slice(start, this.at)))
    } catch {
      throw this.wrong('syntax') // an escape that is none
    }
  }

  private word(): Json {
    const word = this.taken(WORD)
    if (word !== '') return WORDS[word]
    const digits = this.taken(NUMBER)
    if (digits === '') throw this.wrong('syntax')
    const number = Number(digits)
    if (!Number.isFinite(number)) throw this.wrong('notFinite')
    return number
  }

  private taken(pattern: RegExp): string {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)?.[0] ?? ''
    this.at += found.length
    return found
  }
  private space(): void {
    this.taken(SPACE)
  }
  private next(mark: string): boolean {
    this.space()
    if (this.text[this.at] !== mark) return false
    this.at++
    return true
  }

  private wrong(code: JsonProblem['code']): Unreadable {
    return new Unreadable({ code, place: placeOf(this.path), offset: this.at })
  }
}

/** As FHIRPath writes it. */
export const placeOf = (path: readonly (string | number)[]): string =>
  path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('')
