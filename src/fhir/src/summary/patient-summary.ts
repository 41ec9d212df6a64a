import type { Bundle, Composition } from '@medplum/fhirtypes'
import { dayOf, titleOf } from '../import/describe.ts'
import { readJson } from '../json.ts'
import { at, isResource, listAt, type Resource, textAt } from '../json-paths.ts'
import { fullUrlOf } from '../vault/record-entries.ts'
import { DATA_ABSENT, LOINC, nothingKnown, type Section, SECTIONS } from './sections.ts'
import { stableUuid } from './stable-uuid.ts'

// The International Patient Summary (hl7.org/fhir/uv/ips) of a vault, made on the device that opened it.

/** What a summary is made of: a resource, and the address it had beside the others, if any. */
export interface Source {
  readonly resource: Resource
  readonly fullUrl: string | null
}
export interface SummaryPatient {
  /** The same person's has the same, so that the ids are the same from one summary to the next. */
  readonly patientId: string
  readonly name: string | null
  readonly birthDate: string | null
  readonly gender: 'female' | 'male' | 'other' | 'unknown' | null
}

/** The resources of one content, each at its address; empty for what is no FHIR. */
export function sourcesIn(content: Uint8Array): Source[] {
  const read = readJson(content)
  if (read.kind === 'unreadable' || !isResource(read.value)) return []
  const { value } = read
  if (value.resourceType !== 'Bundle') return [{ resource: value, fullUrl: null }]
  return listAt(value, 'entry').flatMap((entry) => {
    const resource = at(entry, 'resource')
    return isResource(resource) ? [{ resource, fullUrl: textAt(entry, 'fullUrl') }] : []
  })
}

/** What of a section goes along: the newest, since a summary is read in minutes. */
const ENTRIES_MAX = 50
/** What is taken along because another resource means it. */
const MEANT = ['Medication', 'Practitioner', 'PractitionerRole', 'Organization', 'Device']

export function summaryOf(sources: readonly Source[], patient: SummaryPatient, nowMs: number): Bundle {
  const now = new Date(nowMs).toISOString()
  const urlOf = new Map(
    sources.map(({ resource, fullUrl }) => [
      resource,
      `urn:uuid:${uuidIn(fullUrl ?? fullUrlOf(resource)) ?? stableUuid(`${patient.patientId} ${JSON.stringify(resource)}`)}`,
    ]),
  )
  const known = new Map(
    sources.flatMap(({ resource, fullUrl }) =>
      [fullUrl, fullUrlOf(resource), typeof resource.id === 'string' ? `${resource.resourceType}/${resource.id}` : null]
        .filter((name) => name !== null)
        .map((name) => [name, resource] as const),
    ),
  )
  const patientUrl = `urn:uuid:${stableUuid(`${patient.patientId} patient`)}`
  const used = new Set<Resource>()
  const extra: { fullUrl: string; resource: Resource }[] = []
  const section: NonNullable<Composition['section']> = []
  for (const each of SECTIONS) {
    const held = chosen(each, sources)
    if (held.length === 0 && !each.required) continue
    for (const resource of held) used.add(resource)
    const entry = held.map((resource) => ({ reference: urlOf.get(resource) ?? '' }))
    if (held.length === 0) {
      const resource = nothingKnown(each.loinc, { reference: patientUrl })
      const fullUrl = `urn:uuid:${stableUuid(`${patient.patientId} nothing ${each.loinc}`)}`
      if (resource !== null) extra.push({ fullUrl, resource: { id: fullUrl.slice(9), ...resource } })
      entry.push({ reference: fullUrl })
    }
    section.push({
      title: each.title,
      code: { coding: [{ system: LOINC, code: each.loinc, display: each.display }] },
      text: { status: 'generated', div: narrative(held) },
      entry,
    })
  }
  for (const resource of used)
    for (const meant of meantBy(resource, known)) if (MEANT.includes(meant.resourceType)) used.add(meant)
  const linked = { patientUrl, known, urlOf, used }
  const compositionUrl = `urn:uuid:${stableUuid(`${patient.patientId} summary`)}`
  const composition: Composition = {
    resourceType: 'Composition',
    id: compositionUrl.slice(9),
    status: 'final',
    type: { coding: [{ system: LOINC, code: '60591-5', display: 'Patient summary Document' }] },
    subject: { reference: patientUrl },
    date: now,
    author: [{ reference: patientUrl }],
    title: 'International Patient Summary',
    section,
  }
  const entry = [
    { fullUrl: compositionUrl, resource: composition },
    { fullUrl: patientUrl, resource: patientIn(sources, patient, patientUrl.slice(9)) },
    ...[...used].map((resource) => ({ fullUrl: urlOf.get(resource) ?? '', resource: within(resource, linked) })),
    ...extra,
  ]
  return {
    resourceType: 'Bundle',
    identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${stableUuid(`${patient.patientId} ${now}`)}` },
    type: 'document',
    timestamp: now,
    entry: entry as NonNullable<Bundle['entry']>,
  }
}

/** The newest first; of what is measured again and again, one of each. */
function chosen({ holds, newestOnly }: Section, sources: readonly Source[]): Resource[] {
  const held = sources.map(({ resource }) => resource).filter(holds)
  held.sort((a, b) => (dayOf(b) ?? '').localeCompare(dayOf(a) ?? ''))
  const seen = new Set<string>()
  return held
    .filter((resource) => {
      const day = newestOnly === true ? '' : dayOf(resource)
      const key = `${titleOf(resource)} ${day}`
      return !seen.has(key) && seen.add(key)
    })
    .slice(0, ENTRIES_MAX)
}

const uuidIn = (url: string | null): string | null =>
  /^urn:uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(url ?? '')?.[1] ?? null

function patientIn(sources: readonly Source[], patient: SummaryPatient, id: string): Resource {
  const found = sources.filter(({ resource }) => resource.resourceType === 'Patient')
  const [only] = found
  const { name, gender, birthDate } = patient
  // Where two are, nobody here knows which of them it is.
  const base = found.length === 1 && only !== undefined ? only.resource : { resourceType: 'Patient' }
  return {
    ...base,
    ...(base['name'] !== undefined ? {} : { name: [name === null ? DATA_ABSENT : { text: name }] }),
    ...(base['gender'] !== undefined || gender === null ? {} : { gender }),
    ...(base['birthDate'] !== undefined ? {} : birthDate === null ? { _birthDate: DATA_ABSENT } : { birthDate }),
    id,
  }
}

interface Linked {
  readonly patientUrl: string
  readonly known: ReadonlyMap<string, Resource>
  readonly urlOf: ReadonlyMap<Resource, string>
  readonly used: ReadonlySet<Resource>
}

/** The same as it stands in the document: what it refers to is in it, or is named in words alone. */
function within(resource: Resource, linked: Linked): Resource {
  const own = linked.urlOf.get(resource) ?? ''
  const copy = linkedCopy(resource, linked)
  if (!isResource(copy)) return resource
  const who = ['AllergyIntolerance', 'Immunization'].includes(resource.resourceType) ? 'patient' : 'subject'
  const isAboutSomebody = !MEANT.includes(resource.resourceType)
  const isTimed = Object.keys(resource).some((name) => /^_?effective[A-Z]/.test(name))
  const isMeasured = resource.resourceType === 'Observation'
  return {
    ...copy,
    id: own.slice(9),
    ...(isAboutSomebody ? { [who]: { reference: linked.patientUrl } } : {}),
    // The profiles want these to stand there, be it to say that nobody knows.
    ...(!isTimed && (isMeasured || resource.resourceType === 'MedicationStatement')
      ? { _effectiveDateTime: DATA_ABSENT }
      : {}),
    ...(isMeasured && copy['performer'] === undefined ? { performer: [DATA_ABSENT] } : {}),
  }
}

function linkedCopy(json: unknown, linked: Linked): unknown {
  if (Array.isArray(json)) {
    const kept = json.map((each) => linkedCopy(each, linked)).filter((each) => each !== undefined)
    return kept.length === 0 ? undefined : kept
  }
  if (typeof json !== 'object' || json === null) return json
  const { reference, ...rest } = json as { readonly reference?: unknown }
  if (typeof reference === 'string' && !reference.startsWith('#')) {
    const target = linked.known.get(reference)
    if (target?.resourceType === 'Patient') return { ...rest, reference: linked.patientUrl }
    if (target !== undefined && linked.used.has(target)) return { ...rest, reference: linked.urlOf.get(target) }
    return textAt(rest, 'display') === null && Object(rest).identifier === undefined ? undefined : rest
  }
  const copied = Object.entries(json).map(([name, value]) => [name, linkedCopy(value, linked)] as const)
  const kept = copied.filter(([, value]) => value !== undefined)
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

function meantBy(json: unknown, known: ReadonlyMap<string, Resource>): Resource[] {
  if (typeof json !== 'object' || json === null) return []
  return Object.entries(json).flatMap(([name, value]) => {
    const found = name === 'reference' && typeof value === 'string' ? known.get(value) : undefined
    return found === undefined ? meantBy(value, known) : [found]
  })
}

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** A section in words: what, how much, when. */
function narrative(held: readonly Resource[]): string {
  const lines = held.map((resource) => [titleOf(resource), valueText(resource), dayOf(resource)])
  const items = lines.map((line) => `<li>${escaped(line.filter((part) => part !== null).join(', '))}</li>`)
  const body = items.length === 0 ? '<p>Nothing is known.</p>' : `<ul>${items.join('')}</ul>`
  return `<div xmlns="http://www.w3.org/1999/xhtml">${body}</div>`
}

function valueText(resource: Resource): string | null {
  const { value, unit } = Object(resource['valueQuantity']) as { readonly value?: unknown; readonly unit?: unknown }
  if (typeof value === 'number') {
    // Machines write fifteen digits; nobody reads more than four of them, and no whole number loses any.
    const digits = String(Math.abs(value) < 1000 ? Number(value.toPrecision(4)) : Math.round(value))
    return typeof unit === 'string' ? `${digits} ${unit}` : digits
  }
  return (
    textAt(resource, 'valueString') ??
    textAt(resource, 'valueCodeableConcept', 'text') ??
    textAt(resource, 'dosage', 0, 'text') ??
    textAt(resource, 'dosageInstruction', 0, 'text') ??
    textAt(resource, 'reaction', 0, 'manifestation', 0, 'text')
  )
}
