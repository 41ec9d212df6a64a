import {
  CATEGORIES,
  Fault,
  type LogReport,
  type NewRecord,
  type Outcome,
  type RecordSummary,
  type Share,
  type Vault,
} from '@medguard/client'
import { NS_PER_DAY, NS_PER_MINUTE } from '@medguard/protocol'
import type { Prng } from '@medguard/localnet'
import type { Hospital, Person } from './hospital.ts'

// What people do, and a small model of what must be true because of it.

/** A record that somebody tried to store. */
interface Kept {
  readonly patient: Person
  readonly title: string
  readonly bytes: Uint8Array
  /** Null while the client has no answer: it may have been stored. */
  recordId: string | null
  readonly category: NewRecord['category']
}

interface Granted {
  readonly patient: Person
  readonly grantee: Person
  readonly share: Share
  /** Number of the step in which the end of it was answered. */
  endedAt: number | null
}

export interface Model {
  readonly kept: Kept[]
  readonly granted: Granted[]
  /** Openings that were answered: who read, in whose vault, and where the log is said to have it. */
  readonly opened: { readonly reader: Person; readonly patient: Person; readonly leafIndex: bigint }[]
  /** Lists that were answered. */
  readonly listed: { readonly reader: Person; readonly patient: Person }[]
  readonly counts: Map<string, number>
}

export const newModel = (): Model => ({ kept: [], granted: [], opened: [], listed: [], counts: new Map() })

export interface Doing {
  readonly name: string
  readonly who: string
  /** @throws Violation, or whatever a client throws. */
  readonly run: (startedAt: number, now: () => number) => Promise<string>
}

/** Something that must never be. */
export class Violation extends Error {
  override readonly name = 'Violation'
}

const CATEGORIES_USED = ['labs', 'medicines'] as const

export function drawDoing({ people, net }: Hospital, model: Model, prng: Prng): Doing {
  const pick = <T>(list: readonly T[]): T => list[prng.below(list.length)] as T
  const person = pick(people)
  const own = model.kept.filter(({ patient, recordId }) => patient === person && recordId !== null)
  const given = model.granted.filter(({ patient, endedAt }) => patient === person && endedAt === null)
  const received = model.granted.filter(({ grantee }) => grantee === person)
  const doings: readonly (readonly [weight: number, make: () => Doing | null])[] = [
    [6, () => add(person, model, prng)],
    [3, () => list(person, model)],
    [4, () => (own.length === 0 ? null : openOwn(pick(own), model))],
    [
      4,
      () => share(person, pick(people.filter((other) => other !== person)), own, model, prng, net.machine().timeNs()),
    ],
    [3, () => (given.length === 0 ? null : revoke(pick(given)))],
    [8, () => (received.length === 0 ? null : readShared(pick(received), model))],
    [2, () => readLog(person)],
    [2, () => ({ name: 'finishShares', who: person.name, run: async () => kind(await person.client.finishShares()) })],
    [
      2,
      () => ({
        name: 'sign in again',
        who: person.name,
        // oxlint-disable-next-line require-await
        run: async () => {
          person.signInAgain()
          return 'done'
        },
      }),
    ],
  ]
  for (;;) {
    let at = prng.below(doings.reduce((sum, [weight]) => sum + weight, 0))
    const make = doings.find(([weight]) => (at -= weight) < 0)?.[1]
    const doing = make?.() ?? null
    if (doing !== null) return doing
  }
}

const kind = (outcome: Outcome<unknown>): string =>
  outcome.kind === 'done' ? 'done' : `refused ${outcome.refusal.kind}`

export const enrol = (person: Person): Doing => ({
  name: 'enrol',
  who: person.name,
  run: async () => kind(await person.client.enrol()),
})

function add(patient: Person, model: Model, prng: Prng): Doing {
  const bytes = prng.bytes(50 + prng.below(3000))
  const category = CATEGORIES_USED[prng.below(CATEGORIES_USED.length)] ?? 'labs'
  const title = `record ${model.kept.length}`
  const record: NewRecord = { bytes, title, fileName: null, mediaType: 'text/plain', category, clinicalDate: null }
  const kept: Kept = { patient, title, bytes, recordId: null, category }
  model.kept.push(kept)
  return {
    name: 'add',
    who: patient.name,
    async run() {
      const outcome = await patient.client.add(record)
      if (outcome.kind === 'done') kept.recordId = outcome.value.recordId
      return kind(outcome)
    },
  }
}

function list(person: Person, model: Model): Doing {
  return {
    name: 'list',
    who: person.name,
    async run() {
      const outcome = await person.client.list({ of: 'me' }, CATEGORIES_USED)
      if (outcome.kind === 'done') model.listed.push({ reader: person, patient: person })
      return kind(outcome)
    },
  }
}

function openOwn(kept: Kept, model: Model): Doing {
  return {
    name: 'open',
    who: kept.patient.name,
    async run() {
      const { patient, recordId, category, bytes } = kept
      if (recordId === null) throw new Violation('only stored records are opened')
      const outcome = await patient.client.open({ vault: { of: 'me' }, recordId, version: 1, category })
      if (outcome.kind === 'refused') return kind(outcome)
      expectSame(outcome.value.bytes, bytes, recordId)
      model.opened.push({ reader: patient, patient, leafIndex: outcome.value.leafIndex })
      return 'done'
    },
  }
}

function expectSame(got: Uint8Array, wanted: Uint8Array, recordId: string): void {
  if (Buffer.compare(got, wanted) !== 0) throw new Violation(`record ${recordId} opened as something else`)
}

function share(patient: Person, grantee: Person, own: readonly Kept[], model: Model, prng: Prng, nowNs: bigint): Doing {
  const records = own.slice(-2).flatMap(({ recordId }) => (recordId === null ? [] : [{ recordId, version: 1 }]))
  const byRecord = records.length > 0 && prng.chance(0.4)
  const scope = byRecord ? { records } : { categories: [CATEGORIES_USED[prng.below(2)] ?? 'labs'] }
  const endNs = nowNs + (prng.chance(0.2) ? 3n * NS_PER_MINUTE : NS_PER_DAY * 30n)
  return {
    name: byRecord ? 'share records' : 'share',
    who: `${patient.name} with ${grantee.name}`,
    async run() {
      const outcome = await patient.client.share({
        grantee: grantee.principal,
        scope,
        rights: ['list', 'open'],
        purpose: 'TREAT',
        startNs: nowNs,
        endNs,
      })
      if (outcome.kind === 'done') model.granted.push({ patient, grantee, share: outcome.value, endedAt: null })
      return kind(outcome)
    },
  }
}

function revoke(granted: Granted): Doing {
  const { patient, share: given } = granted
  return {
    name: 'revoke',
    who: patient.name,
    async run(_startedAt, now) {
      const outcome = await patient.client.revoke(given.grantId)
      if (outcome.kind === 'done') granted.endedAt ??= now()
      return kind(outcome)
    },
  }
}

/** Lists what is shared and opens the newest. After the end of the share is answered, whoever begins to read gets nothing. */
function readShared(granted: Granted, model: Model): Doing {
  const { patient, grantee, share: received } = granted
  return {
    name: 'read shared',
    who: `${grantee.name} of ${patient.name}`,
    async run(startedAt) {
      const wasEnded = granted.endedAt !== null && granted.endedAt < startedAt
      const vault: Vault = { of: 'grant', grantId: received.grantId }
      const listed = await grantee.client.list(vault, CATEGORIES)
      if (listed.kind === 'refused') return kind(listed)
      if (wasEnded) throw new Violation(`${grantee.name} lists under ${received.grantId} after its end was answered`)
      model.listed.push({ reader: grantee, patient })
      const newest = listed.value.at(-1)
      if (newest === undefined) return 'done'
      const { recordId, version, category } = newest
      const endedMeanwhile = granted.endedAt !== null
      const opened = await grantee.client.open({ vault, recordId, version, category })
      if (opened.kind === 'refused') return kind(opened)
      if (endedMeanwhile)
        throw new Violation(`${grantee.name} opens under ${received.grantId} after its end was answered`)
      const kept = keptOf(model, patient, newest)
      if (kept !== undefined) expectSame(opened.value.bytes, kept.bytes, recordId)
      model.opened.push({ reader: grantee, patient, leafIndex: opened.value.leafIndex })
      return 'done'
    },
  }
}

const keptOf = (model: Model, patient: Person, { title }: RecordSummary): Kept | undefined =>
  model.kept.find((kept) => kept.patient === patient && kept.title === title)

function readLog(person: Person): Doing {
  return {
    name: 'log',
    who: person.name,
    async run() {
      const outcome = await person.client.log('patient')
      if (outcome.kind === 'refused') return kind(outcome)
      const { verification } = outcome.value
      if (verification.kind === 'failed') throw new Fault(verification.code, verification.what)
      return verification.kind
    },
  }
}

/** Everything must be well once nothing goes wrong any more. @throws Violation */
export async function checkPerson(person: Person, model: Model): Promise<void> {
  const fail = (what: string): never => {
    throw new Violation(`${person.name}, at the end: ${what}`)
  }
  const done = <T>(what: string, outcome: Outcome<T>): T =>
    outcome.kind === 'done' ? outcome.value : fail(`${what} refused: ${outcome.refusal.kind}`)

  person.signInAgain()
  done('finishShares', await person.client.finishShares())
  const listed = done('list', await person.client.list({ of: 'me' }, CATEGORIES_USED))
  model.listed.push({ reader: person, patient: person })
  const mine = model.kept.filter(({ patient }) => patient === person)
  for (const { recordId, title } of mine) {
    if (recordId !== null && !listed.some((summary) => summary.recordId === recordId)) fail(`${title} is gone`)
  }
  for (const summary of listed) {
    const kept = keptOf(model, person, summary)
    if (kept === undefined) return fail(`${summary.title} was never added`)
    const { recordId, version, category } = summary
    const opened = done(
      `open ${kept.title}`,
      await person.client.open({ vault: { of: 'me' }, recordId, version, category }),
    )
    expectSame(opened.bytes, kept.bytes, recordId)
    model.opened.push({ reader: person, patient: person, leafIndex: opened.leafIndex })
  }
  if (new Set(listed.map(({ title }) => title)).size !== listed.length) fail('a record was stored twice')
}

/** The log is whole, proven, and has every reading that was answered. @throws Violation */
export async function checkLog(person: Person, model: Model): Promise<void> {
  const outcome = await person.client.log('patient')
  if (outcome.kind === 'refused') throw new Violation(`${person.name}: the log is refused: ${outcome.refusal.kind}`)
  const { items, verification }: LogReport = outcome.value
  if (verification.kind !== 'verified')
    throw new Violation(
      `${person.name}: the log is ${JSON.stringify(verification, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}`,
    )
  for (const { reader, patient, leafIndex } of model.opened) {
    if (patient !== person) continue
    const item = items.find((one) => one.leafIndex === leafIndex)
    if (item?.event !== 'open' || item.actor !== reader.principal) {
      throw new Violation(
        `${person.name}: ${reader.name} opened, and entry ${leafIndex} is ${item?.event ?? 'not there'}`,
      )
    }
  }
  for (const reader of new Set(model.listed.map((one) => one.reader))) {
    const answered = model.listed.filter((one) => one.patient === person && one.reader === reader).length
    const logged = items.filter(({ event, actor }) => event === 'listSession' && actor === reader.principal).length
    if (logged < answered)
      throw new Violation(`${person.name}: ${reader.name} listed ${answered} times, the log has ${logged}`)
  }
  const adds = items.filter(({ event }) => event === 'recordAdd').length
  const stored = model.kept.filter(({ patient, recordId }) => patient === person && recordId !== null).length
  if (adds < stored) throw new Violation(`${person.name}: ${stored} records stored, the log has ${adds}`)
}
