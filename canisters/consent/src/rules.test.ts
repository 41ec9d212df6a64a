import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { Deriver } from './codec.ts'
import { derivedAsOwner, derivedUnder, refuseEpoch, wrongIds } from './rules.ts'

const id = (byte: number) => new Uint8Array(16).fill(byte)
const OWNER = new Uint8Array([1, 1, 2])
const GRANTEE = new Uint8Array([7, 7, 2])
const NO_GRANT = id(0)

describe('epochs', () => {
  test('can be derived from the lowest to the current one', () => {
    const epochs = { minEpoch: 2, currentEpoch: 4 }
    const refused = [0, 1, 2, 3, 4, 5].map((epoch) => refuseEpoch(epoch, epochs) !== null)
    expect(refused).toEqual([true, true, false, false, false, true])
    expect(refuseEpoch(1, epochs)).toEqual({ StaleEpoch: { current: 4 } })
  })

  const owner: Deriver = { principal: OWNER, grantId: NO_GRANT }
  const grantee: Deriver = { principal: GRANTEE, grantId: id(9) }

  test('count what was derived under a grant, and what as the owner', () => {
    expect(derivedUnder([owner, grantee], id(9))).toBe(true)
    expect(derivedUnder([owner, grantee], id(8))).toBe(false)
    expect(derivedAsOwner([owner], OWNER)).toBe(true)
    expect(derivedAsOwner([grantee, { principal: OWNER, grantId: id(9) }], OWNER)).toBe(false)
  })
})

test('ids have 16 bytes, and the first that has not is named', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const wrong = wrongIds({ cid: id(1), grantId: null, requestId: bytes })
      expect(wrong).toEqual(bytes.length === 16 ? null : { BadInput: { field: 'requestId', code: 'length' } })
    }),
  )
})
