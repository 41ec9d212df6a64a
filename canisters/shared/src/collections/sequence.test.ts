import { memoryMap } from '@medguard/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createSequences, type SequencesOptions } from './sequence.ts'

const OWNERS = [[], [1], [1, 0, 0, 0, 0], [2, 0]].map((bytes) => new Uint8Array(bytes))
const options = fc.record({ entryBytes: fc.integer({ min: 1, max: 9 }), entriesPerRun: fc.integer({ min: 1, max: 7 }) })
const entryOf = (n: number, { entryBytes }: SequencesOptions) =>
  Uint8Array.from({ length: entryBytes }, (_, i) => n >>> (8 * (i % 4)))

describe('sequences', () => {
  test('hold what was added to each, in order, in every message that follows', () => {
    const step = fc.record({ owner: fc.nat(OWNERS.length - 1), pushes: fc.nat(12), note: fc.uint8Array() })
    fc.assert(
      fc.property(options, fc.array(step, { maxLength: 12, size: 'max' }), fc.gen(), (shape, steps, value) => {
        const rows = memoryMap()
        const model = OWNERS.map(() => ({ entries: [] as Uint8Array[], note: new Uint8Array(0) }))
        let next = 0
        for (const { owner, pushes, note } of steps) {
          const sequence = createSequences(rows, shape).of(OWNERS[owner] as Uint8Array)
          const wanted = model[owner] as (typeof model)[number]
          for (let i = 0; i < pushes; i++) {
            const entry = entryOf(next++, shape)
            sequence.push(entry)
            wanted.entries.push(entry)
            expect(sequence.at(wanted.entries.length - 1)).toEqual(entry)
          }
          sequence.note = note
          wanted.note = note
          sequence.save()
        }
        for (const [i, { entries, note }] of model.entries()) {
          const sequence = createSequences(rows, shape).of(OWNERS[i] as Uint8Array)
          expect(sequence.count).toBe(entries.length)
          expect(sequence.note).toEqual(note)
          for (const [at, entry] of entries.entries()) expect(sequence.at(at)).toEqual(entry)
          const [from, count] = [value(fc.nat, 60), value(fc.nat, 60)]
          const slice = entries.slice(from, from + count).flatMap((entry) => [...entry])
          expect([...sequence.entries(from, count)]).toEqual(slice)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('take one write for each save and one for each full run', () => {
    const rows = memoryMap()
    let writes = 0
    const counted = {
      ...rows,
      set(key: Uint8Array, value: Uint8Array) {
        writes++
        rows.set(key, value)
      },
      overwrite(key: Uint8Array, value: Uint8Array) {
        writes++
        rows.overwrite(key, value)
      },
    }
    const sequences = createSequences(counted, { entryBytes: 2, entriesPerRun: 8 })
    for (let n = 0; n < 20; n++) {
      const sequence = sequences.of(new Uint8Array(16))
      sequence.push(new Uint8Array(2))
      sequence.save()
    }
    expect(writes).toBe(20 + 2)
    expect(rows.size()).toBe(1 + 2)
  })

  test('refuse entries of another length and positions that are not there', () => {
    const sequence = createSequences(memoryMap(), { entryBytes: 2, entriesPerRun: 4 }).of(new Uint8Array(1))
    sequence.push(new Uint8Array(2))
    expect(() => sequence.push(new Uint8Array(3))).toThrow(RangeError)
    for (const i of [-1, 1, Number.NaN]) expect(() => sequence.at(i)).toThrow(RangeError)
    expect(sequence.entries(1, 5)).toHaveLength(0)
    expect(() => {
      sequence.note = new Uint8Array(256)
    }).toThrow(RangeError)
  })

  test('of made-up rows either decode to the length they state or are refused with a fixed sentence', () => {
    const shape = { entryBytes: 3, entriesPerRun: 4 }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (junk, hasLayout) => {
        const rows = memoryMap()
        const owner = new Uint8Array([7])
        const row = hasLayout ? new Uint8Array([1, 0, 0, 0, ...junk]) : junk
        rows.set(new Uint8Array([0, 7]), row)
        const open = () => createSequences(rows, shape).of(owner)
        let sequence: ReturnType<typeof open> | null = null
        try {
          sequence = open()
        } catch (error) {
          expect(error).toEqual(new Error('the head of a sequence decodes'))
        }
        if (sequence === null) return
        sequence.save()
        expect(rows.get(new Uint8Array([0, 7]))).toEqual(row)
        if (sequence.count >= shape.entriesPerRun) expect(() => sequence.at(0)).toThrow('a full run is there, whole')
      }),
    )
  })
})
