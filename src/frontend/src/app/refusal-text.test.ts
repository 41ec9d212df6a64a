import { Fault, type FaultCode, type Refusal, type RefusalKind } from '@medguard/client'
import { describe, expect, test } from 'vitest'
import { chooseLanguage } from '../words/language.ts'
import { LANGUAGE_TAGS } from '../words/languages.ts'
import { isTampering, problemOf, problemText } from './problem.ts'
import { faultText, refusalText } from './refusal-text.ts'

// A record keyed by every kind: a new one does not compile until it has its words here.
const REFUSALS: { readonly [K in RefusalKind]: Refusal & { kind: K } } = {
  NotSignedIn: { kind: 'NotSignedIn' },
  NotPermitted: { kind: 'NotPermitted' },
  ConsentEnded: { kind: 'ConsentEnded', endNs: 1_747_054_800_000_000_000n },
  LogUnavailable: { kind: 'LogUnavailable' },
  NotReady: { kind: 'NotReady' },
  Busy: { kind: 'Busy', retryAfterMs: 90_000 },
  AlreadyDone: { kind: 'AlreadyDone' },
  StaleEpoch: { kind: 'StaleEpoch', current: 3 },
  Stale: { kind: 'Stale', current: 2 },
  IdConflict: { kind: 'IdConflict' },
  Full: { kind: 'Full' },
  TooLarge: { kind: 'TooLarge', maxBytes: 1_000_000 },
  BadInput: { kind: 'BadInput', field: 'title', code: 'length' },
  KeysUnavailable: { kind: 'KeysUnavailable', code: 2 },
  Unverified: { kind: 'Unverified' },
  Paused: { kind: 'Paused' },
  NotYet: { kind: 'NotYet', atNs: 1_747_054_800_000_000_000n },
  LowCycles: { kind: 'LowCycles' },
  Expired: { kind: 'Expired' },
}
const FAULTS: { readonly [K in FaultCode]: K } = {
  Unreachable: 'Unreachable',
  Uncertain: 'Uncertain',
  SessionEnded: 'SessionEnded',
  BadCertificate: 'BadCertificate',
  BadReply: 'BadReply',
  Tampered: 'Tampered',
  TooNew: 'TooNew',
  WrongKey: 'WrongKey',
  ListIncomplete: 'ListIncomplete',
  LogBroken: 'LogBroken',
  UnknownLog: 'UnknownLog',
}
const all = () => [
  ...Object.values(REFUSALS).map((refusal) => [refusal.kind, refusalText(refusal)] as const),
  ...Object.values(FAULTS).map((code) => [code, faultText(code)] as const),
]

describe('refusals and faults in words', () => {
  test.each(LANGUAGE_TAGS)(
    'each says in %s what happened and what to do, without the words of the machine room',
    async (tag) => {
      await chooseLanguage(tag)
      for (const [kind, words] of all()) {
        expect(words.title.length, kind).toBeGreaterThan(3)
        expect(words.text, kind).toMatch(/[.]$/)
        expect(`${words.title} ${words.text}`, kind).not.toMatch(
          /principal|canister|wallet|\bgas\b|undefined|NaN|\{\{|problems\./i,
        )
      }
      expect(new Set(all().map(([, words]) => words.text)).size).toBe(all().length)
      await chooseLanguage('en')
    },
  )

  test('an ended consent names the moment, a limit its size, a wait its length', () => {
    const atFourteen = new Date(2025, 4, 12, 14, 2).getTime()
    const ended = refusalText({ kind: 'ConsentEnded', endNs: BigInt(atFourteen) * 1_000_000n }, atFourteen + 5_000)
    expect(ended.text).toMatch(/at (14:02|2:02 pm|02:02 pm)/i)
    expect(refusalText(REFUSALS.TooLarge).text).toContain('1 MB')
    expect(refusalText(REFUSALS.Busy).text).toContain('2 minutes')
  })

  test('what somebody never shared and what never was read the same', () => {
    expect(refusalText(REFUSALS.NotPermitted).text).not.toMatch(/exist|found|deleted/)
  })
})

describe('problems', () => {
  test('a thrown fault keeps its code, anything else is our mistake', () => {
    expect(problemOf(new Fault('Tampered', 'x'))).toEqual({ kind: 'fault', code: 'Tampered' })
    expect(problemOf(new RangeError('title of a record'))).toEqual({ kind: 'bug' })
    expect(problemText({ kind: 'bug' }).text).toContain('mistake in MedGuard')
  })

  test('only what speaks of forgery gets the red panel', () => {
    const red = Object.values(FAULTS).filter((code) => isTampering({ kind: 'fault', code }))
    expect(red).toEqual(['BadCertificate', 'Tampered', 'ListIncomplete', 'LogBroken'])
    expect(isTampering({ kind: 'refused', refusal: REFUSALS.NotPermitted })).toBe(false)
  })
})
