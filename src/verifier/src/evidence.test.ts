import {
  DEVELOPMENT_CANISTERS,
  developmentNetwork,
  type HeadMemory,
  type LogEvidence,
  type Outcome,
} from '@medguard/client'
import { NS_PER_MINUTE, toHex } from '@medguard/protocol'
import { readLogWitness } from '@medguard/tlog'
import { sha256 } from '@noble/hashes/sha2'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Clinic, openClinic } from '../../../test/scenarios/clinic.ts'
import { decodeEvidence, encodeEvidence, type Evidence } from './bundle.ts'
import type { EvidenceTrust } from './certificate.ts'
import { cosignedNote, witnessOf } from './evidence.fixture.ts'
import { CHANGES, type ChangeName, randomOf, rememberingBls } from './mutations.fixture.ts'
import { type EvidencePolicy, evidenceLogId, verifyEvidence, verifyRead } from './verify.ts'

// Evidence of the real log, from a subnet of its own so that every certificate carries a delegation, changed in every way we could think of. What is
// changed may never be called verified. MEDGUARD_LONG=1 changes a million.

const isLong = process.env['MEDGUARD_LONG'] === '1'
const CHANGED = isLong ? 1_000_000 : 100_000
/** With the real signature check, 15 ms each. */
const CHANGED_SLOWLY = isLong ? 5_000 : 120

const [association, hospital, unknown] = [
  witnessOf('patients.example'),
  witnessOf('hospital.example'),
  witnessOf('nobody.example'),
]
const WITNESSED: EvidencePolicy = { witnesses: { keys: [association.key, hospital.key], needed: 2 } }

let clinic: Clinic
let trust: EvidenceTrust
let file: string
let othersFile: string
const heads = new Map<string, string>()
const headMemory: HeadMemory = {
  read: async (logId) => heads.get(logId) ?? null,
  write: async (logId, head) => void heads.set(logId, head),
}
const done = (outcome: Outcome<LogEvidence>): LogEvidence => {
  if (outcome.kind === 'refused') throw new Error(outcome.refusal.kind)
  return outcome.value
}
const headOf = (text: string) => readLogWitness(sha256, decodeEvidence(text).head.witness)!.treeHead
const evidenceOf = async (name: string, notes: readonly string[] = []) =>
  done(await clinic.person(name).newClient(headMemory).logEvidence({ notes })).file

beforeAll(async () => {
  const audit = DEVELOPMENT_CANISTERS.audit
  clinic = await openClinic({ subnets: [{ kind: 'application', canisterRanges: [[audit, audit]] }] })
  const { rootKey } = developmentNetwork(clinic.localnet.url)
  trust = { rootKey, log: clinic.ids.audit.toUint8Array() }
  for (const name of ['patient', 'other']) {
    await clinic.person(name).client.enrol()
    for (let i = 0; i < 2; i++) await clinic.person(name).client.list({ of: 'me' }, ['labs'])
  }
  const first = await evidenceOf('patient')
  const note = cosignedNote(trust.log, headOf(first), [association, hospital, unknown])
  othersFile = await evidenceOf('other')
  await clinic.person('other').client.list({ of: 'me' }, ['labs'])
  await clinic.advance(NS_PER_MINUTE)
  file = await evidenceOf('patient', [note])
})
afterAll(() => clinic.close())

const now = async (): Promise<EvidencePolicy> => ({ latest: { nowNs: await clinic.nowNs() } })
const judged = (text: string, policy: EvidencePolicy = {}) => verifyEvidence(text, trust, policy)

describe('evidence as it was made', () => {
  test('of a whole history is verified, without a network', () => {
    const verdict = judged(file, WITNESSED)
    expect(verdict).toMatchObject({
      kind: 'verified',
      checked: ['certificate', 'witness', 'inclusion', 'detail', 'complete', 'cosigned'],
      witnesses: ['hospital.example', 'patients.example'],
      historyOf: { kind: 'patient' },
    })
    expect(verdict.kind === 'verified' && verdict.entries.map(({ leaf }) => leaf.event)).toEqual([
      1,
      ...Array(2).fill(0x30),
    ])
  })
  test('has one spelling', () => {
    expect(encodeEvidence(decodeEvidence(file))).toBe(file)
    for (const other of [file.trimEnd(), `${file}\n`, file.replace('"log"', '"log" '), file.replace('{', '{"more":1,')])
      expect(judged(other)).toMatchObject({ kind: 'failed', code: 'BadFile' })
  })
  test('of chosen entries says nothing of completeness', async () => {
    const chosen = done(await clinic.person('patient').client.logEvidence({ filter: { event: 'enrol' } }))
    const verdict = judged(chosen.file)
    expect(verdict).toMatchObject({ kind: 'verified', historyOf: null })
    expect(verdict.kind === 'verified' && verdict.checked).not.toContain('complete')
    expect(chosen).toMatchObject({ isComplete: false, items: [{ event: 'enrol' }] })
  })
  test('of nothing is not made', async () => {
    const made = await clinic.person('patient').client.logEvidence({ filter: { event: 'nothing' } })
    expect(made).toMatchObject({ kind: 'refused', refusal: { kind: 'BadInput' } })
  })
})

describe('a statement about now', () => {
  test('is verified while its certificate is fresh, and can be told of no longer after five minutes', async () => {
    const fresh = await evidenceOf('patient')
    expect(judged(fresh, await now())).toMatchObject({ kind: 'verified', checked: expect.arrayContaining(['fresh']) })
    await clinic.advance(6n * NS_PER_MINUTE)
    expect(judged(fresh, await now())).toMatchObject({ kind: 'cannotTell' })
    expect(judged(fresh)).toMatchObject({ kind: 'verified' })
  })
  test('by a clock that is slow cannot be told of', async () => {
    const { latest } = await now()
    const slow = { latest: { nowNs: latest!.nowNs - 60n * NS_PER_MINUTE } }
    expect(judged(await evidenceOf('patient'), slow)).toMatchObject({ kind: 'cannotTell' })
  })
})

describe('the last head that this device saw', () => {
  const seenOf = (text: string) => ({ ...headOf(text), certifiedNs: 0n })
  test('the same, or one that the file proves to be continued, is said to be of the same log', () => {
    const { earlier } = decodeEvidence(file)
    expect(earlier.length).toBe(1)
    for (const seen of [seenOf(file), { ...earlier[0]!, certifiedNs: 0n }])
      expect(judged(file, { seen })).toMatchObject({
        kind: 'verified',
        checked: expect.arrayContaining(['consistency']),
      })
  })
  test('with another root at its size means that the log was rewritten', () => {
    const { earlier } = decodeEvidence(file)
    for (const { size } of [seenOf(file), earlier[0]!])
      expect(judged(file, { seen: { size, root: new Uint8Array(32), certifiedNs: 0n } })).toMatchObject({
        kind: 'failed',
        code: 'LogBroken',
      })
  })
  test('that was larger, earlier, means that the log shrank', () => {
    const seen = { size: 10_000, root: new Uint8Array(32), certifiedNs: 1n }
    expect(judged(file, { seen })).toMatchObject({ kind: 'failed', code: 'LogBroken' })
  })
  test('to which the file has no proof leaves archived evidence as it is, and a statement about now untold', async () => {
    const fresh = await evidenceOf('patient')
    const seen = { size: 3, root: new Uint8Array(32), certifiedNs: 0n }
    expect(judged(fresh, { seen })).toMatchObject({
      kind: 'verified',
      checked: expect.not.arrayContaining(['consistency']),
    })
    expect(judged(fresh, { seen, ...(await now()) })).toMatchObject({ kind: 'cannotTell' })
  })
})

describe('witnesses', () => {
  test('that are not there in number leave it untold', () => {
    const more = { keys: [association.key, hospital.key, unknown.key, witnessOf('fourth').key], needed: 4 }
    expect(judged(file, { witnesses: more })).toMatchObject({ kind: 'cannotTell' })
    expect(judged(othersFile, WITNESSED)).toMatchObject({ kind: 'cannotTell' })
  })
  test('that signed before an entry was there have not seen it', async () => {
    const note = cosignedNote(trust.log, headOf(file), [association, hospital])
    await clinic.person('patient').client.list({ of: 'me' }, ['labs'])
    expect(judged(await evidenceOf('patient', [note]), WITNESSED)).toMatchObject({ kind: 'cannotTell' })
  })
  test('count once each, and from several notes of one checkpoint together', async () => {
    const [one, other] = [association, hospital].map((each) => cosignedNote(trust.log, headOf(othersFile), [each]))
    const both = await evidenceOf('other', [one!, other!, one!])
    expect(decodeEvidence(both).checkpoints).toHaveLength(1)
    expect(judged(await evidenceOf('other', [one!, one!]), WITNESSED)).toMatchObject({ kind: 'cannotTell' })
  })
  test('of another log are a failure', () => {
    const evidence = decodeEvidence(file)
    const note = cosignedNote(trust.log, headOf(file), [association, hospital], 'medguard/log/1/aaaaa-aa')
    expect(judged(encodeEvidence({ ...evidence, checkpoints: [{ note, path: [] }] }))).toMatchObject({
      kind: 'failed',
      code: 'BadCosignature',
    })
  })
  test('whose key is none are the reader’s mistake', () => {
    expect(() => judged(file, { witnesses: { keys: ['nonsense'], needed: 1 } })).toThrow(RangeError)
  })
})

describe('evidence that is trusted by nobody here', () => {
  test('of another log cannot be told of', () => {
    expect(verifyEvidence(file, { ...trust, log: clinic.ids.consent.toUint8Array() })).toMatchObject({
      kind: 'cannotTell',
    })
  })
  test('of another network is a failure', () => {
    const rootKey = trust.rootKey.slice()
    rootKey[60]! ^= 1
    expect(verifyEvidence(file, { ...trust, rootKey })).toMatchObject({ kind: 'failed', code: 'BadCertificate' })
  })
  test('of a newer format cannot be told of', () => {
    expect(judged(file.replace('medguard evidence 1', 'medguard evidence 2'))).toMatchObject({ kind: 'cannotTell' })
  })
  test.each(['', '{}', 'null', '[]', '"x"', '{"format":"medguard evidence 1"}', '['.repeat(200_000)])(
    '%# that is no file of ours is a failure',
    (text) => {
      expect(judged(text)).toMatchObject({ kind: 'failed', code: 'BadFile' })
    },
  )
  test('by a subnet that is not the log’s home is a failure, though the network signed it', async () => {
    const { consent } = clinic.ids
    const { canisters } = await import('./foreign-certificate.fixture.ts').then((m) =>
      m.foreignCertificate(clinic, consent),
    )
    const evidence = decodeEvidence(file)
    const forged = { ...evidence, head: { ...evidence.head, certificate: canisters } }
    expect(judged(encodeEvidence(forged))).toMatchObject({ kind: 'failed', code: 'BadCertificate' })
  })
})

describe('evidence put together from genuine parts', () => {
  test.each([
    [
      'the entries of one patient and the history of another',
      (mine: Evidence, theirs: Evidence) => ({ ...mine, history: theirs.history }),
    ],
    ['the head of an earlier moment', (mine: Evidence, theirs: Evidence) => ({ ...mine, head: theirs.head })],
    [
      'entries of both',
      (mine: Evidence, theirs: Evidence) => ({ ...mine, entries: [...mine.entries, ...theirs.entries] }),
    ],
    [
      'the history’s certificate as the head’s',
      (mine: Evidence) => ({ ...mine, head: { ...mine.head, certificate: mine.history!.certificate } }),
    ],
    [
      'the head’s certificate as the history’s',
      (mine: Evidence) => ({ ...mine, history: { ...mine.history!, certificate: mine.head.certificate } }),
    ],
    ['no entry', (mine: Evidence) => ({ ...mine, entries: [] })],
    [
      'a patient’s history called an organisation’s',
      (mine: Evidence) => ({
        ...mine,
        history: { ...mine.history!, of: { ...mine.history!.of, kind: 'organisation' as const } },
      }),
    ],
  ])('%s: fails', (_, forge) => {
    expect(judged(encodeEvidence(forge(decodeEvidence(file), decodeEvidence(othersFile)))).kind).toBe('failed')
  })
})

describe('changed evidence is never verified', () => {
  const policy: EvidencePolicy = { witnesses: { keys: [association.key, hospital.key, unknown.key], needed: 3 } }
  // Cosignatures take a millisecond each, and so a share of their own.
  const names = Object.keys(CHANGES).filter((name) => name !== 'checkpoint')
  function accepted(count: number, seed: number, verifyBls?: EvidenceTrust['verifyBls'], kinds = names): string[] {
    const random = randomOf(seed)
    const genuine = decodeEvidence(file)
    const found: string[] = []
    for (let i = 0; i < count; i++) {
      const name = kinds[i % kinds.length] as ChangeName
      const evidence = CHANGES[name]!(genuine, random)
      const verdict = verifyRead(() => evidence, verifyBls === undefined ? trust : { ...trust, verifyBls }, policy)
      if (verdict.kind === 'verified' && encodeEvidence(evidence) !== file) found.push(`${name} ${i}: ${verdict.kind}`)
    }
    return found
  }
  test(`${CHANGED} times, by every kind of change`, () => {
    const { learn, recall } = rememberingBls()
    expect(verifyEvidence(file, { ...trust, verifyBls: learn }, policy)).toMatchObject({ kind: 'verified' })
    expect(verifyEvidence(file, { ...trust, verifyBls: recall }, policy)).toMatchObject({ kind: 'verified' })
    expect(accepted(CHANGED, 1, recall)).toEqual([])
    expect(accepted(CHANGED / 100, 4, recall, ['checkpoint'])).toEqual([])
  })
  test(`${CHANGED_SLOWLY} times with the real check of signatures`, () => {
    expect(accepted(CHANGED_SLOWLY, 2)).toEqual([])
  })
  test('in any byte of the file', () => {
    const { learn, recall } = rememberingBls()
    verifyEvidence(file, { ...trust, verifyBls: learn }, policy)
    const random = randomOf(3)
    for (let i = 0; i < 500; i++) {
      const at = random(file.length)
      const text = file.slice(0, at) + String.fromCharCode(32 + random(95)) + file.slice(at + 1)
      if (text !== file)
        expect(verifyEvidence(text, { ...trust, verifyBls: recall }, policy).kind, `${at}`).not.toBe('verified')
    }
  })
})

test('the id under which heads are kept is the log’s', () => {
  expect(evidenceLogId(trust)).toBe(toHex(headOf(file).logId))
})
