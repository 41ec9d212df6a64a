import { EVENT, LOG_SOURCE, refuse } from '@medguard/protocol'
import { describe, expect, test } from 'vitest'

import { enrolLeaf, leafInput, principal } from './leaves.fixture.ts'
import { checkBatch, mayWrite, pageOf, refuseConsistency, refuseInclusion, sourceOf } from './rules.ts'

const { consent, records, audit } = LOG_SOURCE
const refusalOf = (batch: ReturnType<typeof checkBatch>) => ('refusal' in batch ? batch.refusal : null)

describe('who writes which leaf', () => {
  test('only the two configured canisters have a stream', () => {
    const peers = { consent: principal(3), records: principal(5) }
    expect(sourceOf(principal(3), peers)).toBe(consent)
    expect(sourceOf(principal(5), peers)).toBe(records)
    expect(sourceOf(principal(4), peers)).toBeNull()
    expect(sourceOf(principal(3).slice(0, 28), peers)).toBeNull()
  })

  test('records writes what it commits, consent everything else, and the log about itself alone', () => {
    expect(mayWrite(records, EVENT.recordAdd)).toBe(true)
    expect(mayWrite(consent, EVENT.recordAdd)).toBe(false)
    for (const event of [EVENT.enrol, EVENT.keyDerive, EVENT.open, EVENT.grant]) {
      expect(mayWrite(consent, event)).toBe(true)
      expect(mayWrite(records, event)).toBe(false)
      expect(mayWrite(audit, event)).toBe(false)
    }
    for (const source of [consent, records, audit]) {
      expect(mayWrite(source, EVENT.configuration)).toBe(true)
      expect(mayWrite(source, EVENT.shardHeads)).toBe(false) // nobody tells the first canister what the others are
    }
  })
})

describe('a batch', () => {
  test('is read leaf by leaf', () => {
    const batch = checkBatch(consent, 4n, [enrolLeaf(4n), leafInput(5n)])
    expect(refusalOf(batch)).toBeNull()
    expect('leaves' in batch && batch.leaves.map(({ event }) => event)).toEqual([EVENT.enrol, EVENT.open])
  })

  test.each([
    ['of no leaves', checkBatch(consent, 0n, []), 'leaves', 'length'],
    [
      'of 101 leaves',
      checkBatch(
        consent,
        0n,
        Array.from({ length: 101 }, (_, i) => leafInput(BigInt(i))),
      ),
      'leaves',
      'length',
    ],
    ['with a number beyond all counts', checkBatch(consent, 1n << 60n, [leafInput(0n)]), 'firstSeq', 'range'],
    ['with bytes that are no leaf', checkBatch(consent, 0n, [new Uint8Array(90)]), 'leaves', 'value'],
    [
      'with a detail that is none',
      checkBatch(consent, 0n, [leafInput(0n, { detail: new Uint8Array(40) })]),
      'leaves',
      'value',
    ],
    ['of another source', checkBatch(consent, 0n, [leafInput(0n, { source: records })]), 'leaves', 'detail'],
    ['under another number', checkBatch(consent, 1n, [leafInput(0n)]), 'leaves', 'detail'],
    [
      'with an event its source may not write',
      checkBatch(records, 0n, [leafInput(0n, { source: records })]),
      'leaves',
      'event',
    ],
    [
      'with a key outside an enrol leaf',
      checkBatch(consent, 0n, [leafInput(0n, { auditKey: new Uint8Array(32) })]),
      'leaves',
      'auditKey',
    ],
    [
      'with an enrol leaf without its key',
      checkBatch(consent, 0n, [leafInput(0n, { event: EVENT.enrol })]),
      'leaves',
      'auditKey',
    ],
  ])('%s is refused', (_what, batch, field, code) => {
    expect(refusalOf(batch)).toEqual(refuse.badInput(field, code))
  })

  test('with one bad leaf is refused as a whole', () => {
    expect(refusalOf(checkBatch(consent, 0n, [leafInput(0n), leafInput(7n)]))).toEqual(
      refuse.badInput('leaves', 'detail'),
    )
  })
})

test('pages end where the sequence ends', () => {
  expect(pageOf(0n, 50, 3)).toEqual({ first: 0, end: 3 })
  expect(pageOf(2n, 1, 3)).toEqual({ first: 2, end: 3 })
  expect(pageOf(9n, 10, 3)).toEqual({ first: 3, end: 3 })
  expect(pageOf((1n << 64n) - 1n, 10, 3)).toEqual({ first: 3, end: 3 })
  expect(pageOf(0n, 51, 3)).toEqual({ refusal: refuse.badInput('count', 'range') })
})

test('proofs are made for trees the log has had', () => {
  expect(refuseInclusion(4n, 5n, 5)).toBeNull()
  expect(refuseInclusion(5n, 5n, 5)).toEqual(refuse.badInput('leafIndex', 'range'))
  expect(refuseInclusion(0n, 6n, 5)).toEqual(refuse.badInput('treeSize', 'range'))
  expect(refuseConsistency(0n, 5n, 5)).toBeNull()
  expect(refuseConsistency(5n, 4n, 5)).toEqual(refuse.badInput('firstSize', 'range'))
  expect(refuseConsistency(5n, 6n, 5)).toEqual(refuse.badInput('secondSize', 'range'))
})
