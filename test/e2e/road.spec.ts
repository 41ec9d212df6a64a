import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { generatePatient } from '@medguard/synthetic'
import { Person } from './fixtures/person.ts'

// The whole road, with the patient in one browser profile and the clinician in another. On the phone the patient's letters are twice as large (A24).

const sample = generatePatient({ seed: 'e2e/road', yearsOfVisits: 3 })
const sharedData = join(import.meta.dirname, '../../../shared/data/fhir/synthea-tressa-bergstrom-1964.json')

const sizes = [
  { device: 'desktop', size: { width: 1280, height: 860 } },
  { device: 'phone', size: { width: 360, height: 740 } },
]

for (const { device, size } of sizes) {
  test(`a patient shares lab results for a day, a clinician reads, the patient stops it (${device})`, async ({
    browser,
  }, testInfo) => {
    test.setTimeout(180_000)
    const patient = await Person.arrive(browser, `road ${device} patient`, size)
    const clinician = await Person.arrive(browser, `road ${device} clinician`, size)
    if (device === 'phone') await enlarge(patient)
    const look = async (person: Person, what: string) => {
      const beside = await person.page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement
        return scrollWidth - clientWidth
      })
      expect(beside, what).toBeLessThanOrEqual(0)
      const scan = await new AxeBuilder({ page: person.page }).analyze()
      const serious = scan.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      expect(
        serious.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
        what,
      ).toEqual([])
      await testInfo.attach(what, { body: await person.page.screenshot(), contentType: 'image/png' })
      await person.page.screenshot({ path: testInfo.outputPath(`${what}.png`) })
    }

    await test.step('both set up', async () => {
      await look(patient, 'arrive')
      await patient.signIn()
      await look(patient, 'welcome')
      await patient.openVault()
      await look(patient, 'empty home')
      await clinician.signIn()
      await clinician.openVault()
    })

    await test.step('the patient adds a PDF report and a FHIR bundle', async () => {
      const pdf = { name: 'report.pdf', mimeType: 'application/pdf', buffer: Buffer.from(sample.labReportPdf) }
      await patient.addFile(pdf, { title: 'Blood count of spring', kind: 'Lab results' })
      const bundle = Buffer.from(JSON.stringify(sample.bundle))
      const fhir = { name: 'record.json', mimeType: 'application/fhir+json', buffer: bundle }
      await patient.addFile(fhir, { title: 'All my results', kind: 'Lab results' })
      if (existsSync(sharedData)) {
        const foreign = { name: 'tressa.json', mimeType: 'application/json', buffer: readFileSync(sharedData) }
        await patient.addFile(foreign, { title: 'Record from my clinic', kind: 'Lab results' })
      } else {
        testInfo.annotations.push({
          type: 'skipped',
          description: 'no shared data: the foreign FHIR bundle was left out',
        })
      }
      await patient.go('#/records')
      await expect(patient.page.getByText('Blood count of spring')).toBeVisible()
      await look(patient, 'records')
    })

    const code = await clinician.shareCode()
    await test.step('the patient shares lab results for one day', async () => {
      await share(patient, code, device)
      await look(patient, 'shared')
    })

    await test.step('the clinician opens them', async () => {
      await clinician.go('#/provider')
      await expect(clinician.page.getByText('Lab results').first()).toBeVisible({ timeout: 20_000 })
      await look(clinician, 'worklist')
      await clinician.page
        .getByRole('link', { name: /^Open the records of .*Lab results/ })
        .first()
        .click()
      await clinician.page.getByRole('link', { name: /All my results/ }).click()
      await expect(clinician.page.getByText(/matches what was stored/i)).toBeVisible({ timeout: 20_000 })
      await look(clinician, 'opened by the clinician')
    })

    await test.step('the patient stops sharing and the clinician’s page locks', async () => {
      await patient.go('#/sharing')
      await patient.page.getByRole('button', { name: /^Stop sharing with/ }).click()
      await look(patient, 'stop sharing')
      await patient.page.getByRole('dialog').getByRole('button', { name: 'Stop sharing' }).click()
      await expect(clinician.page.getByText(/^Access ended at/)).toBeVisible({ timeout: 20_000 })
      await expect(clinician.page.getByText(/matches what was stored/i)).toHaveCount(0)
      await look(clinician, 'access ended')
      await clinician.page.reload()
      await expect(clinician.page.getByText(/^Access ended at/)).toBeVisible({ timeout: 20_000 })
    })

    await test.step('every step is in the log, and the log verifies in the browser', async () => {
      await patient.go('#/log')
      await expect(patient.page.getByText('This log is complete and unaltered.')).toBeVisible({ timeout: 20_000 })
      const log = patient.page.getByRole('main')
      for (const step of [
        /opened .*All my results/,
        /(unlocked|looked through|looked at the list of) .*Lab results/,
        /shared .*Lab results/,
        /stopped sharing/i,
      ])
        await expect(log.getByText(step).first(), String(step)).toBeVisible()
      await look(patient, 'log')
    })

    patient.expectNoProblems()
    clinician.expectNoProblems()
    await patient.context.close()
    await clinician.context.close()
  })
}

/** Letters of 200 %, as somebody sets them in their browser. */
async function enlarge({ page }: Person): Promise<void> {
  await page.addInitScript(() =>
    addEventListener('DOMContentLoaded', () => (document.documentElement.style.fontSize = '200%')),
  )
  await page.reload()
}

async function share(patient: Person, code: string, device: string): Promise<void> {
  const { page } = patient
  const next = async () => {
    if (device === 'phone') await page.getByRole('button', { name: 'Next' }).click()
  }
  await patient.go('#/share')
  await page.getByLabel('Their share code').fill(code)
  await next()
  // Nothing of a consent is ticked for anybody (C07); by kind or by single records is only how it is chosen.
  for (const box of await page.getByRole('checkbox').all()) await expect(box).not.toBeChecked()
  await page.getByRole('checkbox', { name: 'Lab results' }).check()
  await next()
  for (const group of ['How long', 'What for'])
    for (const radio of await page.getByRole('group', { name: group }).getByRole('radio').all())
      await expect(radio).not.toBeChecked()
  await page.getByRole('radio', { name: /1 day/i }).check()
  await page.getByRole('radio', { name: 'Treatment' }).check()
  await next()
  await expect(page.getByText('You cannot take back what they have seen')).toBeVisible()
  await page.getByRole('button', { name: 'Share', exact: true }).click()
  await expect(page.getByText(/^Shared at/)).toBeVisible({ timeout: 30_000 })
}
