import { equalBytes } from '@medguard/protocol'
import type { Evidence, EvidenceEntry } from './bundle.ts'
import { verifyBls, type VerifyBls } from './certificate.ts'

/** Small and seeded (mulberry32): a run that failed can be run again. */
export function randomOf(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let word = Math.imul(state ^ (state >>> 15), 1 | state)
    word = (word + Math.imul(word ^ (word >>> 7), 61 | word)) ^ word
    return ((word ^ (word >>> 14)) >>> 0) % below
  }
}
export type Random = ReturnType<typeof randomOf>

/**
 * A check of signatures that looks each up among those it has seen hold. A BLS signature is the only one of its key over its message, so this accepts
 * exactly what the real check accepts, short of a forgery; it costs a thousandth.
 */
export function rememberingBls(): { readonly learn: VerifyBls; readonly recall: VerifyBls } {
  const known: (readonly [Uint8Array, Uint8Array, Uint8Array])[] = []
  return {
    learn(...asked) {
      const holds = verifyBls(...asked)
      if (holds) known.push(asked)
      return holds
    },
    recall: (...asked) => known.some((each) => each.every((bytes, i) => equalBytes(bytes, asked[i]!))),
  }
}

const pick = <T>(random: Random, all: readonly T[]): T => all[random(all.length)]!
const replaced = <T>(all: readonly T[], at: number, by: T): T[] => all.map((each, i) => (i === at ? by : each))

/** Other bytes: one bit turned, one byte set, cut, grown, or two places swapped. */
export function changed(bytes: Uint8Array, random: Random): Uint8Array {
  for (;;) {
    const out = bytes.slice()
    const at = bytes.length === 0 ? 0 : random(bytes.length)
    const kind = bytes.length === 0 ? 4 : random(6)
    if (kind <= 1) out[at] = (out[at] ?? 0) ^ (1 << random(8))
    if (kind === 2) out[at] = random(256)
    if (kind === 3) return bytes.slice(0, at)
    if (kind === 4) return Uint8Array.of(...bytes, random(256))
    if (kind === 5) {
      const other = random(bytes.length)
      ;[out[at], out[other]] = [out[other] ?? 0, out[at] ?? 0]
    }
    if (!equalBytes(out, bytes)) return out
  }
}

const changedPath = (path: readonly Uint8Array[], random: Random): Uint8Array[] => {
  const at = random(path.length + 1)
  if (random(3) === 0 || at === path.length) return path.length === 0 ? [new Uint8Array(32)] : path.slice(0, -1)
  const hash = path[at]!.slice()
  hash[random(32)]! ^= 1 << random(8)
  return replaced(path, at, hash)
}

type Change = (evidence: Evidence, random: Random) => Evidence
const changedEntry =
  (change: (entry: EvidenceEntry, random: Random) => EvidenceEntry): Change =>
  (evidence, random) => {
    const at = random(evidence.entries.length)
    return { ...evidence, entries: replaced(evidence.entries, at, change(evidence.entries[at]!, random)) }
  }

/** Ways to change evidence of a whole history, none of which may be believed. */
export const CHANGES: Readonly<Record<string, Change>> = {
  leaf: changedEntry((entry, random) => ({ ...entry, leaf: changed(entry.leaf, random) })),
  detail: changedEntry((entry, random) => ({ ...entry, detail: changed(entry.detail, random) })),
  path: changedEntry((entry, random) => ({ ...entry, path: changedPath(entry.path, random) })),
  missing: (evidence, random) => ({
    ...evidence,
    entries: evidence.entries.toSpliced(random(evidence.entries.length), 1),
  }),
  twice: (evidence, random) => {
    const at = random(evidence.entries.length)
    return {
      ...evidence,
      entries: evidence.entries.toSpliced(random(evidence.entries.length), 0, evidence.entries[at]!),
    }
  },
  swapped: (evidence, random) => {
    const one = random(evidence.entries.length)
    const other = (one + 1 + random(evidence.entries.length - 1)) % evidence.entries.length
    const entries = replaced(evidence.entries, one, evidence.entries[other]!)
    return { ...evidence, entries: replaced(entries, other, evidence.entries[one]!) }
  },
  witness: (evidence, random) => ({
    ...evidence,
    head: { ...evidence.head, witness: changed(evidence.head.witness, random) },
  }),
  certificate: (evidence, random) => ({
    ...evidence,
    head: { ...evidence.head, certificate: changed(evidence.head.certificate, random) },
  }),
  history: (evidence, random) => {
    const history = evidence.history!
    const field = pick(random, ['sender', 'nonce', 'arg', 'certificate', 'id', 'expiry'] as const)
    if (field === 'expiry')
      return {
        ...evidence,
        history: { ...history, ingressExpiryNs: history.ingressExpiryNs ^ (1n << BigInt(random(63))) },
      }
    if (field === 'id') {
      const id = history.of.id.slice()
      id[random(16)]! ^= 1 << random(8)
      return { ...evidence, history: { ...history, of: { ...history.of, id } } }
    }
    if (field === 'nonce')
      return { ...evidence, history: { ...history, nonce: random(4) === 0 ? null : changed(history.nonce!, random) } }
    if (field === 'sender') {
      const sender = history.sender.slice()
      sender[random(sender.length)]! ^= 1 << random(8)
      return { ...evidence, history: { ...history, sender } }
    }
    return { ...evidence, history: { ...history, [field]: changed(history[field], random) } }
  },
  earlier: (evidence, random) => {
    const at = random(evidence.earlier.length)
    const each = evidence.earlier[at]!
    const root = each.root.slice()
    root[random(32)]! ^= 1 << random(8)
    const change = pick(random, [{ root }, { size: each.size + 1 }, { path: changedPath(each.path, random) }])
    return { ...evidence, earlier: replaced(evidence.earlier, at, { ...each, ...change }) }
  },
  checkpoint: (evidence, random) => {
    const at = random(evidence.checkpoints.length)
    const each = evidence.checkpoints[at]!
    if (random(4) === 0)
      return {
        ...evidence,
        checkpoints: replaced(evidence.checkpoints, at, { ...each, path: changedPath(each.path, random) }),
      }
    const place = random(each.note.length)
    const letter = pick(random, ['a', 'Z', '0', '9', '+', '/', '=', '—', ' ', '\n'])
    const note = each.note.slice(0, place) + letter + each.note.slice(place + (random(2) === 0 ? 1 : 0))
    return { ...evidence, checkpoints: replaced(evidence.checkpoints, at, { ...each, note }) }
  },
}
export type ChangeName = keyof typeof CHANGES
