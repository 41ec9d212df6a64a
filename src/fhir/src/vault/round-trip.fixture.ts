import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { at, textAt } from '../json-paths.ts'

/** What docs/interoperability.md says of a vault that went out and came in again: the paths in its list. */
export function declaredChanges(): string[] {
  const text = readFileSync(join(import.meta.dirname, '../../../../docs/interoperability.md'), 'utf8')
  const list = /<!-- round trip -->([\s\S]*?)<!-- end -->/.exec(text)?.[1] ?? ''
  return [...list.matchAll(/^\| `([^`]+)` \|/gm)].map(([, path = '']) => path).toSorted()
}

/** The kinds of what differs between two bundles of one vault, which hold the same in the same order: `Provenance.recorded`, `+ Bundle`, `- Consent`. */
export function differences(first: unknown, second: unknown): Set<string> {
  const found = new Set<string>()
  const { entry: before, ...shell } = first as { readonly entry: readonly unknown[] }
  const { entry: after, ...otherShell } = second as { readonly entry: readonly unknown[] }
  compare(shell, otherShell, 'Bundle', found)
  const left = byKey(before)
  const right = byKey(after)
  for (const [key, entry] of left) {
    const other = right.get(key)
    const type = textAt(entry, 'resource', 'resourceType') ?? ''
    if (other === undefined) found.add(`- ${type}`)
    else {
      const isWithoutId = at(entry, 'resource', 'id') === undefined && type !== 'Provenance'
      const holder = isWithoutId ? 'Resource without an id:' : type
      compare(at(entry, 'fullUrl'), at(other, 'fullUrl'), `${holder} fullUrl`, found)
      compare(at(entry, 'resource'), at(other, 'resource'), type, found)
    }
  }
  for (const [key, entry] of right) if (!left.has(key)) found.add(`+ ${textAt(entry, 'resource', 'resourceType')}`)
  return found
}

/** What an entry is in both: a clinical resource by its content, what was made about a record by the record's title. */
function byKey(entries: readonly unknown[]): Map<string, unknown> {
  const found = new Map<string, unknown>()
  for (const entry of entries) {
    const type = textAt(entry, 'resource', 'resourceType') ?? ''
    const own = textAt(entry, 'resource', 'description') ?? textAt(entry, 'resource', 'entity', 0, 'what', 'display')
    const isMade = ['DocumentReference', 'Provenance', 'Patient', 'Consent', 'AuditEvent'].includes(type)
    const made =
      own ?? textAt(entry, 'resource', 'identifier', 0, 'value') ?? textAt(entry, 'resource', 'subtype', 1, 'code')
    const key = `${type} ${isMade && made !== null ? made : JSON.stringify(at(entry, 'resource'))}`
    // Two of the same title are told apart by their order.
    let name = key
    for (let again = 2; found.has(name); again++) name = `${key} ${again}`
    found.set(name, entry)
  }
  return found
}

function compare(first: unknown, second: unknown, path: string, found: Set<string>): void {
  if (Array.isArray(first) && Array.isArray(second)) {
    if (first.length !== second.length) found.add(path)
    else first.forEach((each, i) => compare(each, second[i], path, found))
  } else if (typeof first === 'object' && typeof second === 'object' && first !== null && second !== null) {
    for (const name of new Set([...Object.keys(first), ...Object.keys(second)]))
      compare(at(first, name), at(second, name), `${path}.${name}`, found)
  } else if (first !== second) found.add(path)
}
