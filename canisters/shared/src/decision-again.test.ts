import { COMPARTMENT_KIND, RIGHT } from '@medguard/protocol'
import { describe, expect, test } from 'vitest'

import { type Asked, decideAgain, type FactSource, type VaultFacts } from './decision.ts'
import type { GrantState } from './grant-rules.ts'

const id = (byte: number) => new Uint8Array(16).fill(byte)
const CARER = new Uint8Array([4, 4, 2])
const category = (cid: Uint8Array) => ({ compartmentKind: COMPARTMENT_KIND.category, cid })
const factsOf = (change: Partial<FactSource<VaultFacts>>): FactSource<VaultFacts> => ({
  account: () => ({ patientId: id(101), cids: new Uint8Array(128) }),
  vault: () => undefined,
  powers: () => 0,
  grant: () => undefined,
  ownsShare: () => false,
  standing: () => 'grantee',
  device: () => undefined,
  isPaused: () => false,
  written: () => 0,
  ...change,
})

describe('a decision that a flow asks for again', () => {
  const GRANT: GrantState = {
    grant: {
      grantId: id(9),
      patientId: id(100),
      grantee: CARER,
      rights: RIGHT.open,
      purpose: 1,
      startNs: 10n,
      endNs: 200n,
      agreementHash: new Uint8Array(32),
      terms: null,
      compartments: [category(id(1))],
    },
    endedNs: null,
  }
  const asked: Asked = {
    caller: CARER,
    patientId: id(100),
    ...category(id(1)),
    grantId: id(9),
    anyOf: RIGHT.open,
  }
  const asking = () => {
    const seen = { looks: 0, written: 0, state: GRANT }
    const facts = factsOf({
      grant() {
        seen.looks++
        return seen.state
      },
      written: () => seen.written,
    })
    const own = { ...asked }
    return { seen, again: (nowNs: bigint) => decideAgain(own, facts, nowNs).kind }
  }

  test('looks nothing up while no fact is written and nothing ends', () => {
    const { seen, again } = asking()
    expect([again(50n), again(50n), again(199n)]).toEqual(['permit', 'permit', 'permit'])
    expect(seen.looks).toBe(1)
  })

  test('sees in the very next message that a fact was written', () => {
    const { seen, again } = asking()
    expect(again(50n)).toBe('permit')
    seen.state = { ...GRANT, endedNs: 50n }
    seen.written++
    expect(again(50n)).toBe('refuse')
  })

  test('sees at the very moment that what it rested on is over', () => {
    const { seen, again } = asking()
    expect([again(199n), again(200n)]).toEqual(['permit', 'refuse'])
    expect(seen.looks).toBe(2)
  })

  test('keeps no refusal, and nothing for another question', () => {
    const { seen, again } = asking()
    expect([again(9n), again(10n)]).toEqual(['refuse', 'permit'])
    const facts = factsOf({ grant: () => GRANT })
    expect(decideAgain({ ...asked, anyOf: RIGHT.write }, facts, 50n).kind).toBe('refuse')
    expect(seen.looks).toBe(2)
  })
})
