import { Principal } from '@medguard/client'
import { describe, expect, it } from 'vitest'
import { draftOf, isGroup, isRecoverySet, recoveryErrors, settingsOf } from './recovery-draft.ts'

const codeOf = (number: number) => Principal.fromUint8Array(new Uint8Array(29).fill(number).with(28, 2)).toText()
const OWN = codeOf(9)
const [ONE, TWO] = [codeOf(1), codeOf(2)]
const KIT = 'AB01-CD23-EF45'

describe('what is said of recovery', () => {
  it('chooses nothing beforehand, and keeps what there is', () => {
    expect(draftOf(null)).toEqual({ kit: null, guardians: '', needed: '' })
    expect(Object.keys(recoveryErrors(draftOf(null), OWN))).toEqual(['kit'])
    const present = { kit: codeOf(5), guardians: [ONE, TWO], threshold: 2 }
    expect(settingsOf(draftOf(present), OWN, present.kit)).toEqual(present)
  })

  it('takes no kit only with somebody who can help', () => {
    expect(recoveryErrors({ kit: 'none', guardians: ' \n', needed: '' }, OWN)).toHaveProperty('kit')
    const one = { kit: 'none', guardians: ONE, needed: '1' } as const
    expect(settingsOf(one, OWN, null)).toEqual({ kit: null, guardians: [ONE], threshold: 1 })
  })

  it.each([
    ['oneself', OWN],
    ['somebody twice', `${ONE}\n${ONE}`],
    ['half a code', ONE.slice(0, 20)],
    ['nine', Array.from({ length: 9 }, (_, i) => codeOf(20 + i)).join('\n')],
  ])('names no guardians: %s', (_, guardians) => {
    const draft = { kit: 'new', guardians, needed: '1' } as const
    expect(Object.keys(recoveryErrors(draft, OWN))).toEqual(['guardians'])
    expect(settingsOf(draft, OWN, codeOf(5))).toBeNull()
  })

  it.each(['', '0', '3', '1.5', 'two'])('asks two guardians for no number like “%s”', (needed) => {
    expect(Object.keys(recoveryErrors({ kit: 'none', guardians: `${ONE}\n${TWO}`, needed }, OWN))).toEqual(['needed'])
  })

  it('knows a group of a kit as somebody types it', () => {
    expect(isGroup(KIT, 1, ' abol ')).toBe(true)
    expect(isGroup(KIT, 2, 'CD24')).toBe(false)
  })

  it('builds on nothing that the two canisters say differently', () => {
    const people = {
      principals: [],
      offer: null,
      representatives: [],
      wards: [],
      comingRecovery: null,
      waiting: [],
      erasure: null,
      isWhole: true,
      recovery: { kit: ONE, guardians: [], threshold: 0 },
    }
    expect(isRecoverySet({ ...people, isRecoveryWhole: true })).toBe(true)
    expect(isRecoverySet({ ...people, isRecoveryWhole: false })).toBe(false)
    expect(isRecoverySet({ ...people, isRecoveryWhole: true, recovery: null })).toBe(false)
  })
})
