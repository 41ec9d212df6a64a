import type { NewShare } from '@medguard/client'
import { done, type Person } from './fixtures/person.ts'
import { expect, test } from './fixtures/test.ts'

// What one person does shows on another's open page by itself, and takes off it what may be shown no more.

test('a pause takes the records off the reader’s page, and its end brings them back', async ({ people }) => {
  const patient = await people.isHome('patient', { with: [{ title: 'Blood count', content: 'haemoglobin' }] })
  const clinician = await people.isHome('clinician')
  const share = await shareBySdk(patient, clinician)
  const { page } = clinician
  await clinician.go(`#/provider/patients/${share.grantId}`)
  await page.getByRole('link', { name: /Blood count/ }).click()
  await expect(page.getByText('haemoglobin')).toBeVisible()

  done(await patient.sdk.changeRules({ kind: 'pause' }))
  await expect(page.getByText('Access is paused', { exact: true })).toBeVisible()
  await expect(page.getByText('haemoglobin')).toHaveCount(0)
  await expect(page.getByText('Blood count')).toHaveCount(0)
  await clinician.go('#/provider')
  await expect(page.getByText('Paused', { exact: true })).toBeVisible()
  await expect(patient.page.getByText('What you share is on hold.')).toBeVisible()
  await patient.go('#/sharing')
  await expect(patient.page.getByText('Opens nothing now: you paused all sharing')).toBeVisible()

  await clinician.go(`#/provider/patients/${share.grantId}`)
  await expect(page.getByText('Access is paused', { exact: true })).toBeVisible()
  done(await patient.sdk.changeRules({ kind: 'resume' }))
  await expect(page.getByText('Blood count')).toBeVisible()
})

test('a block takes them off without its reason', async ({ people }) => {
  const patient = await people.isHome('patient', { with: [{ title: 'Blood count', content: 'haemoglobin' }] })
  const clinician = await people.isHome('clinician')
  const share = await shareBySdk(patient, clinician)
  const { page } = clinician
  await clinician.go(`#/provider/patients/${share.grantId}`)
  await expect(page.getByText('Blood count')).toBeVisible()
  done(await patient.sdk.changeRules({ kind: 'block', whom: clinician.sdk.principal }))
  await expect(page.getByText('You cannot open this now', { exact: true })).toBeVisible()
  await expect(page.getByText('Blood count')).toHaveCount(0)
})

async function shareBySdk(patient: Person, grantee: Person) {
  const startNs = BigInt(Date.now()) * 1_000_000n
  const terms = {
    scope: { categories: ['labs'] },
    rights: ['list', 'open'],
    purpose: 'TREAT',
  } satisfies Partial<NewShare>
  const endNs = startNs + 3_600_000_000_000n
  return done(await patient.sdk.share({ ...terms, grantee: grantee.sdk.principal, startNs, endNs }))
}
