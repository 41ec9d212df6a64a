import { fromHex, Principal, toHex } from '@medguard/protocol'
import { fromBase64, toBase64 } from '@medguard/tlog'
import { CannotTell, type HistoryOf, Unsound } from './verdict.ts'

/** One entry of the log and the way from it to the head. */
export interface EvidenceEntry {
  /** `MGL1`, 180 bytes. */
  readonly leaf: Uint8Array
  /** `MGD1`. */
  readonly detail: Uint8Array
  /** Audit path to the head, 32 bytes each, lowest first. */
  readonly path: readonly Uint8Array[]
}

/** A call that asked the log how long a history is, and the certificate of its reply. */
export interface EvidenceHistory {
  readonly of: HistoryOf
  readonly sender: Uint8Array
  readonly ingressExpiryNs: bigint
  readonly nonce: Uint8Array | null
  /** Candid, as it was sent. */
  readonly arg: Uint8Array
  readonly certificate: Uint8Array
}

/** Everything that proves some entries of a log, without asking anybody (docs/evidence.md). */
export interface Evidence {
  /** Canister that keeps the log, as bytes of its id. */
  readonly log: Uint8Array
  readonly head: {
    /** Hash tree that holds the tree head, CBOR. */
    readonly witness: Uint8Array
    /** Of the network, CBOR. */
    readonly certificate: Uint8Array
  }
  readonly entries: readonly EvidenceEntry[]
  /** Present when the entries are all there are. */
  readonly history: EvidenceHistory | null
  /** Smaller heads of this log, each with the proof that the head continues it. */
  readonly earlier: readonly {
    readonly size: number
    readonly root: Uint8Array
    readonly path: readonly Uint8Array[]
  }[]
  /** Signed notes of this log, at most as large as the head, each with the proof that the head continues it. */
  readonly checkpoints: readonly { readonly note: string; readonly path: readonly Uint8Array[] }[]
}

const FORMAT = 'medguard evidence 1'
const FORMAT_OF_ANY_VERSION = /^medguard evidence [0-9]+$/
const HASH_BYTES = 32

/** The file. One bundle has one text. */
export function encodeEvidence(evidence: Evidence): string {
  const { log, head, entries, history, earlier, checkpoints } = evidence
  const file = {
    format: FORMAT,
    log: Principal.fromUint8Array(log).toText(),
    head: { witness: toBase64(head.witness), certificate: toBase64(head.certificate) },
    history:
      history === null
        ? null
        : {
            of: history.of.kind,
            id: toHex(history.of.id),
            sender: Principal.fromUint8Array(history.sender).toText(),
            ingressExpiryNs: history.ingressExpiryNs.toString(),
            nonce: history.nonce === null ? null : toHex(history.nonce),
            arg: toBase64(history.arg),
            certificate: toBase64(history.certificate),
          },
    earlier: earlier.map(({ size, root, path }) => ({ size, root: toHex(root), path: encodePath(path) })),
    checkpoints: checkpoints.map(({ note, path }) => ({ note, path: encodePath(path) })),
    entries: entries.map(({ leaf, detail, path }) => ({
      leaf: toBase64(leaf),
      detail: toBase64(detail),
      path: encodePath(path),
    })),
  }
  return `${JSON.stringify(file, null, 1)}\n`
}

/**
 * Takes exactly what `encodeEvidence` writes: no field more, none twice, nothing spelt otherwise, so that no two programs read two things in one file.
 *
 * @throws Unsound `BadFile`. @throws CannotTell for a newer version of the format.
 */
export function decodeEvidence(text: string): Evidence {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw badFile('it is no JSON')
  }
  const file = new Fields(parsed)
  const format = file.text('format')
  if (format !== FORMAT && FORMAT_OF_ANY_VERSION.test(format))
    throw new CannotTell(`this is ${format}, and this program knows ${FORMAT}`)
  if (format !== FORMAT) throw badFile('it is no evidence')
  const head = file.record('head')
  const evidence: Evidence = {
    log: file.principal('log'),
    head: { witness: head.base64('witness'), certificate: head.base64('certificate') },
    history: file.isNull('history') ? null : historyOf(file.record('history')),
    earlier: file.list('earlier').map((each) => ({
      size: each.size('size'),
      root: each.hex('root'),
      path: each.path('path'),
    })),
    checkpoints: file.list('checkpoints').map((each) => ({ note: each.text('note'), path: each.path('path') })),
    entries: file.list('entries').map((each) => ({
      leaf: each.base64('leaf'),
      detail: each.base64('detail'),
      path: each.path('path'),
    })),
  }
  if (encodeEvidence(evidence) !== text) throw badFile('it is not as this program writes it')
  return evidence
}

function historyOf(fields: Fields): EvidenceHistory {
  const kind = fields.text('of')
  if (kind !== 'patient' && kind !== 'organisation') throw badFile('of')
  return {
    of: { kind, id: fields.hex('id') },
    sender: fields.principal('sender'),
    ingressExpiryNs: fields.u64('ingressExpiryNs'),
    nonce: fields.isNull('nonce') ? null : fields.hex('nonce'),
    arg: fields.base64('arg'),
    certificate: fields.base64('certificate'),
  }
}

const badFile = (what: string): Unsound => new Unsound('BadFile', `the file is not evidence: ${what}`)

function encodePath(path: readonly Uint8Array[]): string {
  const bytes = new Uint8Array(path.length * HASH_BYTES)
  for (const [i, hash] of path.entries()) bytes.set(hash, i * HASH_BYTES)
  return toBase64(bytes)
}

/** Fields of one object of a file that anybody may have written. @throws Unsound for whatever is not there as it should be. */
class Fields {
  readonly #fields: Readonly<Record<string, unknown>>
  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badFile('an object is missing')
    this.#fields = value as Readonly<Record<string, unknown>>
  }
  isNull(name: string): boolean {
    return this.#fields[name] === null
  }
  text(name: string): string {
    const value = this.#fields[name]
    if (typeof value !== 'string') throw badFile(name)
    return value
  }
  record(name: string): Fields {
    return new Fields(this.#fields[name])
  }
  list(name: string): Fields[] {
    const value = this.#fields[name]
    if (!Array.isArray(value)) throw badFile(name)
    return value.map((each: unknown) => new Fields(each))
  }
  size(name: string): number {
    const value = this.#fields[name]
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw badFile(name)
    return value
  }
  u64(name: string): bigint {
    const text = this.text(name)
    const value = /^[0-9]{1,20}$/.test(text) ? BigInt(text) : -1n
    if (value < 0n || value >= 1n << 64n) throw badFile(name)
    return value
  }
  base64(name: string): Uint8Array {
    return present(fromBase64(this.text(name)), name)
  }
  hex(name: string): Uint8Array {
    return present(fromHex(this.text(name)), name)
  }
  principal(name: string): Uint8Array {
    const text = this.text(name)
    try {
      return Principal.fromText(text).toUint8Array()
    } catch {
      throw badFile(name)
    }
  }
  path(name: string): Uint8Array[] {
    const bytes = this.base64(name)
    if (bytes.length % HASH_BYTES !== 0) throw badFile(name)
    return Array.from({ length: bytes.length / HASH_BYTES }, (_, i) =>
      bytes.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES),
    )
  }
}
function present<T>(value: T | null, name: string): T {
  if (value === null) throw badFile(name)
  return value
}
