import { Principal } from '@dfinity/principal'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { canisterIdOf, canisterNumberOf, holds, planSubnets, type SubnetOptions, SubnetsProblem } from './topology.ts'

const text = (number: bigint) => Principal.fromUint8Array(canisterIdOf(number)).toText()
const on = (...ranges: readonly (readonly [bigint, bigint])[]): SubnetOptions => ({
  kind: 'application',
  canisterRanges: ranges.map(([first, last]) => [text(first), text(last)] as const),
})
const numbers = (subnets: readonly SubnetOptions[]) =>
  planSubnets(subnets).map(({ canisterRanges }) => canisterRanges.map((range) => range.map(canisterNumberOf)))

describe('the canister ranges of a network', () => {
  test('are one and whole when there is only the root subnet', () => {
    expect(numbers([])).toEqual([[[0n, 2n ** 64n - 1n]]])
  })

  test('are taken from the root subnet, which keeps what is left', () => {
    expect(numbers([on([5n, 9n], [0n, 1n]), on([10n, 10n])])).toEqual([
      [
        [2n, 4n],
        [11n, 2n ** 64n - 1n],
      ],
      [
        [0n, 1n],
        [5n, 9n],
      ],
      [[10n, 10n]],
    ])
  })

  test('are a million ids for a subnet that asks for none, after those of the root subnet', () => {
    const [, first, second] = numbers([{ kind: 'application' }, { kind: 'system' }])
    expect(first).toEqual([[0x8000_0000_0020_0000n, 0x8000_0000_002f_ffffn]])
    expect(second).toEqual([[0x8000_0000_0030_0000n, 0x8000_0000_003f_ffffn]])
  })

  test('give every id to one subnet, whatever is asked for', () => {
    const cut = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
    fc.assert(
      fc.property(fc.uniqueArray(cut, { minLength: 2, maxLength: 20 }), fc.array(cut), (cuts, ids) => {
        const edges = cuts.toSorted((a, b) => (a < b ? -1 : 1))
        const subnets: SubnetOptions[] = []
        for (let at = 0; at + 1 < edges.length; at += 2) subnets.push(on([edges[at] ?? 0n, edges[at + 1] ?? 0n]))
        const planned = planSubnets(subnets)
        for (const id of [...ids, ...cuts, ...cuts.map((edge) => (edge + 1n) % 2n ** 64n)]) {
          expect(planned.filter((subnet) => holds(subnet, canisterIdOf(id)))).toHaveLength(1)
        }
      }),
    )
  })

  test.each<[string, readonly SubnetOptions[], RegExp]>([
    ['share an id', [on([1n, 5n]), on([5n, 6n])], /two canister ranges hold/],
    ['share an id on one subnet', [on([1n, 5n], [3n, 4n])], /two canister ranges hold/],
    ['go backwards', [on([2n, 1n])], /goes backwards/],
    ['are none', [{ kind: 'application', canisterRanges: [] }], /1 to 100 canister ranges/],
    ['leave nothing to the root subnet', [on([0n, 2n ** 64n - 1n])], /leave none to the root subnet/],
    ['begin with no canister', [{ kind: 'system', canisterRanges: [['aaaaa-aa', text(1n)]] }], /is no canister id/],
    ['end with no principal', [{ kind: 'system', canisterRanges: [[text(1n), 'x']] }], /is no canister id/],
    ['are those of too many subnets', Array.from({ length: 32 }, () => ({ kind: 'system' }) as const), /at most 32/],
    ['belong to an unknown kind', [{ kind: 'fiduciary' as 'system' }], /application or system, not "fiduciary"/],
  ])('are refused when they %s', (_why, subnets, message) => {
    expect(() => planSubnets(subnets)).toThrow(SubnetsProblem)
    expect(() => planSubnets(subnets)).toThrow(message)
  })
})
