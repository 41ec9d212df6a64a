import type { Json } from '../json.ts'
import { at, listAt, type Resource, textAt } from '../json-paths.ts'
import type { Issue } from '../outcome.ts'
import { resolver } from '../references.ts'
import { LOINC, SECTIONS } from './sections.ts'

// What the International Patient Summary asks of a document beside what R4 asks of it (Bundle-uv-ips, Composition-uv-ips, Patient-uv-ips and the
// profiles of the three required sections): a check of its structure. Codes are checked as far as R4 binds them.

const SUMMARY = '60591-5'
/** What each of the required sections holds. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  '11450-4': ['Condition'],
  '48765-2': ['AllergyIntolerance'],
  '10160-0': ['MedicationStatement', 'MedicationRequest', 'MedicationAdministration', 'MedicationDispense'],
}

/** Whether a resource says of itself that it is a patient summary. */
export const isSummary = (resource: Json): boolean =>
  at(resource, 'resourceType') === 'Bundle' &&
  listAt(resource, 'entry', 0, 'resource', 'type', 'coding').some((coding) => at(coding, 'code') === SUMMARY)

/** @param bundle one that `isSummary` is true of. */
export function summaryIssues(bundle: Json): Issue[] {
  const issues: Issue[] = []
  const expect = (holds: boolean, details: string, expression: string) => {
    if (!holds) issues.push({ severity: 'error', code: 'required', details, expression })
  }
  const has = (json: Json, name: string) => at(json, name) !== undefined || at(json, `_${name}`) !== undefined
  expect(at(bundle, 'type') === 'document', 'a summary is a document', 'Bundle.type')
  expect(at(bundle, 'identifier') !== undefined, 'a summary has an identifier', 'Bundle.identifier')
  expect(at(bundle, 'timestamp') !== undefined, 'a summary has a time', 'Bundle.timestamp')
  listAt(bundle, 'entry').forEach((entry, i) =>
    expect(textAt(entry, 'fullUrl') !== null, 'an entry has an address', `Bundle.entry[${i}].fullUrl`),
  )
  const composition = at(bundle, 'entry', 0, 'resource')
  const place = 'Bundle.entry[0].resource'
  const from = textAt(bundle, 'entry', 0, 'fullUrl')
  const resolve = resolver(bundle)
  const meant = (holder: Json, own: string | null, ...path: (string | number)[]): Resource | null =>
    resolve(textAt(holder, ...path, 'reference') ?? '', own)
  expect(at(composition, 'resourceType') === 'Composition', 'the first entry is the Composition', place)
  for (const name of ['date', 'title']) expect(has(composition, name), `it has a ${name}`, `${place}.${name}`)
  expect(listAt(composition, 'author').length > 0, 'somebody made it', `${place}.author`)
  const patient = meant(composition, from, 'subject')
  expect(patient?.resourceType === 'Patient', 'its subject is a Patient in it', `${place}.subject`)
  if (patient !== null) {
    expect(listAt(patient, 'name').length > 0, 'the patient has a name', `${place}.subject.resolve().name`)
    expect(has(patient, 'birthDate'), 'the patient has a birth date', `${place}.subject.resolve().birthDate`)
  }
  const sections = listAt(composition, 'section')
  const codeOf = (section: Json) =>
    textAt(
      listAt(section, 'code', 'coding').find((coding) => at(coding, 'system') === LOINC),
      'code',
    )
  for (const { loinc, title } of SECTIONS.filter(({ required }) => required))
    expect(
      sections.some((section) => codeOf(section) === loinc),
      `there is a section ${title} (${loinc})`,
      `${place}.section`,
    )
  sections.forEach((section, i) => {
    const own = `${place}.section[${i}]`
    expect(textAt(section, 'title') !== null, 'a section has a title', `${own}.title`)
    expect(codeOf(section) !== null, 'a section has a code of LOINC', `${own}.code`)
    expect(textAt(section, 'text', 'div') !== null, 'a section has a text', `${own}.text`)
    const entries = listAt(section, 'entry')
    const types = TYPES[codeOf(section) ?? '']
    if (types !== undefined)
      expect(entries.length > 0 || has(section, 'emptyReason'), 'it says something, or why not', own)
    entries.forEach((_, e) => {
      const resource = meant(section, from, 'entry', e)
      const where = `${own}.entry[${e}]`
      expect(resource !== null, 'what it lists is in the document', where)
      if (resource === null || types === undefined) return
      expect(types.includes(resource.resourceType), `it lists ${types.join(' or ')}`, where)
      const said = ['code', 'medicationCodeableConcept', 'medicationReference'].some((name) => has(resource, name))
      expect(said, 'it says what it is', `${where}.resolve()`)
      const who = resource.resourceType === 'AllergyIntolerance' ? 'patient' : 'subject'
      expect(
        meant(resource, addressOf(bundle, resource), who) === patient,
        `its ${who} is the patient`,
        `${where}.resolve().${who}`,
      )
      if (resource.resourceType === 'MedicationStatement')
        expect(
          ['effectiveDateTime', 'effectivePeriod'].some((name) => has(resource, name)),
          'it says since when, or that nobody knows',
          `${where}.resolve().effective`,
        )
    })
  })
  return issues
}

const addressOf = (bundle: Json, resource: Resource): string | null =>
  textAt(
    listAt(bundle, 'entry').find((entry) => at(entry, 'resource') === resource),
    'fullUrl',
  )
