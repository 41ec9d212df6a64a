import '../web-socket.ts'
import { type Ccda, convertCcdaToFhir, convertXmlToCcda } from '@medplum/ccda'
import { importItems, type ImportItem } from '../import/import-items.ts'
import { dayOf, plainTitle } from '../import/describe.ts'
import { isResource, listAt, at, type Resource, textAt } from '../json-paths.ts'
import { validate } from '../validation/index.ts'
import { readdressed } from './readdressed.ts'

// A C-CDA document (HL7 CDA R2, the clinical documents of American systems): kept as it is, with what of it becomes FHIR as records beside it.

const BYTES_MAX = 16 * 1024 * 1024

export interface CcdaFile {
  readonly kind: 'items'
  /** The document first. */
  readonly items: readonly ImportItem[]
  /** Sections that stay in the document alone: nobody here understands them. */
  readonly sectionsLeft: readonly string[]
  /** Entries that became no valid resource. */
  readonly entriesLeft: number
}

/** @param name of the file. @param seed of this document alone, for instance its hash. @returns null for what is no C-CDA. */
export function readCcda(bytes: Uint8Array, name: string, seed: string): CcdaFile | null {
  const ccda = bytes.length > BYTES_MAX ? null : parsed(bytes)
  if (ccda === null) return null
  const found: Resource[] = []
  const sectionsLeft: string[] = []
  const body = ccda.component?.structuredBody
  const header = converted({ ...ccda, component: undefined })
  const patient = header?.find(({ resourceType }) => resourceType === 'Patient')
  const composition = header?.find(({ resourceType }) => resourceType === 'Composition')
  found.push(...(header ?? []).filter((resource) => resource !== composition))
  // One by one: the library gives up the whole at the first section that it does not know.
  for (const component of body?.component ?? []) {
    const resources = converted({ ...ccda, component: { structuredBody: { component: [component] } } })
    const [section] = component.section
    if (resources === null) sectionsLeft.push(typeof section?.title === 'string' ? plainTitle(section.title) : '?')
    else found.push(...ofSection(resources, patient))
  }
  const named = found.map((resource) => ({ resource, names: [`${resource.resourceType}/${resource.id ?? ''}`] }))
  const bundle = readdressed(named, seed)
  const entry = listAt(bundle, 'entry')
  const valid = entry.filter((each) => validate(at(each, 'resource')).length === 0)
  const read = importItems(JSON.stringify({ ...bundle, entry: valid }))
  const document: ImportItem = {
    bytes,
    title: plainTitle(textAt(ccda, 'title') ?? name),
    fileName: name,
    mediaType: 'application/xml',
    category: 'documents',
    clinicalDate: composition === undefined ? null : dayOf(composition),
    resourceType: null,
    isKnown: true,
  }
  return {
    kind: 'items',
    items: [document, ...(read.kind === 'items' ? read.items : [])],
    sectionsLeft,
    entriesLeft: entry.length - valid.length,
  }
}

function parsed(bytes: Uint8Array): Ccda | null {
  try {
    const xml = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    // Entities of one's own have no place in CDA, and may hold a billion of each other.
    if (/<!DOCTYPE|<!ENTITY/i.test(xml)) return null
    const ccda: unknown = convertXmlToCcda(xml)
    return typeof ccda === 'object' && ccda !== null ? (ccda as Ccda) : null
  } catch {
    return null // no XML, or none of this shape
  }
}

/** Null where the library does not know what to make of it. */
function converted(ccda: Ccda | Record<string, unknown>): Resource[] | null {
  try {
    const bundle: unknown = JSON.parse(JSON.stringify(convertCcdaToFhir(ccda as Ccda)))
    return listAt(bundle, 'entry')
      .map((entry) => at(entry, 'resource'))
      .filter(isResource)
  } catch {
    return null
  }
}

/** What a section brought, without the header that comes along each time; it means the one patient. */
function ofSection(resources: readonly Resource[], patient: Resource | undefined): Resource[] {
  const again = resources.find(({ resourceType }) => resourceType === 'Patient')
  const own = resources.filter(
    ({ resourceType }) => !['Patient', 'Composition', 'RelatedPerson'].includes(resourceType),
  )
  if (again?.id === undefined || patient?.id === undefined) return own
  const text = JSON.stringify(own).replaceAll(`"Patient/${again.id}"`, `"Patient/${patient.id}"`)
  return JSON.parse(text) as Resource[]
}
