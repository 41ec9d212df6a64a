import { refusalOf, refuse } from '@medguard/protocol'
import type { NamedPerson, NameMethods } from './names-api.ts'
import { Refused } from './outcome.ts'
import type { SealedMemory } from './search-api.ts'
import { type BookOf, createSealedBook } from './sealed-book.ts'
import type { Session } from './session.ts'

export const NAMED_MAX = 1_000
export const NAME_CHARS_MAX = 80
// oxlint-disable-next-line no-control-regex
const MISLEADING = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/
const SHARE_CODE = /^[a-z2-7]{1,5}(-[a-z2-7]{1,5}){1,12}$/

interface NameBook {
  /** Later first; an empty name was taken back here. */
  readonly people: readonly NamedPerson[]
}

const isSound = (value: unknown): value is NamedPerson =>
  typeof value === 'object' &&
  value !== null &&
  'code' in value &&
  'name' in value &&
  typeof value.code === 'string' &&
  SHARE_CODE.test(value.code) &&
  typeof value.name === 'string' &&
  Array.from(value.name).length <= NAME_CHARS_MAX &&
  !MISLEADING.test(value.name)

/** Whether a name can be kept for that code as it is. */
export const isFitName = (person: NamedPerson): boolean => isSound({ ...person, name: person.name.trim() })

const withPerson = (people: readonly NamedPerson[], { code, name }: NamedPerson): readonly NamedPerson[] =>
  [{ code, name: name.trim() }, ...people.filter((each) => each.code !== code)].slice(0, NAMED_MAX)

/** Exported for tests of the format. */
export const NAME_BOOK: BookOf<NameBook> = {
  name: 'names',
  empty: { people: [] },
  encode: ({ people }) => new TextEncoder().encode(JSON.stringify({ format: 1, people })),
  decode(bytes) {
    try {
      const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
      if (typeof value !== 'object' || value === null || !('people' in value) || !Array.isArray(value.people))
        return null
      return { people: value.people.filter(isSound).slice(0, NAMED_MAX) }
    } catch {
      return null
    }
  },
  // Another tab's is the later one: nothing is known here that was not kept.
  together: (kept, known) => (kept.people.length === 0 ? known : kept),
}

export interface NameKeeping {
  readonly methods: NameMethods
  readonly all: () => Promise<readonly NamedPerson[]>
  /** Whoever has a name here, or had one taken back, keeps to that. */
  readonly putBack: (found: readonly NamedPerson[]) => Promise<void>
  readonly erased: () => Promise<void>
}

export function createNames(session: Session, memory: SealedMemory | null): NameKeeping {
  const book = createSealedBook(session, memory, NAME_BOOK)
  const told = () => book.now().people.filter(({ name }) => name !== '')
  const all = async () => {
    await book.change((before) => before)
    return told()
  }
  return {
    all,
    putBack: (found) =>
      book.change(({ people }) => {
        const known = new Set(people.map(({ code }) => code))
        return { people: [...people, ...found.filter(({ code }) => !known.has(code))].slice(0, NAMED_MAX) }
      }),
    methods: {
      names: () => session.unlocked(all),
      nameSomebody: (person) =>
        session.unlocked(async () => {
          if (!isFitName(person)) throw new Refused(refusalOf(refuse.badInput('name', 'format')))
          await book.change(({ people }) => ({ people: withPerson(people, person) }))
          return told()
        }),
    },
    erased: book.erased,
  }
}
