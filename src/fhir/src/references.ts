import { type Json } from './json.ts'
import { at, isResource, listAt, type Resource, textAt } from './json-paths.ts'

/** Type and id at the end of a server's address (R4, references.html). */
const OF_SERVER = /^(https?:\/\/.*\/)[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}(?:\/_history\/[A-Za-z0-9.-]{1,64})?$/
const RELATIVE = /^[A-Z][A-Za-z]+\/[A-Za-z0-9.-]{1,64}$/

/**
 * Finds what a reference in a bundle means (R4, bundle.html, "Resolving references"): the entry of that address, for a relative one beside the address
 * of the entry that it stands in. Null for what is not in the bundle.
 */
export function resolver(bundle: Json): (reference: string, from: string | null) => Resource | null {
  const found = new Map<string, Resource>()
  for (const entry of listAt(bundle, 'entry')) {
    const resource = at(entry, 'resource')
    const fullUrl = textAt(entry, 'fullUrl')
    if (fullUrl !== null && isResource(resource)) found.set(fullUrl, resource)
  }
  return (reference, from) => {
    const base = RELATIVE.test(reference) ? OF_SERVER.exec(from ?? '')?.[1] : ''
    return base === undefined ? null : (found.get(`${base}${reference}`) ?? null)
  }
}
