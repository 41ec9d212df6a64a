import { countWrites, memoryMap, section } from '@medguard/shared'
import { expect, test } from 'vitest'
import { createConsentStore, SECTION } from './store.ts'
import { decides, watchFacts } from './watch-facts.ts'

test('every change of a fact is noted, in whatever section of people, trust and consent, and reading is none', () => {
  let changes = 0
  const rows = watchFacts(memoryMap(), () => changes++)
  for (let n = 0; n < 256; n++) {
    const part = section(section(rows, n), 7)
    const before = changes
    part.set(Uint8Array.of(1), Uint8Array.of(2))
    part.overwrite(Uint8Array.of(1), Uint8Array.of(3))
    part.delete(Uint8Array.of(1))
    part.get(Uint8Array.of(1))
    part.has(Uint8Array.of(1))
    const isFact =
      (n >= 30 && n < 60 && n !== SECTION.agreements && n !== SECTION.accessRequests) ||
      n === SECTION.accounts ||
      n === SECTION.erasures
    expect(changes - before, `section ${n}`).toBe(isFact ? 3 : 0)
  }
})

test('what is written is what was to be written, though the note makes keys of its own', () => {
  const map = memoryMap()
  let nowNs = 5n
  const store = createConsentStore(watchFacts(map, () => store.noteFactsChanged(nowNs++)))
  const patientId = new Uint8Array(16).fill(3)
  const rules = { pausedNs: [7n] as [bigint], sensitive: 64, requestsFrom: 2, blocked: [] }
  for (const sensitive of [64, 65]) store.rules.set(patientId, { ...rules, sensitive })
  expect([store.rules.sensitive(patientId), store.factsChangedNs()]).toEqual([65, 6n])
  expect(map.size()).toBe(2)
})

test('a permit rests on every section but bookkeeping, whichever way it is written to', () => {
  const { rows, written } = countWrites(memoryMap(), decides)
  for (let n = 0; n < 256; n++) {
    const part = section(rows, n)
    const before = written()
    part.set(Uint8Array.of(1), Uint8Array.of(2))
    part.overwrite(Uint8Array.of(1), Uint8Array.of(3))
    part.delete(Uint8Array.of(1))
    part.get(Uint8Array.of(1))
    expect(written() - before, `section ${n}`).toBe(decides(n) ? 3 : 0)
  }
  const facts = [SECTION.accounts, SECTION.owners, SECTION.grants, SECTION.devices, SECTION.erasures, SECTION.trust]
  expect(facts.every(decides)).toBe(true)
})
