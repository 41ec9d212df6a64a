import { stableUuid } from '../summary/stable-uuid.ts'
import { at, isResource, type Resource, textAt } from '../json-paths.ts'

/** A resource, and the names by which those beside it mean it. */
export interface Named {
  readonly resource: Resource
  readonly names: readonly string[]
}

/**
 * Resources that a document holds as a bundle of their own, under ids that the same document gives again: what is imported twice is there once.
 *
 * @param seed of this document alone, for instance its hash.
 */
export function readdressed(all: readonly Named[], seed: string): Resource {
  const urls = new Map<string, string>()
  const ids = all.map((_, i) => stableUuid(`${seed} ${i}`))
  all.forEach(({ names }, i) => names.forEach((name) => urls.set(name, `urn:uuid:${ids[i]}`)))
  const entry = all.map(({ resource }, i) => {
    const copy = withUrls(resource, urls)
    return { fullUrl: `urn:uuid:${ids[i]}`, resource: isResource(copy) ? { ...copy, id: ids[i] } : copy }
  })
  return { resourceType: 'Bundle', type: 'collection', entry }
}

function withUrls(json: unknown, urls: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(json)) return json.map((each) => withUrls(each, urls))
  if (typeof json !== 'object' || json === null) return json
  const url = urls.get(textAt(json, 'reference') ?? '')
  const copied = Object.entries(json).map(([name, value]) => [name, withUrls(value, urls)] as const)
  return {
    ...Object.fromEntries(copied),
    ...(url === undefined || at(json, 'reference') === url ? {} : { reference: url }),
  }
}
