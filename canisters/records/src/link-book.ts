import {
  ByteReader,
  ByteWriter,
  concatBytes,
  ID_BYTES,
  LINK_OPENINGS_LISTED_MAX,
  LINKS_LISTED_MAX,
  NS_PER_HOUR,
} from '@medguard/protocol'
import {
  asIs,
  assert,
  type Blobs,
  bytes,
  createCounters,
  createRows,
  createSequences,
  flag,
  idsIn,
  type Rows,
  rowOf,
  section,
  u32,
  u64,
  u8,
} from '@medguard/shared'
import { blobOf } from './codec.ts'

/** A link for somebody without an account. */
export interface Link {
  readonly patientId: Uint8Array
  /** Patient id of whoever made it: the patient's own, or that of who acts in their place. */
  readonly giverId: Uint8Array
  /** SHA-256 of the token in its address. */
  readonly tokenHash: Uint8Array
  readonly madeNs: bigint
  readonly endNs: bigint
  /** 0 while it gives something. */
  readonly endedNs: bigint
  /** Of `LINK_END`, once it has ended. */
  readonly why: number
  readonly hasPasscode: boolean
  readonly attemptsMax: number
  readonly attemptsLeft: number
  readonly salt: Uint8Array
  readonly verifier: Uint8Array
  readonly fileKey: Uint8Array
  readonly bodyNo: bigint
  readonly sizeBytes: number
  readonly openings: number
}
const LINK = rowOf(1, {
  patientId: bytes(16),
  giverId: bytes(16),
  tokenHash: bytes(32),
  madeNs: u64,
  endNs: u64,
  endedNs: u64,
  why: u8,
  hasPasscode: flag,
  attemptsMax: u8,
  attemptsLeft: u8,
  salt: bytes(16),
  verifier: bytes(32),
  fileKey: bytes(32),
  bodyNo: u64,
  sizeBytes: u32,
  openings: u32,
})
const NO_SECRETS = { salt: new Uint8Array(16), verifier: new Uint8Array(32), fileKey: new Uint8Array(32) }
/** Decoded where there is none. */
const NO_LINK = LINK.encode({
  ...NO_SECRETS,
  patientId: new Uint8Array(16),
  giverId: new Uint8Array(16),
  tokenHash: new Uint8Array(32),
  madeNs: 0n,
  endNs: 0n,
  endedNs: 0n,
  why: 0,
  hasPasscode: false,
  attemptsMax: 0,
  attemptsLeft: 0,
  bodyNo: 0n,
  sizeBytes: 0,
  openings: 0,
})

export interface LinkFile {
  /** Index in `LINK_CONTENT_TYPES`. */
  readonly contentType: number
  readonly jwe: Uint8Array
}
export interface LinkContent {
  /** In front of the addresses of its files: ASCII. */
  readonly origin: Uint8Array
  readonly files: readonly LinkFile[]
}
export interface LinkOpening {
  readonly atNs: bigint
  /** UTF-8. */
  readonly recipient: Uint8Array
}

const ALL = new Uint8Array(0)
const NONE = new Uint8Array(0)
const LAYOUT = 1
/** Hours that one run of `due` looks into. */
const HOURS_AT_ONCE = 200
/** The hour that is looked into next, and how many of its links were. */
const CURSOR = rowOf(1, { hour: u32, done: u32 })

export interface LinkBookOptions {
  /**
   * 0: link id -> Link. 1: patient id -> n × link id. 2: link id -> sealed label. 3: link id -> what its body has: `1 || origin length u8 || origin || n × (type u8 || bytes u32)`.
   * 4: link id -> `1 || n × (atNs u64 || length u16 || recipient)`. 5: hour -> ids of links that end in it. 6: the cursor in these. 7: how many live.
   */
  readonly rows: Rows
  readonly blobs: Blobs
  readonly nextBodyNo: () => bigint
  /** Bytes that a vault takes up from now on, or no more. */
  readonly count: (patientId: Uint8Array, sizeBytes: bigint) => void
}

export function createLinkBook({ rows, blobs, nextBodyNo, count }: LinkBookOptions) {
  const linkRows = section(rows, 0)
  const links = createRows(linkRows, { key: asIs, row: LINK })
  const ofPatient = section(rows, 1)
  const labels = section(rows, 2)
  const contents = section(rows, 3)
  const openings = section(rows, 4)
  const byHour = createSequences(section(rows, 5), { entryBytes: ID_BYTES, entriesPerRun: 30 })
  const cursor = createRows(section(rows, 6), { key: asIs, row: CURSOR })
  const live = createCounters(section(rows, 7))

  const blobIn = ({ bodyNo, sizeBytes }: Link) =>
    blobOf({ bodyNo, chunkCount: 1, chunkLog2: 20, sizeBytes: BigInt(sizeBytes) })
  const forgetOne = (linkId: Uint8Array): void => {
    const link = links.get(linkId)
    if (link === undefined) return
    if (link.endedNs === 0n) book.end(linkId, link, { endedNs: link.madeNs, why: 0 })
    for (const each of [labels, openings]) each.delete(linkId)
    links.delete(linkId)
  }

  const book = {
    /** Undefined for what nobody has, at the same cost (I7). */
    get(linkId: Uint8Array): Link | undefined {
      const row = linkRows.get(linkId)
      const link = LINK.decode(row ?? NO_LINK)
      assert(link !== null, 'a stored link decodes')
      return row === undefined ? undefined : link
    },
    /** In the order they were made. */
    idsOf: (patientId: Uint8Array): Uint8Array[] => idsIn(ofPatient.get(patientId) ?? NONE),
    label: (linkId: Uint8Array): Uint8Array => labels.get(linkId) ?? NONE,
    live: (): bigint => live.of(ALL),
    /** @param of with what takes its place in the list of the patient's, the oldest that is over, where that is full. */
    add(
      linkId: Uint8Array,
      link: Omit<Link, 'bodyNo' | 'sizeBytes' | 'openings' | 'endedNs' | 'why'>,
      { label, origin, files }: LinkContent & { readonly label: Uint8Array },
    ): void {
      assert(!links.has(linkId), 'a link is made once')
      const body = concatBytes(...files.map(({ jwe }) => jwe))
      const made = { ...link, bodyNo: nextBodyNo(), sizeBytes: body.length, openings: 0, endedNs: 0n, why: 0 }
      const blob = blobIn(made)
      blobs.makeRoom(blob)
      blobs.put(blob, 0, body)
      blobs.seal(blob)
      const content = new ByteWriter(2 + origin.length + files.length * 5).u8(LAYOUT).u8(origin.length).raw(origin)
      for (const { contentType, jwe } of files) content.u8(contentType).u32(jwe.length)
      contents.set(linkId, content.done())
      labels.set(linkId, label)
      links.set(linkId, made)
      const ids = book.idsOf(link.patientId)
      const over = ids.length < LINKS_LISTED_MAX ? -1 : ids.findIndex((id) => links.get(id)?.endedNs !== 0n)
      const left = over < 0 ? ids : ids.toSpliced(over, 1)
      const gone = ids[over]
      if (gone !== undefined) forgetOne(gone)
      ofPatient.set(link.patientId, concatBytes(...left, linkId))
      const hour = hourOf(link.endNs)
      const ending = byHour.of(hourKey(hour))
      ending.push(linkId)
      ending.save()
      if (!cursor.has(ALL)) cursor.set(ALL, { hour: hourOf(link.madeNs), done: 0 })
      live.add(ALL, 1n)
      count(link.patientId, BigInt(body.length))
    },
    /** A wrong passcode. @returns the link as it is now. */
    tried(linkId: Uint8Array, link: Link): Link {
      const tried = { ...link, attemptsLeft: link.attemptsLeft - 1 }
      links.set(linkId, tried)
      return tried
    },
    opened(linkId: Uint8Array, link: Link, opening: LinkOpening): void {
      links.set(linkId, { ...link, openings: link.openings + 1 })
      const kept = [...book.openings(linkId), opening].slice(-LINK_OPENINGS_LISTED_MAX)
      const sizeBytes = kept.reduce((sum, { recipient }) => sum + 10 + recipient.length, 1)
      const row = new ByteWriter(sizeBytes).u8(LAYOUT)
      for (const { atNs, recipient } of kept) row.u64(atNs).u16(recipient.length).raw(recipient)
      openings.set(linkId, row.done())
    },
    /** The newest, oldest first. */
    openings(linkId: Uint8Array): readonly LinkOpening[] {
      const row = openings.get(linkId)
      if (row === undefined) return []
      const reader = new ByteReader(row)
      assert(reader.u8() === LAYOUT, 'openings decode')
      const found: LinkOpening[] = []
      while (reader.offset < row.length) found.push({ atNs: reader.u64(), recipient: reader.raw(reader.u16()) })
      return found
    },
    /** Of a link that gives something. */
    content(linkId: Uint8Array, link: Link): LinkContent {
      const row = contents.get(linkId)
      assert(row?.[0] === LAYOUT, 'a link that lives has its content')
      const reader = new ByteReader(row)
      reader.u8()
      const origin = reader.raw(reader.u8())
      const body = blobs.read(blobIn(link), 0)
      const files: LinkFile[] = []
      for (let at = 0; reader.offset < row.length;) {
        const contentType = reader.u8()
        const end = at + reader.u32()
        files.push({ contentType, jwe: body.subarray(at, end) })
        at = end
      }
      return { origin, files }
    },
    /** Its content goes, and what knew its passcode; what stays tells its patient that it was there. Chunks are removed by `blobs.collect`. */
    end(linkId: Uint8Array, link: Link, { endedNs, why }: Pick<Link, 'endedNs' | 'why'>): void {
      links.set(linkId, { ...link, ...NO_SECRETS, endedNs, why })
      contents.delete(linkId)
      blobs.discardSealed(blobIn(link))
      live.add(ALL, -1n)
      count(link.patientId, -BigInt(link.sizeBytes))
    },
    /** Of a patient whose vault is erased: the last few of their links. @returns their ids, none when there are no more. */
    forget(patientId: Uint8Array, most: number): readonly Uint8Array[] {
      const ids = book.idsOf(patientId)
      const gone = ids.slice(-most)
      for (const linkId of gone) forgetOne(linkId)
      const left = ids.slice(0, ids.length - gone.length)
      if (left.length > 0) ofPatient.set(patientId, concatBytes(...left))
      else ofPatient.delete(patientId)
      return gone
    },
    /** Ids of links whose last hour is over, each once; they may have ended before, or be gone. @returns also whether there are more. */
    due(nowNs: bigint, most: number): { readonly ids: readonly Uint8Array[]; readonly isMore: boolean } {
      const now = hourOf(nowNs)
      let { hour, done } = cursor.get(ALL) ?? { hour: now, done: 0 }
      const ids: Uint8Array[] = []
      for (let looked = 0; hour < now && looked < HOURS_AT_ONCE && ids.length < most; looked++) {
        const ending = byHour.of(hourKey(hour))
        const some = idsIn(ending.entries(done, most - ids.length))
        ids.push(...some)
        done += some.length
        if (done < ending.count) break
        byHour.erase(hourKey(hour))
        hour++
        done = 0
      }
      if (cursor.has(ALL)) cursor.set(ALL, { hour, done })
      return { ids, isMore: hour < now }
    },
  }
  return book
}
export type LinkBook = ReturnType<typeof createLinkBook>

const hourOf = (ns: bigint): number => Number(ns / NS_PER_HOUR)
const hourKey = (hour: number): Uint8Array => new ByteWriter(4).u32(hour).done()
