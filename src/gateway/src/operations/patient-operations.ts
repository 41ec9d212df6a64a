import { isResource, type Source, summaryOf } from '@medguard/fhir'
import { badInput, notFound } from '../faults.ts'
import type { Bundle } from '../medplum.ts'
import { dateRange } from '../search/date-ranges.ts'
import { isType } from '../search/definitions.ts'
import { COUNT_MAX, type Pair } from '../search/query.ts'
import { entryOf, sorted } from '../search/searching.ts'
import type { VaultRepository } from '../repository/vault-repository.ts'

/** All that is shared of one patient, in pages. */
export async function everything(repository: VaultRepository, id: string, pairs: readonly Pair[]): Promise<Bundle> {
  const wanted = wantedOf(pairs)
  const { baseUrl } = repository.access
  const view = await repository.visible([id], 'r')
  if (!view.byKey.has(`Patient/${id}`)) throw notFound()
  const found = sorted(
    view.resources.filter(({ resource }) => {
      const { lastUpdated = '' } = resource.meta ?? {}
      const isRecent = wanted.sinceMs === null || Date.parse(lastUpdated) >= wanted.sinceMs
      return isRecent && (wanted.types === null || wanted.types.includes(resource.resourceType))
    }),
    { sort: [] },
  )
  const next = wanted.offset + wanted.count
  const linkTo = (offset: number) => {
    const words = new URLSearchParams(
      pairs.filter(([name]) => name !== '_offset').map(([name, value]) => [name, value]),
    )
    if (offset > 0) words.set('_offset', String(offset))
    return `${baseUrl}/Patient/${id}/$everything${words.size === 0 ? '' : `?${words.toString()}`}`
  }
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total: found.length,
    link: [
      { relation: 'self', url: linkTo(wanted.offset) },
      ...(next < found.length ? [{ relation: 'next', url: linkTo(next) }] : []),
    ],
    entry: found.slice(wanted.offset, next).map((held) => entryOf(held, 'match', baseUrl)),
  }
}

function wantedOf(pairs: readonly Pair[]) {
  const wanted = { types: null as string[] | null, sinceMs: null as number | null, count: COUNT_MAX, offset: 0 }
  for (const [name, value] of pairs) {
    if (name === '_type') {
      wanted.types = value.split(',')
      if (!wanted.types.every(isType)) throw badInput('_type: a type that is not served here')
    } else if (name === '_since') {
      wanted.sinceMs = dateRange(value)?.fromMs ?? null
      if (wanted.sinceMs === null) throw badInput('_since: not an instant')
    } else if (name === '_count' || name === '_offset') {
      const number = /^\d{1,6}$/.test(value) ? Number(value) : NaN
      if (Number.isNaN(number) || (name === '_count' && (number < 1 || number > COUNT_MAX)))
        throw badInput(`${name}: not a number between 1 and ${COUNT_MAX}`)
      wanted[name === '_count' ? 'count' : 'offset'] = number
    } else if (name !== '_format') throw badInput(`$everything does not know ${name.slice(0, 60)}`)
  }
  return wanted
}

/** The International Patient Summary of what is shared of one patient, made here and now. */
export async function summary(repository: VaultRepository, id: string): Promise<Bundle> {
  const view = await repository.visible([id], 'r')
  const person = view.byKey.get(`Patient/${id}`)?.resource
  if (person?.resourceType !== 'Patient') throw notFound()
  const sources = view.resources.flatMap(({ resource }): Source[] => {
    const isOf = resource.resourceType !== 'Patient' && resource.resourceType !== 'Provenance'
    const plain: unknown = resource
    return isOf && isResource(plain) ? [{ resource: plain, fullUrl: null }] : []
  })
  const [name] = Array.isArray(person.name) ? person.name : []
  const words = name?.text ?? [...(name?.given ?? []), name?.family ?? ''].join(' ').trim()
  return summaryOf(
    sources,
    {
      patientId: id,
      name: words === '' ? null : words,
      birthDate: person.birthDate ?? null,
      gender: person.gender ?? null,
    },
    repository.access.nowMs,
  )
}
