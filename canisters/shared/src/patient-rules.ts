import {
  BLOCKS_MAX,
  ByteWriter,
  type PatientRules,
  Principal,
  refuse,
  type RefusalArm,
  REQUESTS_FROM,
  type RulesChange,
  SENSITIVE_ALWAYS,
} from '@medguard/protocol'
import { assert } from './assert.ts'
import { isAnonymous } from './host.ts'
import type { Rows } from './maps.ts'

/** What a patient has laid down for all sharing. Consent and records keep a copy each and read it by this same code. */

/** Layout 1: `1 || pausedNs(8, zero while not) || sensitive u8 || requestsFrom u8 || n × (length u8 || principal(29, zero padded))`. */
const LAYOUT = 1
const HEAD_BYTES = 11
const ENTRY_BYTES = 30

/** Who never laid anything down. */
const FIRST_RULES: PatientRules = {
  pausedNs: [],
  sensitive: SENSITIVE_ALWAYS,
  requestsFrom: REQUESTS_FROM.indexOf('verified'),
  blocked: [],
}

/** Pauses nothing and blocks a principal that is none. */
const ROW_OF_NOBODY = Uint8Array.from({ length: HEAD_BYTES + ENTRY_BYTES }, (_, i) => (i === 0 ? LAYOUT : 0))

/** Rules by patient id. */
export function createRulesBook(rows: Rows) {
  return {
    of(patientId: Uint8Array): PatientRules {
      const row = rows.get(patientId)
      return row === undefined ? FIRST_RULES : decodeRules(row)
    },
    /** @returns the row as it is stored. */
    set(patientId: Uint8Array, rules: PatientRules): Uint8Array {
      const row = encodeRules(rules)
      rows.set(patientId, row)
      return row
    },
    /** Categories that a grant covers only by naming them, one bit each. */
    /** Of a patient whose vault is erased. */
    forget: (patientId: Uint8Array): void => rows.delete(patientId),
    isPaused: (patientId: Uint8Array): boolean => isPaused(rows.get(patientId) ?? ROW_OF_NOBODY),
    sensitive: (patientId: Uint8Array): number => rows.get(patientId)?.[9] ?? SENSITIVE_ALWAYS,
    /**
     * What stands against whoever these principals are, whatever was granted. A block comes before a pause: it tells nothing. Asked for every
     * grant, so that rows are searched as text, which is native work.
     */
    bar(patientId: Uint8Array, principals: readonly Uint8Array[]): 'blocked' | 'paused' | null {
      // Where no rules are, as many are looked through as most people have: a refusal costs the same (I7).
      const row = rows.get(patientId) ?? ROW_OF_NOBODY
      const blocked = text(row.subarray(HEAD_BYTES))
      if (blocked.length > 0 && principals.some((principal) => positionIn(blocked, principal) >= 0)) return 'blocked'
      return isPaused(row) ? 'paused' : null
    },
  }
}
export type RulesBook = ReturnType<typeof createRulesBook>

/**
 * Rules after a change, or why it is none.
 * @param own raw principals of the patient: nobody blocks themselves.
 */
export function changedRules(
  rules: PatientRules,
  change: RulesChange,
  { own, nowNs }: { readonly own: Uint8Array; readonly nowNs: bigint },
): { readonly rules: PatientRules; readonly isSame: boolean } | { readonly refusal: RefusalArm } {
  const same = { rules, isSame: true }
  const changed = (part: Partial<PatientRules>) => ({ rules: { ...rules, ...part }, isSame: false })
  if ('pause' in change) return rules.pausedNs.length > 0 ? same : changed({ pausedNs: [nowNs] })
  if ('resume' in change) return rules.pausedNs.length === 0 ? same : changed({ pausedNs: [] })
  if ('sensitive' in change) {
    const { sensitive } = change
    if ((sensitive & SENSITIVE_ALWAYS) === 0) return { refusal: refuse.badInput('sensitive', 'range') }
    return sensitive === rules.sensitive ? same : changed({ sensitive })
  }
  if ('requestsFrom' in change) {
    const { requestsFrom } = change
    if (requestsFrom >= REQUESTS_FROM.length) return { refusal: refuse.badInput('requestsFrom', 'range') }
    return requestsFrom === rules.requestsFrom ? same : changed({ requestsFrom })
  }
  const whom = 'block' in change ? change.block : change.unblock
  const others = rules.blocked.filter((each) => each.toText() !== whom.toText())
  const isBlocked = others.length < rules.blocked.length
  if ('unblock' in change) return isBlocked ? changed({ blocked: others }) : same
  if (isBlocked) return same
  const raw = whom.toUint8Array()
  if (raw.length === 0 || isAnonymous(raw)) return { refusal: refuse.badInput('block', 'nobody') }
  if (text(raw) === text(own)) return { refusal: refuse.badInput('block', 'self') }
  return others.length >= BLOCKS_MAX ? { refusal: refuse.full } : changed({ blocked: [...others, whom] })
}

function encodeRules({ pausedNs, sensitive, requestsFrom, blocked }: PatientRules): Uint8Array {
  const writer = new ByteWriter(HEAD_BYTES + ENTRY_BYTES * blocked.length)
    .u8(LAYOUT)
    .u64(pausedNs[0] ?? 0n)
    .u8(sensitive)
    .u8(requestsFrom)
  for (const principal of blocked) writer.raw(entryOf(principal.toUint8Array()))
  return writer.done()
}

function decodeRules(row: Uint8Array): PatientRules {
  const isWhole = row[0] === LAYOUT && row.length >= HEAD_BYTES && (row.length - HEAD_BYTES) % ENTRY_BYTES === 0
  assert(isWhole, 'stored rules decode')
  const blocked: Principal[] = []
  for (let at = HEAD_BYTES; at < row.length; at += ENTRY_BYTES)
    blocked.push(Principal.fromUint8Array(row.slice(at + 1, at + 1 + (row[at] ?? 0))))
  const pausedNs = new DataView(row.buffer, row.byteOffset).getBigUint64(1)
  return {
    pausedNs: pausedNs === 0n ? [] : [pausedNs],
    sensitive: row[9] ?? SENSITIVE_ALWAYS,
    requestsFrom: row[10] ?? 0,
    blocked,
  }
}

const isPaused = (row: Uint8Array): boolean => new DataView(row.buffer, row.byteOffset).getBigUint64(1) !== 0n

function entryOf(principal: Uint8Array): Uint8Array {
  const entry = new Uint8Array(ENTRY_BYTES)
  entry[0] = principal.length
  entry.set(principal, 1)
  return entry
}

/** Position of a principal among entries, or -1. Only where an entry begins, and its length stands there: so what fills the rest is not compared. */
function positionIn(entries: string, principal: Uint8Array): number {
  const wanted = String.fromCharCode(principal.length) + text(principal)
  for (let at = entries.indexOf(wanted); at >= 0; at = entries.indexOf(wanted, at + 1))
    if (at % ENTRY_BYTES === 0) return at / ENTRY_BYTES
  return -1
}

/** Short byte strings as text: native work, where byte by byte would show in what a refusal costs (I7). */
const text = (bytes: Uint8Array): string => String.fromCharCode.apply(null, bytes as unknown as number[])
