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

test('who can open a record is who would be let in, carers too, and follows a pause', async ({ people }) => {
  const patient = await people.isHome('patient', { with: [{ title: 'Blood count', content: 'haemoglobin' }] })
  const [reader, writer, carer] = await Promise.all(['reader', 'writer', 'carer'].map((role) => people.arrives(role)))
  if (reader === undefined || writer === undefined || carer === undefined) throw new Error('three people arrive')
  for (const { sdk } of [reader, writer, carer]) done(await sdk.enrol())
  await shareBySdk(patient, reader)
  await shareBySdk(patient, writer, ['write'])
  const startNs = BigInt(Date.now()) * 1_000_000n
  const terms = { powers: ['read'], startNs, endNs: startNs + 86_400_000_000_000n } satisfies Partial<Terms>
  done(await patient.sdk.appoint({ ...terms, representative: carer.sdk.principal }))
  done(await carer.sdk.acceptAppointment(patient.sdk.principal))

  const { page } = patient
  await patient.go('#/records')
  await page.getByRole('link', { name: /Blood count/ }).click()
  const list = page.getByRole('list', { name: 'Who can open this' })
  await expect(list.getByRole('listitem')).toHaveCount(3)
  await expect(list).toContainText('it is your record')
  await expect(list.getByRole('listitem').filter({ hasText: shortly(reader) })).toContainText(
    /because you share Lab results/,
  )
  await expect(list.getByRole('listitem').filter({ hasText: shortly(carer) })).toContainText('acts for you')
  await expect(list).not.toContainText(shortly(writer))

  done(await patient.sdk.changeRules({ kind: 'pause' }))
  await expect(list.getByRole('listitem')).toHaveCount(2)
  await expect(list).toContainText(shortly(carer))
})

type Terms = Parameters<Person['sdk']['appoint']>[0]
const shortly = ({ sdk: { principal } }: Person) => `${principal.slice(0, 5)}…${principal.slice(-3)}`

async function shareBySdk(patient: Person, grantee: Person, rights: NewShare['rights'] = ['list', 'open']) {
  const startNs = BigInt(Date.now()) * 1_000_000n
  const terms = {
    scope: { categories: ['labs'] },
    purpose: 'TREAT',
  } satisfies Partial<NewShare>
  const endNs = startNs + 3_600_000_000_000n
  return done(await patient.sdk.share({ ...terms, rights, grantee: grantee.sdk.principal, startNs, endNs }))
}
