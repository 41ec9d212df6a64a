import type { Held, View } from '../patients/held.ts'
import type { Bundle, BundleEntry, OperationOutcomeIssue } from '../medplum.ts'
import { matching, keyOf } from './matching.ts'
import type { Include, Query } from './query.ts'
import type { Parameter } from './definitions.ts'
import { valuesOf } from './values.ts'

/** More of what belongs to a page is not sent along; the answer says so. */
const INCLUDED_MAX = 1_000

/**
 * One page of what a query finds, with what was asked for along with it.
 *
 * @param baseUrl without a slash at its end: `https://…/fhir`.
 */
export function searchPage(view: View, query: Query, at: { readonly baseUrl: string; readonly nowMs: number }): Bundle {
  const found = sorted(matching(view, query, at.nowMs), query)
  const page = found.slice(query.offset, query.offset + query.count)
  const { included, isCut } = includedWith(page, view, query)
  const linkTo = (offset: number) => {
    const search = new URLSearchParams(query.pairs.map(([name, value]) => [name, value]))
    if (offset > 0) search.set('_offset', String(offset))
    const text = search.toString()
    return `${at.baseUrl}/${query.type}${text === '' ? '' : `?${text}`}`
  }
  const link = [{ relation: 'self', url: linkTo(query.offset) }]
  if (query.count > 0) {
    const next = query.offset + query.count
    if (next < found.length) link.push({ relation: 'next', url: linkTo(next) })
    if (query.offset > 0) link.push({ relation: 'previous', url: linkTo(Math.max(0, query.offset - query.count)) })
  }
  const issues = issuesOf(query, view, isCut)
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total: found.length,
    link,
    entry: [
      ...page.map((held) => entryOf(held, 'match', at.baseUrl)),
      ...included.map((held) => entryOf(held, 'include', at.baseUrl)),
      ...(issues.length === 0 ? [] : [outcomeEntry(issues)]),
    ],
  }
}

/** Never silent: what was left out is said. */
function issuesOf({ ignored }: Query, { damaged }: View, isCut: boolean): OperationOutcomeIssue[] {
  return [
    ...ignored.map((name) => warning(`the parameter ${name.slice(0, 60)} is not known and was left out`)),
    ...(damaged === 0 ? [] : [warning(`${damaged} records fail their checks and are left out`)]),
    ...(isCut ? [warning(`more than ${INCLUDED_MAX} resources belong to this page: ask for smaller pages`)] : []),
  ]
}
const warning = (text: string): OperationOutcomeIssue => ({
  severity: 'warning',
  code: 'incomplete',
  details: { text },
})
export const outcomeEntry = (issue: OperationOutcomeIssue[]): BundleEntry => ({
  search: { mode: 'outcome' },
  resource: { resourceType: 'OperationOutcome', issue },
})

export const entryOf = ({ key, resource }: Held, mode: 'match' | 'include', baseUrl: string): BundleEntry => ({
  fullUrl: `${baseUrl}/${key}`,
  resource,
  search: { mode },
})

/** As asked for; else the newest first. What has no value for a rule comes last. */
export function sorted(found: readonly Held[], { sort }: Pick<Query, 'sort'>): Held[] {
  // Each is looked at once, not at each comparison.
  const known = found.map((held) => ({
    held,
    values: sort.map(({ parameter }) => sortValue(held, parameter)),
    updated: held.resource.meta?.lastUpdated ?? '',
  }))
  known.sort((one, other) => {
    for (const [i, { isDescending }] of sort.entries()) {
      const [a, b] = [one.values[i] ?? null, other.values[i] ?? null]
      if (a === b) continue
      if (a === null || b === null) return a === null ? 1 : -1
      return (a < b ? -1 : 1) * (isDescending ? -1 : 1)
    }
    return compareText(other.updated, one.updated) || compareText(one.held.key, other.held.key)
  })
  return known.map(({ held }) => held)
}
const compareText = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1)

function sortValue(held: Held, parameter: Parameter): string | number | null {
  const { tokens, dates, strings, references, quantities } = valuesOf(held, parameter)
  return (
    dates[0]?.fromMs ??
    quantities[0]?.value ??
    strings[0] ??
    references[0] ??
    tokens.find(({ value }) => value !== undefined)?.value ??
    null
  )
}

function includedWith(page: readonly Held[], view: View, query: Query): { included: Held[]; isCut: boolean } {
  const there = new Set(page.map(({ key }) => key))
  const included = new Map<string, Held>()
  const isWanted = ({ target }: Include, { resource }: Held) => target === null || target === resource.resourceType
  const add = (held: Held) => void (there.has(held.key) || included.set(held.key, held))
  for (const include of query.includes)
    for (const held of page) {
      if (held.resource.resourceType !== include.type) continue
      for (const reference of valuesOf(held, include.parameter).references) {
        const found = view.byKey.get(keyOf(reference))
        if (found !== undefined && isWanted(include, found)) add(found)
      }
    }
  for (const include of query.revincludes) {
    const wanted = new Set(page.filter((held) => isWanted(include, held)).map(({ key }) => key))
    for (const held of view.resources)
      if (
        held.resource.resourceType === include.type &&
        valuesOf(held, include.parameter).references.some((reference) => wanted.has(keyOf(reference)))
      )
        add(held)
  }
  const all = [...included.values()]
  return { included: all.slice(0, INCLUDED_MAX), isCut: all.length > INCLUDED_MAX }
}
