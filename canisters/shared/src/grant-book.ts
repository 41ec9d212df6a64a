import {
  ByteReader,
  ByteWriter,
  concatBytes,
  decodeGrant,
  encodeGrant,
  equalBytes,
  type Grant,
  GRANT_PAGE_MAX,
  GRANTS_LIVE_MAX,
  GRANTS_TOTAL_MAX,
  refuse,
  type RefusalArm,
} from '@medguard/protocol'
import { assert } from './assert.ts'
import { type GrantState, NOBODYS } from './grant-rules.ts'
import { type Rows, section } from './maps.ts'

/** Layout 1: `1 || endedNs(8, zero while active) || canonical grant`. */
const LAYOUT = 1

/** Decoded where there is none. */
const NO_GRANT = encodeRow(encodeGrant(NOBODYS.grant), 0n)

function encodeRow(canonical: Uint8Array, endedNs: bigint): Uint8Array {
  return new ByteWriter(9 + canonical.length).u8(LAYOUT).u64(endedNs).raw(canonical).done()
}
function decodeRow(row: Uint8Array): GrantState {
  const grant = row[0] === LAYOUT ? decodeGrant(row.subarray(9)) : null
  assert(grant !== null, 'a stored grant decodes')
  const endedNs = new ByteReader(row.subarray(1, 9)).u64()
  return { grant, endedNs: endedNs === 0n ? null : endedNs }
}

/** One canister's copies of grants, by id, with an order of their own for the patient and for the grantee. */
export function createGrantBook(rows: Rows) {
  const grants = section(rows, 0) // grant id -> state
  const given = createIndex(section(rows, 1)) // by patient id
  const received = createIndex(section(rows, 2)) // by grantee
  const live = section(rows, 3) // patient id -> (grant id(16), endNs(8)) of grants that were active when last looked at

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
      const isFull =
        alive.length >= GRANTS_LIVE_MAX ||
        given.total(grant.patientId) >= GRANTS_TOTAL_MAX ||
        received.total(grant.grantee) >= GRANTS_TOTAL_MAX
      if (isFull) return { refusal: refuse.full }
      put(bytes, grant.grantId, 0n)
      given.push(grant.patientId, grant.grantId)
      received.push(grant.grantee, grant.grantId)
      live.set(grant.patientId, concatBytes(...alive, new ByteWriter(24).raw(grant.grantId).u64(grant.endNs).done()))
      return { added: true }
    },
    /** Ends an active grant. @returns when it ended: now, or earlier if its period was over. */
    end({ grant }: GrantState, nowNs: bigint): bigint {
      const endedNs = nowNs < grant.endNs ? nowNs : grant.endNs
      put(encodeGrant(grant), grant.grantId, endedNs)
      const rest = liveOf(grant.patientId, nowNs).filter((entry) => !equalBytes(entry.subarray(0, 16), grant.grantId))
      live.set(grant.patientId, concatBytes(...rest))
      return endedNs
    },
    givenBy: (patientId: Uint8Array, from: number, count: number) => page(given, patientId, from, count),
    receivedBy: (grantee: Uint8Array, from: number, count: number) => page(received, grantee, from, count),
  }

  function put(canonical: Uint8Array, grantId: Uint8Array, endedNs: bigint): void {
    grants.set(grantId, encodeRow(canonical, endedNs))
  }
  function liveOf(patientId: Uint8Array, nowNs: bigint): Uint8Array[] {
    const row = live.get(patientId) ?? new Uint8Array()
    const entries: Uint8Array[] = []
    for (let at = 0; at < row.length; at += 24) {
      const entry = row.subarray(at, at + 24)
      if (nowNs < new ByteReader(entry.subarray(16)).u64()) entries.push(entry)
    }
    return entries
  }
  function page(index: GrantIndex, key: Uint8Array, from: number, count: number) {
    const total = index.total(key)
    const states: GrantState[] = []
    for (let i = from; i < total && states.length < Math.min(count, GRANT_PAGE_MAX); i++) {
      const state = book.get(index.at(key, i))
      assert(state !== undefined, 'the index names only grants that exist')
      states.push(state)
    }
    return { total, states }
  }
  return book
}
export type GrantBook = ReturnType<typeof createGrantBook>

/** A dense list of grant ids for each key. Rows: key -> count(4); key || position(4) -> grant id. */
function createIndex(rows: Rows) {
  // A key may be as long as a principal, and one principal may begin like another: the length in front keeps them apart.
  const nameOf = (key: Uint8Array) => new ByteWriter(1 + key.length).u8(key.length).raw(key).done()
  const placeOf = (key: Uint8Array, i: number) => new ByteWriter(5 + key.length).u8(key.length).raw(key).u32(i).done()
  const total = (key: Uint8Array): number => new ByteReader(rows.get(nameOf(key)) ?? new Uint8Array(4)).u32()
  return {
    total,
    at(key: Uint8Array, i: number): Uint8Array {
      const grantId = rows.get(placeOf(key, i))
      assert(grantId !== undefined, 'positions are dense')
      return grantId
    },
    push(key: Uint8Array, grantId: Uint8Array): void {
      const count = total(key)
      rows.set(placeOf(key, count), grantId)
      rows.set(nameOf(key), new ByteWriter(4).u32(count + 1).done())
    },
  }
}
type GrantIndex = ReturnType<typeof createIndex>
