import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { decodeRet, encodeArg, NS_PER_SECOND, Principal } from '@medguard/protocol'
import { evaluate } from '../../scripts/canister/evaluate.ts'
import { createCanisterModule } from '../../scripts/canister/template.ts'
import { removeProbes } from '../../scripts/canister/wasm.ts'
import { type Arg, type CanisterName, type MethodName, methodOf } from './clinic.ts'
import { type StableImage, unpackImage } from './stable-image.ts'
import { openStepped, somebody, type Stepped } from './stepped.ts'

// What the modules of a release stored, and what they answered when they were asked about it. How such images are made: `make-golden.ts`.

/** Releases whose canisters may still be upgraded, oldest first. */
export const RELEASES = ['first-light', 'toolkit', 'vault-core'] as const
export type Release = (typeof RELEASES)[number]

const fileOf = (release: string, file: string): URL => new URL(`../vectors/${release}/${file}`, import.meta.url)
export const factsFile = (release: string): URL => fileOf(release, 'facts.json')
export const imageFile = (release: string, name: CanisterName): URL => fileOf(release, `${name}.stable.gz`)
export const bundleFile = (release: string, name: CanisterName): URL => fileOf(release, `${name}.js.gz`)

/** Those of `whole-life.fixture.ts` who stay. */
export const LIVED = ['ines', 'karl', 'mara', 'nils', 'olga', 'petra'] as const
export const PEOPLE = ['amal', 'berta', 'carl', 'dora', 'emil', 'fred', 'gina', 'hugo', ...LIVED] as const
export type PersonName = (typeof PEOPLE)[number]
export const principalOf = (name: PersonName): Principal => somebody(name)

/** A message, its argument in hexadecimal. */
export interface Question {
  readonly who: PersonName
  readonly canister: CanisterName
  readonly method: string
  readonly arg: string
}
/** `answer` is what `plain` makes of the reply. */
export interface Exchange extends Question {
  readonly answer: unknown
}
export interface Facts {
  readonly source: string
  /** SHA-256 of the modules that wrote the images. */
  readonly modules: Readonly<Record<CanisterName, string>>
  /** When the images were taken, nanoseconds since 1970, decimal. */
  readonly takenNs: string
  /** The log then; hexadecimal. */
  readonly log: { readonly treeHead: string; readonly leafHashes: readonly string[] }
  /** Of the patient `amal`; hexadecimal. */
  readonly ids: { readonly patientId: string; readonly labs: string; readonly shareGrantId: string }
  /** In their order: some change what later ones find. */
  readonly exchanges: readonly Exchange[]
}

export const readFacts = (release: Release): Facts => JSON.parse(readFileSync(factsFile(release), 'utf8')) as Facts
export function readImages(release: Release): Readonly<Record<CanisterName, StableImage>> {
  const read = (name: CanisterName) => unpackImage(new Uint8Array(readFileSync(imageFile(release, name))))
  return { consent: read('consent'), records: read('records'), audit: read('audit') }
}

/** The module that a release shipped, made again from its bundle. */
export async function moduleOf(release: 'toolkit', name: CanisterName): Promise<Uint8Array<ArrayBuffer>> {
  const bundle = gunzipSync(readFileSync(bundleFile(release, name))).toString()
  const module = await createCanisterModule(bundle)
  const { methods, heap } = evaluate(module.bare())
  return new Uint8Array(removeProbes(module.preInitialised(methods, heap)))
}

export const question = <C extends CanisterName, M extends MethodName<C>>(
  who: PersonName,
  canister: C,
  method: M,
  arg: Arg<C, M>,
): Question => ({ who, canister, method, arg: hex(encodeArg(methodOf(canister, method), arg)) })
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Opens the network again as the images have it, upgraded to the present modules. */
export async function reopen(images: Readonly<Record<CanisterName, StableImage>>, takenNs: bigint): Promise<Stepped> {
  const net = await openStepped({ images, beginNs: takenNs })
  await settleAll(net)
  return net
}

/** Asks in order. */
export function ask(net: Stepped, questions: readonly Question[], logSize: number): Exchange[] {
  return questions.map(({ who, canister, method, arg }) => {
    const reply = net.send(principalOf(who), canister, method, new Uint8Array(Buffer.from(arg, 'hex')))
    return { who, canister, method, arg, answer: plain(decodeRet(methodOf(canister, method), reply), logSize) }
  })
}

/** What depends on how many leaves the upgrade itself wrote, and when. */
const MOVING = new Set(['nowNs', 'untilNs', 'leafIndex', 'firstLeafIndex', 'head', 'proof', 'lastLeafHash'])
const SHOWN_BYTES_MAX = 600

/** An answer as JSON: bytes in hexadecimal, long ones as their hash; a leaf that is newer than the image without its place and time. */
function plain(value: unknown, logSize: number): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Principal) return value.toText()
  if (value instanceof Uint8Array) {
    const isNewLeaf = hex(value.subarray(0, 4)) === hex(textBytes('MGL1')) && indexOf(value) >= logSize
    if (isNewLeaf) return 'a leaf of later'
    return value.length <= SHOWN_BYTES_MAX ? hex(value) : `${value.length} bytes, ${hex(sha256(value))}`
  }
  if (Array.isArray(value)) return value.map((each) => plain(each, logSize))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([name]) => !MOVING.has(name))
  return Object.fromEntries(entries.map(([name, each]) => [name, plain(each, logSize)]))
}
const indexOf = (leaf: Uint8Array) => Number(new DataView(leaf.buffer, leaf.byteOffset).getBigUint64(4))
export const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha256').update(bytes).digest())

/** Until the outboxes are empty. */
export async function settleAll(net: Stepped): Promise<void> {
  for (let i = 0; i < 3; i++) {
    net.setTime(net.nowNs() + NS_PER_SECOND)
    net.settle()
  }
}

const textBytes = (text: string): Uint8Array => new TextEncoder().encode(text)
