import type { Outcome } from '@medguard/client'
import { CATEGORIES } from '@medguard/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type Clinic, openClinic } from './clinic.ts'
import { enrol } from './ward.ts'

// A01: one record of each kind from one device, found again from another by a sign-in of its own.

let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

/** @throws Error for a refusal. */
function done<T>(outcome: Outcome<T>): T {
  if (outcome.kind === 'refused') throw new Error(`refused: ${outcome.refusal.kind}`)
  return outcome.value
}

test('a record of every category is listed and opened byte for byte by a second device with a sign-in of its own', async () => {
  const laptop = clinic.person('laptop')
  const phone = clinic.person('phone')
  await enrol(clinic, laptop.principal)
  // No text: every value a byte can have, and no two alike.
  const contents = new Map(
    CATEGORIES.map((category, i) => [category, Uint8Array.from({ length: 1000 + i }, (_, at) => at + i)]),
  )
  const kept = new Map<string, string>()
  for (const [category, bytes] of contents) {
    const about = { title: `My ${category}`, fileName: `${category}.bin`, mediaType: 'application/octet-stream' }
    const added = done(await laptop.client.add({ ...about, bytes, category, clinicalDate: '2026-01-31' }))
    kept.set(category, added.recordId)
  }
  expect(kept.size).toBe(8)

  expect(await phone.client.list({ of: 'me' })).toEqual({ kind: 'refused', refusal: { kind: 'NotPermitted' } })
  done(await laptop.client.offerLink(phone.principal.toText()))
  done(await phone.client.acceptLink(laptop.principal.toText()))

  const device = phone.newClient()
  const listed = done(await device.list({ of: 'me' }))
  expect(new Map(listed.map(({ category, recordId }) => [category, recordId]))).toEqual(kept)
  expect(listed).toHaveLength(8)
  for (const summary of listed) {
    const { category, title, fileName, clinicalDate } = summary
    expect({ title, fileName, clinicalDate }).toEqual({
      title: `My ${category}`,
      fileName: `${category}.bin`,
      clinicalDate: '2026-01-31',
    })
    const { bytes, verified } = done(await device.open(summary))
    expect(verified).toBe(true)
    expect(category !== 'shared' && contents.get(category)).toEqual(new Uint8Array(bytes))
  }
})
