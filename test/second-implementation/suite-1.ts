// docs/crypto.md, "Records" and "Wraps" and "Capsules", written down a second time over node:crypto. Nothing of `src/` is used here.
import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'

import { ascii, int, join } from './vetkd.ts'

export const hash = (...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(
    createHash('sha256')
      .update(join(...parts))
      .digest(),
  )
const NO_SALT = new Uint8Array(32)
function derive(from: Uint8Array, salt: Uint8Array, label: string, fields: Uint8Array, length = 32): Uint8Array {
  const info = join(ascii(`medguard/1/${label}`), new Uint8Array(1), fields)
  return new Uint8Array(hkdfSync('sha256', from, salt, info, length))
}

function seal(key: Uint8Array, nonce: Uint8Array, data: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(data)
  return join(cipher.update(plaintext), cipher.final(), cipher.getAuthTag())
}
function open(key: Uint8Array, nonce: Uint8Array, data: Uint8Array, sealed: Uint8Array): Uint8Array {
  const at = sealed.length - 16
  const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(data).setAuthTag(sealed.subarray(at))
  return join(decipher.update(sealed.subarray(0, at)), decipher.final())
}

export interface Compartment {
  readonly patientId: Uint8Array
  readonly kind: number
  readonly cid: Uint8Array
  readonly epoch: number
}
export interface Version {
  readonly patientId: Uint8Array
  readonly recordId: Uint8Array
  readonly version: number
}
const idOf = ({ recordId, version }: Version): Uint8Array => join(recordId, int(version, 4))

export const keyInput = ({ patientId, kind, cid, epoch }: Compartment): Uint8Array =>
  join(ascii('MGK1'), patientId, int(kind, 1), cid, int(epoch, 4))

export function compartmentKeys(vetKey: Uint8Array, shredSalt: Uint8Array, of: Compartment) {
  const input = keyInput(of)
  return {
    list: derive(vetKey, shredSalt, 'kek-list', input),
    open: derive(vetKey, shredSalt, 'kek-open', input),
    capsule: derive(vetKey, shredSalt, 'kek-capsule', input),
    search: derive(vetKey, shredSalt, 'kek-search', input),
    check: derive(vetKey, shredSalt, 'kek-check', input, 16),
  }
}

export const headerSecret = (recordSecret: Uint8Array, of: Version): Uint8Array =>
  derive(recordSecret, NO_SALT, 'header-secret', idOf(of))
export const openCommitment = (recordSecret: Uint8Array, of: Version): Uint8Array =>
  derive(recordSecret, NO_SALT, 'commit-open', idOf(of))
export const listCommitment = (ofHeader: Uint8Array, of: Version): Uint8Array =>
  derive(ofHeader, NO_SALT, 'commit-list', idOf(of))

function padme(length: number): number {
  if (length < 2) return length
  const exponent = Math.floor(Math.log2(length))
  const unit = 2 ** Math.max(0, exponent - Math.floor(Math.log2(exponent)) - 1)
  return Math.ceil(length / unit) * unit
}
/** RFC 6962, section 2.1: the left half is the largest power of two below the number. */
export function treeRoot(leaves: readonly Uint8Array[]): Uint8Array {
  const [only] = leaves
  if (only === undefined) return hash()
  if (leaves.length === 1) return hash(int(0, 1), only)
  const half = 2 ** (Math.ceil(Math.log2(leaves.length)) - 1)
  return hash(int(1, 1), treeRoot(leaves.slice(0, half)), treeRoot(leaves.slice(half)))
}

const chunkPlace = (of: Version, chunkLog2: number, i: number, isLast: boolean) => ({
  nonce: join(new Uint8Array(7), int(i, 4), int(isLast ? 1 : 0, 1)),
  data: join(ascii('MGB1'), int(1, 1), int(chunkLog2, 1), idOf(of), int(i, 4), int(isLast ? 1 : 0, 1)),
})
const bodyKey = (recordSecret: Uint8Array, of: Version, streamSalt: Uint8Array, chunkLog2: number): Uint8Array =>
  derive(recordSecret, streamSalt, 'body', join(idOf(of), int(1, 1), int(chunkLog2, 1)))

/** Everything random is an argument, so that the same arguments make the same bytes. */
export function sealRecord(args: {
  of: Version
  home: Compartment
  keys: ReturnType<typeof compartmentKeys>
  recordSecret: Uint8Array
  streamSalt: Uint8Array
  chunkLog2: number
  headerSalt: Uint8Array
  headerNonce: Uint8Array
  wrapNonces: readonly [list: Uint8Array, open: Uint8Array]
  previousManifestHash: Uint8Array
  header: object
  body: Uint8Array
}) {
  const { of, home, keys, recordSecret, streamSalt, chunkLog2 } = args
  const padded = join(args.body, new Uint8Array(padme(args.body.length) - args.body.length))
  const size = 2 ** chunkLog2
  const count = Math.max(1, Math.ceil(padded.length / size))
  const key = bodyKey(recordSecret, of, streamSalt, chunkLog2)
  const chunks = Array.from({ length: count }, (_, i) => {
    const { nonce, data } = chunkPlace(of, chunkLog2, i, i === count - 1)
    return seal(key, nonce, data, padded.subarray(i * size, (i + 1) * size))
  })
  const ofHeader = headerSecret(recordSecret, of)
  const bound = join(
    ascii('MGM1'),
    int(1, 1),
    int(chunkLog2, 1),
    int(0, 2),
    idOf(of),
    of.patientId,
    int(home.kind, 1),
    home.cid,
    int(0, 3),
    int(count, 4),
    int(padded.length, 8),
    streamSalt,
    openCommitment(recordSecret, of),
    listCommitment(ofHeader, of),
    treeRoot(chunks),
    args.previousManifestHash,
  )
  const json = ascii(JSON.stringify({ ...args.header, bodyBytes: args.body.length, bodySha256: hex(hash(args.body)) }))
  const headerBytes = Math.max(512, Math.ceil((4 + json.length) / 256) * 256)
  const plaintext = join(int(json.length, 4), json, new Uint8Array(headerBytes - 4 - json.length))
  const headerKey = derive(ofHeader, args.headerSalt, 'header', join(idOf(of), int(1, 1)))
  const sealedHeader = seal(headerKey, args.headerNonce, join(ascii('MGH1'), hash(bound)), plaintext)
  const header = join(ascii('MGH1'), int(1, 1), int(0, 3), args.headerSalt, args.headerNonce, sealedHeader)
  const [listNonce, openNonce] = args.wrapNonces
  return {
    chunks,
    header,
    manifest: join(bound, hash(header)),
    listWrap: wrap({ tier: 1, key: keys.list, at: home, of, nonce: listNonce, secret: ofHeader }),
    openWrap: wrap({ tier: 2, key: keys.open, at: home, of, nonce: openNonce, secret: recordSecret }),
  }
}
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

const wrapData = (head: Uint8Array, at: Compartment, of: Version): Uint8Array =>
  join(head, of.patientId, int(at.kind, 1), at.cid, idOf(of))

export function wrap(args: {
  tier: 1 | 2 | 3
  key: Uint8Array
  at: Compartment
  of: Version
  nonce: Uint8Array
  secret: Uint8Array
}): Uint8Array {
  const head = join(ascii('MGW1'), int(args.tier, 1), int(1, 1), int(0, 2), int(args.at.epoch, 4))
  return join(head, args.nonce, seal(args.key, args.nonce, wrapData(head, args.at, args.of), args.secret))
}
/** @throws Error for a wrap of anything but this version, compartment, tier and epoch. */
export function unwrap(key: Uint8Array, tier: 1 | 2 | 3, at: Compartment, of: Version, bytes: Uint8Array): Uint8Array {
  const head = join(ascii('MGW1'), int(tier, 1), int(1, 1), int(0, 2), int(at.epoch, 4))
  if (hex(bytes.subarray(0, 12)) !== hex(head) || bytes.length !== 72) throw new Error('another wrap')
  return open(key, bytes.subarray(12, 24), wrapData(head, at, of), bytes.subarray(24))
}

/** @throws Error unless every check of docs/crypto.md holds. */
export function openRecord(args: {
  of: Version
  home: Compartment
  keys: ReturnType<typeof compartmentKeys>
  manifest: Uint8Array
  header: Uint8Array
  listWrap: Uint8Array
  openWrap: Uint8Array
  chunks: readonly Uint8Array[]
  /** What `mg-deflate-1` begins with. */
  dictionary?: Uint8Array
}): { header: { title: string; bodyBytes: number; bodySha256: string }; body: Uint8Array } {
  const { of, home, keys, manifest, chunks } = args
  const ofHeader = unwrap(keys.list, 1, home, of, args.listWrap)
  const recordSecret = unwrap(keys.open, 2, home, of, args.openWrap)
  const expect = (at: number, bytes: Uint8Array, what: string): void => {
    if (hex(manifest.subarray(at, at + bytes.length)) !== hex(bytes)) throw new Error(what)
  }
  expect(0, join(ascii('MGM1'), int(1, 1)), 'format')
  expect(8, join(idOf(of), of.patientId, int(home.kind, 1), home.cid), 'another record')
  expect(108, openCommitment(recordSecret, of), 'another record secret')
  expect(140, listCommitment(ofHeader, of), 'another header secret')
  expect(172, treeRoot(chunks), 'another body')
  expect(236, hash(args.header), 'another header')
  const headerKey = derive(ofHeader, args.header.subarray(8, 24), 'header', join(idOf(of), int(1, 1)))
  const data = join(ascii('MGH1'), hash(manifest.subarray(0, 236)))
  const plaintext = Buffer.from(open(headerKey, args.header.subarray(24, 36), data, args.header.subarray(36)))
  const header = JSON.parse(plaintext.subarray(4, 4 + plaintext.readUInt32BE(0)).toString()) as {
    title: string
    bodyBytes: number
    bodySha256: string
    encoding?: string
  }
  const chunkLog2 = manifest[5] ?? 0
  const key = bodyKey(recordSecret, of, manifest.subarray(76, 108), chunkLog2)
  const padded = join(
    ...chunks.map((chunk, i) => {
      const place = chunkPlace(of, chunkLog2, i, i === chunks.length - 1)
      return open(key, place.nonce, place.data, chunk)
    }),
  )
  if (header.encoding !== undefined) return { header, body: decoded(header, padded, args.dictionary) }
  const body = padded.slice(0, header.bodyBytes)
  const isPadded = padded.length === padme(body.length) && padded.subarray(body.length).every((byte) => byte === 0)
  if (!isPadded || hex(hash(body)) !== header.bodySha256) throw new Error('another content')
  return { header, body }
}

function decoded(
  header: { encoding?: string; bodyBytes: number; bodySha256: string },
  padded: Uint8Array,
  of?: Uint8Array,
) {
  const end = 4 + Buffer.from(padded).readUInt32BE()
  const isPadded =
    padded.length === padme(Math.ceil(end / 256) * 256) && padded.subarray(end).every((byte) => byte === 0)
  if (header.encoding !== 'mg-deflate-1' || of === undefined || !isPadded) throw new Error('another encoding')
  const options = { dictionary: of, maxOutputLength: header.bodyBytes }
  const body = new Uint8Array(inflateRawSync(padded.subarray(4, end), options))
  if (body.length !== header.bodyBytes || hex(hash(body)) !== header.bodySha256) throw new Error('another content')
  return body
}

/** The clear half of a capsule; the sealed half is `ibeSeal` of the root to the key input. */
export const capsuleClear = (capsuleId: Uint8Array, at: Compartment, steps: number): Uint8Array =>
  join(ascii('MGC1'), capsuleId, keyInput(at), int(1, 1), int(steps, 2))

/** C(step) and the key of that step. */
export function capsuleStep(root: Uint8Array, clearHalf: Uint8Array, step: number) {
  let secret = derive(root, NO_SALT, 'capsule-init', clearHalf)
  for (let i = 0; i < step; i++) secret = derive(secret, NO_SALT, 'capsule-step', int(i, 4))
  return { secret, key: derive(secret, NO_SALT, 'capsule-wrap', int(step, 4)) }
}

/** A wrap under one step of a capsule. */
export function capsuleWrap(args: {
  tier: 1 | 2
  key: Uint8Array
  at: Compartment
  of: Version
  capsuleId: Uint8Array
  step: number
  nonce: Uint8Array
  secret: Uint8Array
}): Uint8Array {
  const { key, at, of, nonce } = args
  const head = join(ascii('MGW1'), int(args.tier, 1), int(3, 1), int(0, 2), int(at.epoch, 4))
  const which = join(args.capsuleId, int(args.step, 4))
  return join(head, nonce, seal(key, nonce, join(wrapData(head, at, of), which), args.secret), which)
}

/** "Search words": what a device keeps to search in. */
export function openSearchWords(keys: { readonly search: Uint8Array }, of: Compartment, sealed: Uint8Array): string {
  const data = join(sealed.subarray(0, 12), keyInput(of))
  const padded = open(keys.search, sealed.subarray(12, 24), data, sealed.subarray(24))
  const length = Buffer.from(padded).readUInt32BE()
  if (padme(4 + length) !== padded.length) throw new Error('another length')
  return Buffer.from(padded.subarray(4, 4 + length)).toString('utf8')
}
