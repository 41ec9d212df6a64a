import { createHash } from 'node:crypto'

import { EVENT, LOG_SOURCE } from '@medguard/protocol'
import { memoryMap } from '@medguard/shared'
import { BLINDING_BYTES, decodeLeaf, encodeLeaf, foldOf, type Leaf, leafBlinding, leafHash } from '@medguard/tlog'
import { describe, expect, test } from 'vitest'

import { createLog } from './append.ts'
import { id, leafInput, principal } from './leaves.fixture.ts'
import { checkBatch } from './rules.ts'
import { createAuditStore } from './store.ts'

// I19: leaf hashes are for everybody. Whoever knows everybody in a small world, all that can have happened there and each patient's place in the log,
// but not the key that blinds, cannot tell from them whose leaf is whose.

const sha256 = (bytes: Uint8Array) => new Uint8Array(createHash('sha256').update(bytes).digest())
/** Of 32 bytes, the same in each run. */
const drawn = (what: string) => sha256(new TextEncoder().encode(`a small world: ${what}`))

const PATIENTS = [1, 2, 3] as const
const ACTORS = [1, 2, 3, 4] as const
const LEAVES = 900
const keyOf = (patient: number) => drawn(`key of ${patient}`)

type Place = Pick<Leaf, 'patientSeq' | 'previousLeafHash'>
/** A leaf of the log, whose it is, and where the next leaf of each patient would have had its place. */
interface Placed {
  readonly hash: Uint8Array
  readonly leaf: Leaf
  readonly patient: number
  readonly places: ReadonlyMap<number, Place>
}

const world = smallWorld()

/** Patients who are read by each other and by one more, in an order that is drawn. */
function smallWorld(): Placed[] {
  const store = createAuditStore(memoryMap())
  const log = createLog({ store, hash: sha256, fold: foldOf(sha256), certify: () => {} })
  store.setSystemKey(drawn('key of the log'))
  log.begin(principal(200), 100n)
  const next = (seq: number) => {
    const [whose = 0, whom = 0] = drawn(`leaf ${seq}`)
    const enrols = PATIENTS[seq]
    const patient = enrols ?? PATIENTS[whose % PATIENTS.length] ?? 1
    const actor = enrols ?? ACTORS[whom % ACTORS.length] ?? 1
    const about = { patientId: id(patient), actor: principal(actor), fields: new Uint8Array(80) }
    const enrol = { ...about, event: EVENT.enrol, auditKey: keyOf(patient), fields: id(patient) }
    return { patient, leaf: leafInput(BigInt(seq), enrols === undefined ? about : enrol) }
  }
  const placed: Placed[] = []
  const places = new Map<number, Place>()
  for (const patient of PATIENTS) places.set(patient, { patientSeq: 0, previousLeafHash: new Uint8Array(32) })
  for (let seq = 0; seq < LEAVES; seq++) {
    const { patient, leaf: sent } = next(seq)
    const batch = checkBatch(LOG_SOURCE.consent, log.source(LOG_SOURCE.consent).next, [sent])
    if ('refusal' in batch) throw new Error(JSON.stringify(batch.refusal))
    log.append(LOG_SOURCE.consent, batch.leaves, 1_000n)
    const { leaf: bytes, leafHash: hash } = store.leaf(seq)
    const leaf = decodeLeaf(bytes)
    if (!leaf.ok) throw new Error(leaf.reason)
    placed.push({ hash, leaf: leaf.value, patient, places: new Map(places) })
    places.set(patient, { patientSeq: leaf.value.patientSeq + 1, previousLeafHash: hash })
  }
  return placed
}

/** Whose it can be, by trying everybody with whom it can have been: the patients for whom a leaf with that blinding has this hash. */
function guesses({ hash, leaf, places }: Placed, blindingFor: (patient: number) => Uint8Array): number[] {
  const found = new Set<number>()
  for (const [patient, place] of places)
    for (const actor of ACTORS) {
      const blinding = blindingFor(patient)
      const tried = encodeLeaf({ ...leaf, ...place, patientId: id(patient), actor: principal(actor), blinding })
      if (Buffer.compare(leafHash(sha256, tried), hash) === 0) found.add(patient)
    }
  return [...found]
}

describe('who has all leaf hashes and knows everybody', () => {
  test('names each leaf with the keys that blind: nothing else is missing', () => {
    for (const one of world)
      expect(guesses(one, (patient) => leafBlinding(sha256, keyOf(patient), one.leaf.index))).toEqual([one.patient])
  })

  test.each<readonly [string, (patient: number, index: number) => Uint8Array]>([
    ['no blinding', () => new Uint8Array(BLINDING_BYTES)],
    ['a key of zeros', (_, index) => leafBlinding(sha256, new Uint8Array(32), index)],
    ['the patient’s id as the key', (patient, index) => leafBlinding(sha256, sha256(id(patient)), index)],
    ['the key of the log itself', (_, index) => leafBlinding(sha256, drawn('key of the log'), index)],
    ['the blinding of the leaf behind it', (patient, index) => leafBlinding(sha256, keyOf(patient), index + 1)],
  ])('and tries %s, names none', (_, blinding) => {
    expect(world.flatMap((one) => guesses(one, (patient) => blinding(patient, one.leaf.index)))).toEqual([])
  })

  test('and has the key of one patient names that patient’s leaves, and of the others none', () => {
    for (const one of world) {
      const found = guesses(one, () => leafBlinding(sha256, keyOf(2), one.leaf.index))
      expect(found).toEqual(one.patient === 2 ? [2] : [])
    }
  })

  test('finds nothing in them that goes with the patient', () => {
    // Blinded hashes, told apart by what was learned of the first half; and bytes in which the patient does stand, to see that it can be learned.
    expect(guessedRight(({ hash }) => hash)).toBeLessThan(LIKE_CHANCE)
    expect(guessedRight(({ leaf }) => encodeLeaf({ ...leaf, index: 0 }))).toBeGreaterThan(0.99)
  })
})

/** A third, and four standard deviations of as many throws of a die with three sides. */
const LIKE_CHANCE = 1 / 3 + 4 * Math.sqrt(2 / 9 / (LEAVES / 2))

/** Learns from half of the leaves how often each bit is set for each patient. @returns which part of the others it then names as they are. */
function guessedRight(seen: (one: Placed) => Uint8Array): number {
  const bitsOf = (one: Placed) =>
    Array.from(seen(one), (byte) => Array.from({ length: 8 }, (_, bit) => (byte >> bit) & 1)).flat()
  const half = LEAVES / 2
  const learned = PATIENTS.map((patient) => {
    const theirs = world
      .slice(0, half)
      .filter((one) => one.patient === patient)
      .map(bitsOf)
    const often = (theirs[0] ?? []).map(
      (_, bit) => theirs.reduce((sum, bits) => sum + (bits[bit] ?? 0), 1) / (theirs.length + 2),
    )
    return { patient, often }
  })
  const right = world.slice(half).filter((one) => {
    const bits = bitsOf(one)
    const likely = learned.map(({ patient, often }) => {
      const sum = often.reduce((all, p, bit) => all + Math.log(bits[bit] === 1 ? p : 1 - p), 0)
      return { patient, sum }
    })
    return likely.toSorted((a, b) => b.sum - a.sum)[0]?.patient === one.patient
  })
  return right.length / (LEAVES - half)
}
