import { dicomPictures, drawnSlice, generatePatient } from '@medguard/synthetic'
import type { Page } from '@playwright/test'
import { readFileSync } from 'node:fs'
import { Person } from './fixtures/person.ts'
import { expect, PHONE, test } from './fixtures/test.ts'

// A01: one record of every kind is entered on a computer, and is the same, byte for byte, on a phone that does no more than sign in.

interface Filled {
  readonly form: string
  readonly title: string
  /** By label: what is typed, or what is chosen. */
  readonly typed: Readonly<Record<string, string>>
  readonly chosen?: Readonly<Record<string, string>>
  /** FHIR R4, its fields in the order in which they are stored. */
  readonly resource: object
}

const SNOMED = 'http://snomed.info/sct'
const LOINC = 'http://loinc.org'
const UCUM = 'http://unitsofmeasure.org'
const HL7 = 'http://terminology.hl7.org/CodeSystem'
const SUBJECT = { type: 'Patient', display: 'Patient' }
const FORMS: readonly Filled[] = [
  {
    form: 'allergy',
    title: 'Allergy: Penicillin',
    typed: { 'Allergic to': 'Penicillin', 'What happens (if you like)': 'Hives' },
    resource: {
      resourceType: 'AllergyIntolerance',
      code: { coding: [{ system: SNOMED, code: '373270004' }], text: 'Penicillin' },
      reaction: [{ manifestation: [{ coding: [{ system: SNOMED, code: '126485001' }], text: 'Hives' }] }],
      clinicalStatus: { coding: [{ system: `${HL7}/allergyintolerance-clinical`, code: 'active' }] },
      patient: SUBJECT,
    },
  },
  {
    form: 'condition',
    title: 'Asthma',
    typed: { 'Illness or diagnosis': 'Asthma', 'Since (if you like)': '2012-05' },
    resource: {
      resourceType: 'Condition',
      code: { coding: [{ system: SNOMED, code: '195967001' }], text: 'Asthma' },
      clinicalStatus: { coding: [{ system: `${HL7}/condition-clinical`, code: 'active' }] },
      onsetDateTime: '2012-05',
      subject: SUBJECT,
    },
  },
  {
    form: 'medicine',
    title: 'Metformin',
    typed: { 'Name of the medicine': 'Metformin', 'What for (if you like)': 'Diabetes' },
    resource: {
      resourceType: 'MedicationStatement',
      medicationCodeableConcept: {
        coding: [{ system: 'http://www.nlm.nih.gov/research/umls/rxnorm', code: '6809' }],
        text: 'Metformin',
      },
      status: 'active',
      reasonCode: [{ text: 'Diabetes' }],
      subject: SUBJECT,
    },
  },
  {
    form: 'vaccine',
    title: 'Vaccination: Tetanus',
    typed: { Vaccine: 'Tetanus', When: '2019-04', 'Lot number (if you like)': 'A12' },
    resource: {
      resourceType: 'Immunization',
      status: 'completed',
      vaccineCode: { text: 'Tetanus' },
      occurrenceDateTime: '2019-04',
      lotNumber: 'A12',
      patient: SUBJECT,
    },
  },
  {
    form: 'lab',
    title: 'Haemoglobin: 14.1 g/dL',
    typed: { Test: 'Haemoglobin', Result: '14.1', 'Unit (if you like)': 'g/dL', 'Day of the sample': '2024-05-12' },
    resource: {
      resourceType: 'Observation',
      status: 'final',
      effectiveDateTime: '2024-05-12',
      subject: SUBJECT,
      category: [{ coding: [{ system: `${HL7}/observation-category`, code: 'laboratory' }] }],
      code: { coding: [{ system: LOINC, code: '718-7' }], text: 'Haemoglobin' },
      valueQuantity: { value: 14.1, unit: 'g/dL', system: UCUM, code: 'g/dL' },
    },
  },
  {
    form: 'vital',
    title: 'Weight: 72.4 kg',
    chosen: { 'What did you measure?': 'Weight', Unit: 'kg' },
    typed: { Value: '72.4', Day: '2024-05-12', 'Time (if you like)': '' },
    resource: {
      resourceType: 'Observation',
      status: 'final',
      subject: SUBJECT,
      category: [{ coding: [{ system: `${HL7}/observation-category`, code: 'vital-signs' }] }],
      code: { coding: [{ system: LOINC, code: '29463-7' }], text: 'Weight' },
      effectiveDateTime: '2024-05-12',
      valueQuantity: { value: 72.4, unit: 'kg', system: UCUM, code: 'kg' },
    },
  },
  {
    form: 'visit',
    title: 'Knee',
    chosen: { 'What kind of text?': 'Note on a visit' },
    typed: { 'What it is about': 'Knee', Day: '2024-05-12', Text: 'Go easy on the knee.' },
    resource: {
      resourceType: 'DocumentReference',
      status: 'current',
      type: { coding: [{ system: LOINC, code: '34109-9' }] },
      description: 'Knee',
      context: { period: { start: '2024-05-12' } },
      subject: SUBJECT,
      content: [
        {
          attachment: {
            contentType: 'text/plain;charset=utf-8',
            data: Buffer.from('Go easy on the knee.').toString('base64'),
            title: 'Knee',
          },
        },
      ],
    },
  },
]

const SCAN = Buffer.from(
  dicomPictures({
    patient: { name: 'Bergstrom^Tressa', id: 'MG-1' },
    rows: 64,
    columns: 64,
    instance: 1,
    pixels: [new Uint8Array(drawnSlice(64, 1).buffer)],
  }),
)
const LETTER = Buffer.from(generatePatient({ seed: 'e2e/second device', yearsOfVisits: 1 }).labReportPdf)
const FILES = [
  { title: 'Scan of May', kind: 'Scans and images', name: 'IM0001.dcm', mimeType: 'application/dicom', buffer: SCAN },
  {
    title: 'Letter of May',
    kind: 'Letters and documents',
    name: 'letter.pdf',
    mimeType: 'application/pdf',
    buffer: LETTER,
  },
]

test('a record of every kind that one device keeps is found again and opened by another', async ({
  people,
  browser,
}) => {
  test.slow()
  const laptop = await people.isHome('patient')
  for (const { form, typed, chosen = {} } of FORMS) {
    await laptop.go(`#/forms/${form}`)
    const { page } = laptop
    for (const [label, value] of Object.entries(chosen)) {
      await page.getByRole('group', { name: label }).getByRole('radio', { name: value }).check()
    }
    for (const [label, value] of Object.entries(typed)) await page.getByLabel(label, { exact: true }).fill(value)
    await page.getByRole('button', { name: 'Save record' }).click()
    await expect(page.getByText(/^Saved at/)).toBeVisible()
  }
  for (const { title, kind, ...file } of FILES) await laptop.addFile(file, { title, kind })

  const phone = await Person.arrive(browser, laptop.name, PHONE)
  await phone.signIn()
  await phone.isHome()
  const kept = new Map<string, Buffer>([
    ...FORMS.map(({ title, resource }) => [title, Buffer.from(JSON.stringify(resource))] as const),
    ...FILES.map(({ title, buffer }) => [title, buffer] as const),
  ])
  for (const [title, bytes] of kept) {
    await phone.go('#/records')
    await phone.page.getByRole('link', { name: title }).click()
    expect((await saved(phone.page)).equals(bytes), title).toBe(true)
  }
  phone.expectNoProblems()
  await phone.context.close()
})

test('B02: what somebody tells about themselves, whom to call, units and what they are told is the same on a second device, and changes there', async ({
  people,
  browser,
}) => {
  test.slow()
  const laptop = await people.isHome('patient')
  const { page } = laptop
  const save = async (where: Page) => {
    await where.getByRole('button', { name: 'Save', exact: true }).click()
    await expect(where.getByText(/^Saved at/)).toBeVisible({ timeout: 30_000 })
  }
  await laptop.go('#/profile')
  for (const [label, value] of PROFILE_TYPED) await page.getByLabel(label, { exact: true }).fill(value)
  for (const [label, value] of PROFILE_CHOSEN) await page.getByLabel(label, { exact: true }).selectOption(value)
  await page.getByRole('button', { name: 'Add a contact' }).click()
  for (const [label, value] of CONTACT) await page.getByRole('textbox', { name: label, exact: true }).fill(value)
  await save(page)
  await laptop.go('#/preferences')
  await page.getByRole('checkbox', { name: 'a share is about to end' }).uncheck()
  await page.getByRole('radio', { name: /^imperial/ }).check()
  await save(page)

  const phone = await Person.arrive(browser, laptop.name, PHONE)
  await phone.signIn()
  await phone.isHome()
  await phone.go('#/profile')
  for (const [label, value] of [...PROFILE_TYPED, ...PROFILE_CHOSEN])
    await expect(phone.page.getByLabel(label, { exact: true }), label).toHaveValue(value)
  for (const [label, value] of CONTACT)
    await expect(phone.page.getByRole('textbox', { name: label, exact: true }), label).toHaveValue(value)
  await phone.page.getByRole('button', { name: 'Remove contact 1' }).click()
  await phone.page.getByLabel('Blood group').selectOption('A+')
  await save(phone.page)
  await phone.go('#/preferences')
  await expect(phone.page.getByRole('radio', { name: /^imperial/ })).toBeChecked()
  await expect(phone.page.getByRole('checkbox', { name: 'a share is about to end' })).not.toBeChecked()
  await expect(phone.page.getByRole('checkbox', { name: 'somebody adds a record' })).toBeChecked()
  await phone.page.getByRole('radio', { name: /^metric/ }).check()
  await save(phone.page)

  // And back: a form does not keep what it had.
  await expect(page.getByRole('radio', { name: /^imperial/ })).toBeChecked()
  await laptop.go('#/profile')
  await expect(page.getByLabel('Blood group')).toHaveValue('A+')
  await expect(page.getByRole('textbox', { name: 'Phone' })).toHaveCount(0)
  await expect(page.getByLabel('Full name')).toHaveValue('Ada Nováková')
  await laptop.go('#/preferences')
  await expect(page.getByRole('radio', { name: /^metric/ })).toBeChecked()
  phone.expectNoProblems()
  await phone.context.close()
})

/** By label. */
const PROFILE_TYPED = [
  ['Full name', 'Ada Nováková'],
  ['Birth date', '1980-02-29'],
  ['Language for care', 'cs'],
] as const
const PROFILE_CHOSEN = [
  ['Sex', 'female'],
  ['Blood group', 'AB-'],
] as const
const CONTACT = [
  ['Name', 'Jan Novák'],
  ['Phone', '+420 601 000 000'],
  ['Who they are to you', 'brother'],
] as const

async function saved(page: Page): Promise<Buffer> {
  const started = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Save to disk' }).click()
  return readFileSync(await (await started).path())
}
