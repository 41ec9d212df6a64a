import { isType } from '../search/definitions.ts'

export const ACCESS_REQUESTS = 'access-requests'
/** What staff do about messages: whose number is whose. */
export const STAFF = 'staff'

/** What a client may do, as SMART App Launch 2.2 writes it (create, read, update, delete, search): `system/Observation.rs`, `system/*.cruds`, `access-requests`. */
export type Scopes = ReadonlySet<string>

const SYSTEM = /^system\/(\*|[A-Z][A-Za-z]+)\.(c?r?u?d?s?)$/

export function isScope(text: string): boolean {
  const [, type, letters = ''] = SYSTEM.exec(text) ?? []
  return (
    text === ACCESS_REQUESTS ||
    text === STAFF ||
    (type !== undefined && letters !== '' && (type === '*' || isType(type)))
  )
}

/** Whether they allow one thing with one type; with `*`, that type by type is not enough. */
export const allows = (scopes: Scopes, type: string, letter: string): boolean =>
  [...scopes].some((scope) => {
    const [, of, letters = ''] = SYSTEM.exec(scope) ?? []
    return (of === '*' || of === type) && letters.includes(letter)
  })

/** The same for many things, each type looked at once. */
export function allowing(scopes: Scopes, letter: string): (type: string) => boolean {
  const known = new Map<string, boolean>()
  return (type) => {
    const isAllowed = known.get(type) ?? allows(scopes, type, letter)
    known.set(type, isAllowed)
    return isAllowed
  }
}

/** What was asked for, as far as it is registered: each scope whole or not at all, so that nobody has to guess what they were given. */
export function granted(registered: readonly string[], asked: readonly string[]): string[] {
  const own = new Set(registered)
  return asked.filter((scope) => {
    const [, type, letters = ''] = SYSTEM.exec(scope) ?? []
    return type === undefined ? own.has(scope) : Array.from(letters).every((letter) => allows(own, type, letter))
  })
}
