import {
  ByteWriter,
  concatBytes,
  decodeGrant,
  encodeGrant,
  equalBytes,
  type Grant,
  GRANT_PAGE_MAX,
  GRANTS_LIVE_MAX,
  GRANTS_TOTAL_MAX,
  ID_BYTES,
  refuse,
  type RefusalArm,
} from '@medguard/protocol'
import { assert } from './assert.ts'
import { createSequences, type Sequence } from './collections/sequence.ts'
import { type GrantState, NOBODYS } from './grant-rules.ts'
import { type Rows, section } from './maps.ts'
import { keepShape } from './shapes.ts'

// What `decodeGrant` makes.
keepShape(
  'grantId',
  'patientId',
  'grantee',
  'rights',
  'purpose',
  'startNs',
  'endNs',
  'agreementHash',
  'compartments',
  'terms',
)
keepShape('roles', 'namesSensitive', 'categories', 'fromDay', 'untilDay', 'excluded')
/** Layout 1: `1 || endedNs(8, zero while active) || canonical grant`. */
const LAYOUT = 1
/** An entry of `live`. */
const LIVE_BYTES = ID_BYTES + 8
const INDEX = { entryBytes: ID_BYTES, entriesPerRun: 32 }

/** Decoded where there is none: of middling length, or the longest that there are would cost a tenth more than none. */
const NO_GRANT = encodeRow(encodeGrant({ ...NOBODYS.grant, ...middling(NOBODYS.grant) }), 0n)

function middling({ compartments, terms }: Grant): Pick<Grant, 'compartments' | 'terms'> {
  const excluded = [new Uint8Array(29)]
  return { compartments: [...compartments, ...compartments], terms: terms === null ? null : { ...terms, excluded } }
}

function encodeRow(canonical: Uint8Array, endedNs: bigint): Uint8Array {
  return new ByteWriter(9 + canonical.length).u8(LAYOUT).u64(endedNs).raw(canonical).done()
}
function decodeRow(row: Uint8Array): GrantState {
  const grant = row[0] === LAYOUT ? decodeGrant(row.subarray(9)) : null
  assert(grant !== null, 'a stored grant decodes')
  const endedNs = new DataView(row.buffer, row.byteOffset).getBigUint64(1)
  return { grant, endedNs: endedNs === 0n ? null : endedNs }
}

/** A grant that ended by its period. */
export interface Expired {
  readonly grantId: Uint8Array
  readonly endNs: bigint
}

/** One canister's copies of grants, by id, with an order of their own for the patient and for the grantee. */
export function createGrantBook(rows: Rows) {
  const grants = section(rows, 0) // grant id -> state
  // 1 and 2 are retired: the indices of layout 1
  const live = section(rows, 3) // patient id -> (grant id(16), endNs(8)) of grants that were active when last looked at
  const given = createSequences(section(rows, 4), INDEX) // grant ids by patient id
  const received = createSequences(section(rows, 5), INDEX) // grant ids by grantee
  const inPlace = section(rows, 6) // patient id -> (grant id(16), patient id of who gave it in the patient's place(16)), over ones until they are met

  const book = {
    has: (grantId: Uint8Array): boolean => grants.has(grantId),
    /** Costs the same whether the grant is there or not, so that a refusal does not tell (I7). */
    get(grantId: Uint8Array): GrantState | undefined {
      const row = grants.get(grantId)
      const state = decodeRow(row ?? NO_GRANT)
      return row === undefined ? undefined : state
    },
    /** Stores a new grant. The same bytes again are no change; other bytes under one id are refused. */
    add(grant: Grant, nowNs: bigint): { readonly added: boolean } | { readonly refusal: RefusalArm } {
      const bytes = encodeGrant(grant)
      const present = grants.get(grant.grantId)
      if (present !== undefined)
        return equalBytes(present.subarray(9), bytes) ? { added: false } : { refusal: refuse.idConflict }
      const alive = liveOf(grant.patientId, nowNs)
      const ofPatient = given.of(grant.patientId)
      const ofGrantee = received.of(grant.grantee)
      // Nothing that is counted per grantee: whoever has an account could fill it, and nobody could share with them again.
      if (alive.length >= LIVE_BYTES * GRANTS_LIVE_MAX || ofPatient.count >= GRANTS_TOTAL_MAX)
        return { refusal: refuse.full }
      put(bytes, grant.grantId, 0n)
      for (const index of [ofPatient, ofGrantee]) {
        index.push(grant.grantId)
        index.save()
      }
      const entry = new ByteWriter(LIVE_BYTES).raw(grant.grantId).u64(grant.endNs).done()
      live.set(grant.patientId, concatBytes(alive, entry))
      return { added: true }
    },
    /** Ends an active grant. @returns when it ended: now, or earlier if its period was over. */
    end({ grant }: GrantState, nowNs: bigint): bigint {
      const endedNs = nowNs < grant.endNs ? nowNs : grant.endNs
      put(encodeGrant(grant), grant.grantId, endedNs)
      const alive = liveOf(grant.patientId, nowNs)
      live.set(
        grant.patientId,
        entriesWhere(alive, (at) => !isAt(alive, at, grant.grantId)),
      )
      return endedNs
    },
    /** Notes who gave a new grant in the patient's place. */
    noteGiver({ grantId, patientId }: Grant, giverId: Uint8Array, nowNs: bigint): void {
      const alive = new Set(book.liveOf(patientId, nowNs).map(text))
      const kept = givenInPlace(patientId).filter((entry) => alive.has(text(entry.subarray(0, ID_BYTES))))
      inPlace.set(patientId, concatBytes(...kept, grantId, giverId))
    },
    /** Ends what somebody gave in a patient's place. @returns those grants that were active. */
    endGivenBy(patientId: Uint8Array, giverId: Uint8Array, nowNs: bigint): Grant[] {
      const entries = givenInPlace(patientId)
      const theirs = entries.filter((entry) => equalBytes(entry.subarray(ID_BYTES), giverId))
      if (theirs.length === 0) return []
      const ended = new Map<string, Grant>()
      for (const entry of theirs) {
        const state = book.get(entry.subarray(0, ID_BYTES))
        if (state?.endedNs !== null || nowNs >= state.grant.endNs) continue
        put(encodeGrant(state.grant), state.grant.grantId, nowNs)
        ended.set(text(state.grant.grantId), state.grant)
      }
      const alive = live.get(patientId) ?? new Uint8Array(0)
      live.set(
        patientId,
        entriesWhere(alive, (at) => !ended.has(text(alive.subarray(at, at + ID_BYTES)))),
      )
      const others = entries.filter((entry) => !theirs.includes(entry))
      if (others.length > 0) inPlace.set(patientId, concatBytes(...others))
      else inPlace.delete(patientId)
      return [...ended.values()]
    },
    /** Ids of a patient's grants that are not over. */
    liveOf(patientId: Uint8Array, nowNs: bigint): Uint8Array[] {
      const alive = liveOf(patientId, nowNs)
      const ids: Uint8Array[] = []
      for (let at = 0; at < alive.length; at += LIVE_BYTES) ids.push(alive.slice(at, at + ID_BYTES))
      return ids
    },
    /**
     * The grants of a patient whose period ended since they were last looked at, oldest first. Each is taken once, and a revoked one never.
     *
     * @param most that are taken at a time.
     */
    takeExpired(patientId: Uint8Array, nowNs: bigint, most: number): Expired[] {
      const row = live.get(patientId)
      if (row === undefined) return []
      const view = new DataView(row.buffer, row.byteOffset, row.length)
      const taken: Expired[] = []
      const rest = entriesWhere(row, (at) => {
        const endNs = view.getBigUint64(at + ID_BYTES)
        if (nowNs < endNs || taken.length >= most) return true
        taken.push({ grantId: row.slice(at, at + ID_BYTES), endNs })
        return false
      })
      if (taken.length > 0) live.set(patientId, rest)
      return taken
    },
    /** Of a patient whose vault is erased: what they gave is only in the lists of those whom they gave it to. */
    forget(patientId: Uint8Array): void {
      given.erase(patientId)
      live.delete(patientId)
    },
    givenBy: (patientId: Uint8Array, from: number, count: number) => page(given.of(patientId), from, count),
    /** By any of these principals, which are one person's: first what one of them received, then what the next did. */
    receivedBy(grantees: readonly Uint8Array[], from: number, count: number) {
      const states: GrantState[] = []
      let total = 0
      for (const grantee of grantees) {
        const first = Math.max(0, from - total)
        const some = page(received.of(grantee), first, Math.min(count, GRANT_PAGE_MAX) - states.length)
        states.push(...some.states)
        total += some.total
      }
      return { total, states }
    },
    /**
     * Brings one row of layout 1 where this layout has it. In order: an index had its entries one to a row, under `length u8 || whose`, and behind it
     * `position(4)`; the row with the count had nothing there.
     */
    fromLayout1(key: Uint8Array, value: Uint8Array): 'kept' | 'gone' {
      const [part, length = 0] = key
      const index = part === 1 ? given : part === 2 ? received : null
      if (index === null) return 'kept'
      if (key.length > 2 + length) {
        const entries = index.of(key.slice(2, 2 + length))
        entries.push(value)
        entries.save()
      }
      rows.delete(key)
      return 'gone'
    },
  }

  function givenInPlace(patientId: Uint8Array): Uint8Array[] {
    const row = inPlace.get(patientId) ?? new Uint8Array(0)
    const entries: Uint8Array[] = []
    for (let at = 0; at < row.length; at += 2 * ID_BYTES) entries.push(row.subarray(at, at + 2 * ID_BYTES))
    return entries
  }
  function put(canonical: Uint8Array, grantId: Uint8Array, endedNs: bigint): void {
    grants.set(grantId, encodeRow(canonical, endedNs))
  }
  /** The entries whose period is not over, behind one another. */
  function liveOf(patientId: Uint8Array, nowNs: bigint): Uint8Array {
    const row = live.get(patientId) ?? new Uint8Array(0)
    const view = new DataView(row.buffer, row.byteOffset)
    return entriesWhere(row, (at) => nowNs < view.getBigUint64(at + ID_BYTES))
  }
  function page(index: Sequence, from: number, count: number) {
    const states: GrantState[] = []
    const ids = index.entries(from, Math.min(count, GRANT_PAGE_MAX))
    for (let at = 0; at < ids.length; at += ID_BYTES) {
      const state = book.get(ids.subarray(at, at + ID_BYTES))
      assert(state !== undefined, 'the index names only grants that exist')
      states.push(state)
    }
    return { total: index.count, states }
  }
  return book
}
export type GrantBook = ReturnType<typeof createGrantBook>

/** An id as what a set compares. */
const text = (id: Uint8Array): string => String.fromCharCode(...id)

const isAt = (row: Uint8Array, at: number, id: Uint8Array): boolean =>
  row[at] === id[0] && equalBytes(row.subarray(at, at + ID_BYTES), id)

/** Those entries of `live` that `isKept` wants, asked with where they begin; the same bytes when it wants all. */
function entriesWhere(row: Uint8Array, isKept: (at: number) => boolean): Uint8Array {
  const kept: Uint8Array[] = []
  let runAt = 0
  for (let at = 0; at < row.length; at += LIVE_BYTES) {
    if (isKept(at)) continue
    kept.push(row.subarray(runAt, at))
    runAt = at + LIVE_BYTES
  }
  return runAt === 0 ? row : concatBytes(...kept, row.subarray(runAt))
}
