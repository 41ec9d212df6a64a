import { readFileSync, writeFileSync } from 'node:fs'
import { createPrng, type Prng } from '@medguard/localnet'
import { encodeArg, fromHex, IDL, toHex } from '@medguard/protocol'
import fc from 'fast-check'
import { likeTypes, valuesOf } from '../../scripts/codec-printer/candid-values.fixture.ts'
import { accessTable, casesOf, ownArg } from '../scenarios/access-table.ts'
import { bombsFor } from '../scenarios/candid-bombs.ts'
import { type CanisterName, methodOf, Rejected } from '../scenarios/clinic.ts'
import { openStepped, type Stepped } from '../scenarios/stepped.ts'
import { CALLERS, type Caller, openWard, type Ward, type WardClinic } from '../scenarios/ward.ts'
import { clinicOn } from './method-questions.fixture.ts'

// Looks for arguments that make a method spend much: well formed ones of its type and of types like it, bombs, and what becomes of them when bytes change. What
// costs more than anything before is kept and changed further.

const CORPUS_FILE = new URL('../vectors/costly-arguments.json', import.meta.url)
/** Larger ones would make the file large, and cost by their size. */
const CORPUS_BYTES_MAX = 2_000
const KEPT = 6

export interface Costly {
  readonly caller: Caller
  readonly bytes: Uint8Array
  readonly instructions: number
}
export interface Found {
  /** The dearest of whoever has no account, and of whoever has one. */
  readonly ofStranger: Costly
  readonly ofHolder: Costly
  /** Arguments that ended in a bug of ours. */
  readonly bugs: readonly string[]
}
export interface FuzzWorld {
  /** @param tries how many arguments are sent. */
  fuzz(canister: CanisterName, method: string, tries: number): Promise<Found>
}

type Corpus = Readonly<Record<string, readonly { readonly caller: Caller; readonly hex: string }[]>>
const readCorpus = (): Corpus => JSON.parse(readFileSync(CORPUS_FILE, 'utf8')) as Corpus
/** Makes the dearest arguments those with which the next run begins. */
export function writeCorpus(found: ReadonlyMap<string, Found>): void {
  const entries = [...found].map(([name, { ofStranger, ofHolder }]) => {
    const small = [ofStranger, ofHolder].filter(({ bytes }) => bytes.length <= CORPUS_BYTES_MAX)
    return [name, small.map(({ caller, bytes }) => ({ caller, hex: toHex(bytes) }))] as const
  })
  writeFileSync(CORPUS_FILE, `${JSON.stringify(Object.fromEntries(entries), null, 1)}\n`)
}

export async function openFuzzWorld(seed: string): Promise<FuzzWorld> {
  const net = await openStepped()
  const ward = await openWard(clinicOn(net))
  const table = accessTable(ward)
  const corpus = readCorpus()
  return {
    async fuzz(canister, name, tries) {
      const method = methodOf(canister, name)
      const prng = createPrng(`${seed} ${canister}.${name}`)
      const good = await ownArg(table, canister, name)
      const entitled =
        CALLERS.find((caller) => casesOf(table, canister, name).some(({ expected }) => expected[caller] === 'Ok')) ??
        'controller'
      const callers: readonly Caller[] = ['stranger', 'otherUser', entitled]
      const start: Uint8Array[] = [
        ...(corpus[`${canister}.${name}`] ?? []).map(({ hex }) => fromHex(hex) ?? new Uint8Array()),
        encodeArg(method, good),
        ...bombsFor(method, good).map(({ bytes }) => bytes),
        ...made(method.arg.idl, prng),
      ].filter(({ length }) => length <= method.argBytesMax)
      const nothing: Costly = { caller: 'stranger', bytes: new Uint8Array(), instructions: 0 }
      const best: Record<'stranger' | 'holder', Costly[]> = { stranger: [], holder: [] }
      const bugs: string[] = []
      const attempt = (caller: Caller, bytes: Uint8Array): void => {
        const { instructions, bug } = send(net, ward, { canister, name, caller, bytes })
        if (bug !== null) bugs.push(`${caller} ${toHex(bytes).slice(0, 400)}: ${bug}`)
        const kept = best[caller === 'stranger' ? 'stranger' : 'holder']
        kept.push({ caller, bytes, instructions })
        kept.sort((a, b) => b.instructions - a.instructions)
        kept.splice(KEPT)
      }
      for (let i = 0; i < tries; i++) {
        const caller = callers[prng.below(callers.length)] ?? 'stranger'
        const kept = best[caller === 'stranger' ? 'stranger' : 'holder']
        const fresh = start[i < start.length ? i : prng.below(start.length)] ?? new Uint8Array()
        const parent =
          kept.length === 0 || i < start.length || prng.chance(0.2) ? fresh : kept[prng.below(kept.length)]?.bytes
        attempt(caller, i < start.length ? fresh : changed(parent ?? fresh, fresh, prng).slice(0, method.argBytesMax))
      }
      return { ofStranger: best.stranger[0] ?? nothing, ofHolder: best.holder[0] ?? nothing, bugs }
    },
  }
}

/** Values of the type, and of types that are like it. */
function made(type: IDL.Type, prng: Prng): Uint8Array[] {
  if (type === IDL.Null) return []
  const options = { seed: prng.below(2 ** 30), numRuns: 24 }
  const own = fc.sample(valuesOf(type), options).map((value) => encoded(type, value))
  const others = fc.sample(
    likeTypes(type).chain((like) => valuesOf(like).map((value) => encoded(like, value))),
    options,
  )
  return [...own, ...others].filter((bytes) => bytes !== null)
}
function encoded(type: IDL.Type, value: unknown): Uint8Array | null {
  try {
    return new Uint8Array(IDL.encode([type], [value]))
  } catch {
    return null // the library cannot write everything that it can name
  }
}

const ODD_BYTES = [0, 1, 0x7f, 0x80, 0xff, 0x6c, 0x6d, 0x6e]
/** One of the changes that fuzzers make. */
function changed(bytes: Uint8Array, other: Uint8Array, prng: Prng): Uint8Array {
  const at = bytes.length === 0 ? 0 : prng.below(bytes.length)
  const end = Math.min(bytes.length, at + 1 + prng.below(32))
  const joined = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts))
  switch (prng.below(7)) {
    case 0:
      return bytes.map((byte, i) => (i === at ? byte ^ (1 << prng.below(8)) : byte))
    case 1:
      return bytes.map((byte, i) => (i === at ? (ODD_BYTES[prng.below(ODD_BYTES.length)] ?? 0) : byte))
    case 2:
      return joined(bytes.subarray(0, at), prng.bytes(1 + prng.below(8)), bytes.subarray(at))
    case 3:
      return joined(bytes.subarray(0, at), bytes.subarray(end))
    case 4: {
      const part = bytes.subarray(at, end)
      return joined(
        bytes.subarray(0, at),
        ...Array.from({ length: 2 + prng.below(30) }, () => part),
        bytes.subarray(end),
      )
    }
    case 5:
      return joined(bytes.subarray(0, at), other.subarray(Math.min(at, other.length)))
    default:
      return joined(bytes, other.subarray(prng.below(other.length + 1)))
  }
}

function send(
  net: Stepped,
  ward: Ward<WardClinic>,
  { canister, name, caller, bytes }: { canister: CanisterName; name: string; caller: Caller; bytes: Uint8Array },
): { instructions: number; bug: string | null } {
  const sender = ward.senderOf(caller)
  if (sender === 'canister') throw new Error('people only')
  net.takeMeters()
  let bug: string | null = null
  try {
    net.send(sender, canister, name, bytes)
  } catch (error) {
    if (!(error instanceof Rejected)) throw error
    // What the canister rejects itself is its answer; what the network rejects for it is a trap.
    if (!['IC0406', 'IC0516'].includes(error.reject.errorCode) && !/BadArgs/.test(error.reject.message))
      bug = error.message
  }
  const own = net.ids[canister].toText()
  const parts = net.takeMeters().filter(({ canisterId, entry }) => canisterId === own && entry.split('#')[0] === name)
  return { instructions: Number(parts.reduce((sum, part) => sum + part.instructions, 0n)), bug }
}
