import { memoryMap } from '@medguard/shared'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  createKeyStates,
  decodeKeyState,
  encodeKeyState,
  type KeyState,
  NEW_KEY_STATE,
  oldestEpoch,
  recounted,
} from './key-states.ts'

const u32 = fc.nat(0xffff_ffff)
const state: fc.Arbitrary<KeyState> = fc.record({
  floor: u32,
  counted: u32,
  cleaned: u32,
  underCapsules: u32,
  byOthers: fc.oneof(fc.constant(0), u32),
  byEpoch: fc
    .array(fc.tuple(u32, fc.integer({ min: 1, max: 0xffff_ffff })), { maxLength: 9 })
    .map((pairs) => new Map(pairs)),
})
const PLACE = { patientId: new Uint8Array(16).fill(1), compartmentKind: 1, cid: new Uint8Array(16).fill(2) }

describe('the state of a compartment’s keys', () => {
  test('decodes to what was encoded, and other bytes are nothing or a value like any other', () => {
    fc.assert(
      fc.property(state, fc.uint8Array({ maxLength: 60 }), (value, junk) => {
        const row = encodeKeyState(value)
        expect(decodeKeyState(row)).toEqual(value)
        expect(decodeKeyState(row.subarray(1))).toBeNull()
        expect(decodeKeyState(new Uint8Array([...row, 0]))).toBeNull()
        for (const layout of [1, 2]) {
          const decoded = decodeKeyState(new Uint8Array([layout, ...junk]))
          if (decoded !== null) expect(decodeKeyState(encodeKeyState(decoded))).toEqual(decoded)
        }
      }),
    )
  })

  test('counts what comes and goes as a recount would', () => {
    const item = fc.record({ epoch: fc.integer({ min: 1, max: 4 }), isUnderCapsule: fc.boolean() })
    fc.assert(
      fc.property(fc.array(fc.tuple(item, fc.boolean()), { maxLength: 40 }), (steps) => {
        let counts: KeyState = NEW_KEY_STATE
        const present: { epoch: number; isUnderCapsule: boolean }[] = []
        for (const [came, replaces] of steps) {
          const went = replaces ? present.splice(0, 1) : []
          present.push(came)
          counts = { ...counts, ...recounted(counts, { came: [came], went }) }
          const epochs = present.map(({ epoch }) => epoch)
          expect(oldestEpoch(counts)).toBe(Math.min(...epochs))
          for (const epoch of epochs)
            expect(counts.byEpoch.get(epoch)).toBe(epochs.filter((each) => each === epoch).length)
          expect([...counts.byEpoch.values()].reduce((sum, count) => sum + count, 0)).toBe(present.length)
          expect(counts.underCapsules).toBe(present.filter(({ isUnderCapsule }) => isUnderCapsule).length)
        }
      }),
    )
    expect(oldestEpoch(NEW_KEY_STATE)).toBeNull()
    expect(() => recounted(NEW_KEY_STATE, { went: [{ epoch: 1, isUnderCapsule: false }] })).toThrow('counted')
  })

  test('keeps former wraps and overwrites them before they go', () => {
    const map = memoryMap()
    const gone: Uint8Array[] = []
    const states = createKeyStates(map, () => {})
    const written: Uint8Array[] = []
    const wraps = { openWrap: new Uint8Array(92).fill(7), listWrap: new Uint8Array(72).fill(8), isSetAside: false }
    states.setFormer(PLACE, 5, wraps)
    expect(states.former(PLACE, 5)).toEqual(wraps)
    expect(states.former(PLACE, 6)).toBeUndefined()
    states.setFormer(PLACE, 6, { ...wraps, isSetAside: true })
    expect(states.former(PLACE, 6)).toEqual({ ...wraps, isSetAside: true })
    states.removeFormer(PLACE, 6, wraps)
    const set = (key: Uint8Array, value: Uint8Array) => {
      written.push(value)
      map.set(key, value)
    }
    const spied = createKeyStates({ ...map, set, overwrite: set }, (_, openWrap) => gone.push(openWrap))
    spied.removeFormer(PLACE, 5, wraps)
    expect(written.map((row) => [row.length, row.every((byte) => byte === 0)])).toEqual([[166, true]])
    expect(gone).toEqual([wraps.openWrap])
    expect(states.former(PLACE, 5)).toBeUndefined()
    expect(map.size()).toBe(0)
  })
})
