// Where a value stands in the text of a JSON document. A resource out of a bundle is stored as its very text: parsing and writing it anew would lose the
// digits of `1.50`, which FHIR says have a meaning (R4, datatypes, decimal).

/** @param json valid: `JSON.parse` took it. @returns the text of each `entry[].resource`; null in place of an entry without one. */
export function resourceTexts(json: string): readonly (string | null)[] {
  const list = memberOf(json, skipSpace(json, 0), 'entry')
  if (list === null || json[list.start] !== '[') return []
  return itemsOf(json, list.start).map((start) => {
    const found = json[start] === '{' ? memberOf(json, start, 'resource') : null
    return found === null ? null : json.slice(found.start, found.end)
  })
}

interface Span {
  readonly start: number
  readonly end: number
}

/** The last member of that name, as `JSON.parse` takes it. */
function memberOf(json: string, object: number, name: string): Span | null {
  let found: Span | null = null
  let at = skipSpace(json, object + 1)
  while (json[at] === '"') {
    const keyEnd = endOfValue(json, at)
    const key: unknown = JSON.parse(json.slice(at, keyEnd))
    const start = skipSpace(json, skipSpace(json, keyEnd) + 1) // behind the colon
    const end = endOfValue(json, start)
    if (key === name) found = { start, end }
    at = skipSpace(json, end)
    if (json[at] === ',') at = skipSpace(json, at + 1)
  }
  return found
}

/** Where each item of an array begins. */
function itemsOf(json: string, array: number): number[] {
  const starts: number[] = []
  let at = skipSpace(json, array + 1)
  while (at < json.length && json[at] !== ']') {
    starts.push(at)
    at = skipSpace(json, endOfValue(json, at))
    if (json[at] === ',') at = skipSpace(json, at + 1)
  }
  return starts
}

const SPACE = /[^ \t\n\r]/g
function skipSpace(json: string, at: number): number {
  SPACE.lastIndex = at
  return SPACE.exec(json)?.index ?? json.length
}

const NOTABLE = /["{}[\]]/g
const STRING = /"(?:[^"\\]|\\.)*"/y
const PRIMITIVE = /[^,\]}\s]*/y
function endOfValue(json: string, start: number): number {
  if (json[start] === '"') return endOf(STRING, json, start)
  if (json[start] !== '{' && json[start] !== '[') return endOf(PRIMITIVE, json, start)
  let depth = 0
  let at = start
  for (;;) {
    NOTABLE.lastIndex = at
    const found = NOTABLE.exec(json)
    if (found === null) return json.length
    at = found.index
    if (found[0] === '"') {
      at = endOf(STRING, json, at)
      continue
    }
    depth += found[0] === '{' || found[0] === '[' ? 1 : -1
    at++
    if (depth === 0) return at
  }
}

function endOf(pattern: RegExp, json: string, start: number): number {
  pattern.lastIndex = start
  const found = pattern.exec(json)
  return found === null ? json.length : start + found[0].length
}
