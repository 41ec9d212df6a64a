import type { Bundle, Resource } from './fhir.ts'
import { makeHealth } from './health.ts'
import { writeHistory, type Entry } from './history.ts'
import { writeLabReport } from './lab-report.ts'
import { makePerson, type Person } from './person.ts'
import { createRandom } from './random.ts'
import { planVisits, type Visit } from './visits.ts'

export const YEARS_MAX = 60
const YEAR_MS = 365.25 * 24 * 3600 * 1000

export interface PatientOptions {
  readonly seed: string | number
  /** 1 to `YEARS_MAX`. Default 5. */
  readonly yearsOfVisits?: number
  /** No visit is later, YYYY-MM-DD. Never the clock: equal options give equal bytes on every day. Default 2025-10-31. */
  readonly until?: string
  readonly bundleType?: Bundle['type']
}

/** A file as a patient would add it. `category` is a compartment's name. */
export interface SampleDocument {
  readonly fileName: string
  readonly mediaType: 'application/fhir+json' | 'application/pdf' | 'text/plain'
  readonly category: 'summary' | 'labs' | 'medicines' | 'documents' | 'vitals'
  readonly title: string
  /** YYYY-MM-DD */
  readonly date: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface SamplePatient {
  /** Given and family name. */
  readonly name: string
  readonly person: Person
  /** YYYY-MM-DD */
  readonly birthDate: string
  /** Everything about this person, references as `urn:uuid:`. */
  readonly bundle: Bundle
  /** The newest blood sample as a laboratory prints it. */
  readonly labReportPdf: Uint8Array<ArrayBuffer>
  /** Oldest first: what a patient's record would be filled with. */
  readonly documents: readonly SampleDocument[]
}

/**
 * One invented person with years of visits, laboratory results, vital signs, illnesses, medicines, allergies and vaccinations.
 * @throws RangeError for years or a date out of bounds.
 */
export function generatePatient(options: PatientOptions): SamplePatient {
  const { seed, yearsOfVisits = 5, until = '2025-10-31', bundleType = 'transaction' } = options
  if (!Number.isInteger(yearsOfVisits) || yearsOfVisits < 1 || yearsOfVisits > YEARS_MAX) {
    throw new RangeError(`yearsOfVisits is a whole number from 1 to ${YEARS_MAX}`)
  }
  const untilMs = /^\d{4}-\d{2}-\d{2}$/.test(until) ? Date.parse(until) : Number.NaN
  if (Number.isNaN(untilMs)) throw new RangeError('until is a date, YYYY-MM-DD')

  const random = createRandom(seed)
  const person = makePerson(random.fork('person'), new Date(untilMs).getUTCFullYear())
  // A child of five has no twenty years of visits.
  const years = Math.min(yearsOfVisits, Math.floor((untilMs - Date.parse(person.birthDate)) / YEAR_MS))
  const health = makeHealth(random.fork('health'), person, untilMs - years * YEAR_MS, untilMs)
  const visits = planVisits(random.fork('visits'), health, years, untilMs)
  const { entries, labs } = writeHistory(random.fork('history'), person, health, visits)

  const bundle = toBundle(entries, bundleType, until)
  const labReportPdf = writeLabReport(person, labs)
  const lastVisit = visits.at(-1)
  if (lastVisit === undefined) throw new Error('every year has a check-up')
  const documents = toDocuments({ person, entries, labReportPdf, labDate: labs.at(-1)?.date ?? until, lastVisit })
  return {
    name: `${person.given} ${person.family}`,
    person,
    birthDate: person.birthDate,
    bundle,
    labReportPdf,
    documents,
  }
}

function toBundle(entries: readonly Entry[], type: Bundle['type'], date: string): Bundle {
  return {
    resourceType: 'Bundle',
    type,
    timestamp: `${date}T12:00:00Z`,
    entry: entries.map(({ uuid, resource }) => ({
      fullUrl: `urn:uuid:${uuid}`,
      resource,
      ...(type === 'transaction' && { request: { method: 'POST' as const, url: resource.resourceType } }),
    })),
  }
}

interface Sources {
  readonly person: Person
  readonly entries: readonly Entry[]
  readonly labReportPdf: Uint8Array<ArrayBuffer>
  readonly labDate: string
  readonly lastVisit: Visit
}

const SUMMARY = new Set<Resource['resourceType']>([
  'Patient',
  'AllergyIntolerance',
  'Condition',
  'MedicationRequest',
  'Immunization',
  'Practitioner',
])

function toDocuments({ person, entries, labReportPdf, labDate, lastVisit }: Sources): SampleDocument[] {
  const lastDate = new Date(lastVisit.atMs).toISOString().slice(0, 10)
  const collection = (isPart: (resource: Resource) => boolean, date: string) =>
    encode(
      JSON.stringify(
        toBundle(
          entries.filter(({ resource }) => isPart(resource)),
          'collection',
          date,
        ),
        null,
        2,
      ),
    )
  const ofCategory = (category: string) => (resource: Resource) =>
    resource.resourceType === 'Observation' && resource.category.some(({ coding }) => coding?.[0]?.code === category)
  const fhir = { mediaType: 'application/fhir+json', date: lastDate } as const
  const documents: SampleDocument[] = [
    {
      ...fhir,
      fileName: 'patient-summary.json',
      category: 'summary',
      title: 'Health summary',
      bytes: collection(({ resourceType }) => SUMMARY.has(resourceType), lastDate),
    },
    {
      ...fhir,
      fileName: 'lab-results.json',
      category: 'labs',
      title: 'Laboratory results, all years',
      bytes: collection(ofCategory('laboratory'), lastDate),
    },
    {
      fileName: `lab-report-${labDate}.pdf`,
      mediaType: 'application/pdf',
      category: 'labs',
      title: 'Laboratory report',
      date: labDate,
      bytes: labReportPdf,
    },
    {
      ...fhir,
      fileName: 'vital-signs.json',
      category: 'vitals',
      title: 'Vital signs',
      bytes: collection(ofCategory('vital-signs'), lastDate),
    },
    {
      ...fhir,
      fileName: 'medicines.json',
      category: 'medicines',
      title: 'Medicines',
      bytes: collection(({ resourceType }) => resourceType === 'MedicationRequest', lastDate),
    },
    {
      fileName: `visit-${lastDate}.txt`,
      mediaType: 'text/plain',
      category: 'documents',
      title: 'Visit note',
      date: lastDate,
      bytes: encode(visitNote(person, lastVisit, lastDate)),
    },
  ]
  return documents.toSorted((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0))
}

function visitNote({ given, family, birthDate }: Person, visit: Visit, date: string): string {
  const reason =
    visit.kind === 'check-up'
      ? 'Yearly check-up'
      : visit.kind === 'acute'
        ? visit.reason.name
        : `Follow-up: ${visit.illnesses.map(({ name }) => name).join('; ')}`
  const plan =
    visit.panels.length > 0 ? 'Blood taken; results follow.' : 'Rest, fluids, come back if it does not get better.'
  return `Visit note, ${date}\n\nPatient: ${given} ${family}, born ${birthDate}\nReason: ${reason}\nPlan: ${plan}\n\nSample data: no real person, no medical use.\n`
}

const encode = (text: string) => new TextEncoder().encode(text)
