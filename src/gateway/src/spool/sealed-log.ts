import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto'
import type { DiskFile } from './disk.ts'
import { SpoolFault } from './fault.ts'

// One file of sealed records, numbers big endian:
//
//   file head, 52 bytes:   "MGJ1" || salt (32) || check of the key (16)
//   record head, 56 bytes: tag (16) || number, from 0 (8) || length of what follows (4) || nonce (12) || check (16)
//   record:                AES-256-GCM of its bytes, with its tag behind it
//
// The keys of a file are HKDF-SHA-256 of the given key, with the salt. Checks are the first half of an HMAC; the seal covers the head: no record can be taken out, changed or put elsewhere, but for the
// last ones. Each is on the disk before the next is written. So where writing broke off there is no whole record and none behind it, and that goes; a whole one behind something else is damage.

const MAGIC = Buffer.from('MGJ1')
const SALT_BYTES = 32
const CHECK_BYTES = 16
const FILE_HEAD_BYTES = MAGIC.length + SALT_BYTES + CHECK_BYTES
const TAG_BYTES = 16
const NUMBER_AT = TAG_BYTES
const LENGTH_AT = NUMBER_AT + 8
const NONCE_AT = LENGTH_AT + 4
const CHECK_AT = NONCE_AT + 12
const HEAD_BYTES = CHECK_AT + CHECK_BYTES
const SEAL_BYTES = 16
const WINDOW_BYTES = 1024 * 1024

/** Where a record lies. */
export interface Place {
  readonly position: number
  /** Of head and seal too. */
  readonly sizeBytes: number
}
export interface SealedLog {
  readonly endBytes: number
  /** Behind what is there; not on the disk before `sync`. @throws what the disk throws: nothing of it counts then. */
  append(record: Uint8Array): Promise<Place>
  read(place: Place): Promise<Uint8Array>
  sync(): Promise<void>
  close(): Promise<void>
}

interface Keys {
  readonly seal: Buffer
  readonly check: Buffer
  readonly tag: Buffer
}
function keysOf(key: Uint8Array, salt: Uint8Array): Keys {
  const made = Buffer.from(hkdfSync('sha256', key, salt, 'medguard gateway journal 1', 80))
  return { seal: made.subarray(0, 32), check: made.subarray(32, 64), tag: made.subarray(64) }
}
const checkOf = ({ check }: Keys, bytes: Uint8Array): Buffer =>
  createHmac('sha256', check).update(bytes).digest().subarray(0, CHECK_BYTES)

/** Begins a log in an empty file. */
export async function beginLog(file: DiskFile, key: Uint8Array): Promise<SealedLog> {
  const salt = randomBytes(SALT_BYTES)
  const keys = keysOf(key, salt)
  await file.write(0, Buffer.concat([MAGIC, salt, checkOf(keys, MAGIC)]))
  return logOf(file, keys, { end: FILE_HEAD_BYTES, count: 0 })
}

/**
 * Reads a log from its beginning.
 *
 * @param found told of each record, in order.
 * @returns null for a file that ends before its first record could begin: nothing in it was ever acknowledged.
 * @throws SpoolFault `WrongKey`, `Damaged`.
 */
export async function readLog(
  file: DiskFile,
  key: Uint8Array,
  found: (record: Uint8Array, place: Place) => void,
): Promise<SealedLog | null> {
  const head = Buffer.from(await file.read(0, FILE_HEAD_BYTES))
  if (head.length < FILE_HEAD_BYTES) return null
  if (!head.subarray(0, MAGIC.length).equals(MAGIC)) throw new SpoolFault('Damaged', 'this is no journal of a gateway')
  const keys = keysOf(key, head.subarray(MAGIC.length, MAGIC.length + SALT_BYTES))
  if (!timingSafeEqual(checkOf(keys, MAGIC), head.subarray(MAGIC.length + SALT_BYTES)))
    throw new SpoolFault('WrongKey', 'the journal is sealed under another key')
  let [end, count] = [FILE_HEAD_BYTES, 0]
  for (;;) {
    const start = headIn(Buffer.from(await file.read(end, HEAD_BYTES)), keys)
    if (start?.number !== count) break
    const place = { position: end, sizeBytes: start.sizeBytes }
    const record = await opened(file, keys, place)
    if (record === null) break
    found(record, place)
    end += place.sizeBytes
    count++
  }
  if (await hasLater(file, keys, end, count)) throw new SpoolFault('Damaged', `the journal is damaged at byte ${end}`)
  return logOf(file, keys, { end, count })
}

function logOf(file: DiskFile, keys: Keys, state: { end: number; count: number }): SealedLog {
  return {
    get endBytes() {
      return state.end
    },
    async append(record) {
      const bytes = sealed(keys, state.count, record)
      const place = { position: state.end, sizeBytes: bytes.length }
      try {
        await file.write(state.end, bytes)
      } catch (error) {
        // What got through would stand behind the next record, should that be shorter.
        await file.truncate(state.end)
        throw error
      }
      state.end += bytes.length
      state.count++
      return place
    },
    async read(place) {
      const record = await opened(file, keys, place)
      if (record === null) throw new SpoolFault('Damaged', `the journal is damaged at byte ${place.position}`)
      return record
    },
    sync: () => file.sync(),
    close: () => file.close(),
  }
}

function sealed(keys: Keys, number: number, record: Uint8Array): Buffer {
  const head = Buffer.alloc(CHECK_AT)
  keys.tag.copy(head)
  head.writeBigUInt64BE(BigInt(number), NUMBER_AT)
  head.writeUInt32BE(record.length + SEAL_BYTES, LENGTH_AT)
  const nonce = randomBytes(CHECK_AT - NONCE_AT)
  nonce.copy(head, NONCE_AT)
  const cipher = createCipheriv('aes-256-gcm', keys.seal, nonce).setAAD(head)
  const body = [cipher.update(record), cipher.final()]
  return Buffer.concat([head, checkOf(keys, head), ...body, cipher.getAuthTag()])
}

/** What a whole head says; null for anything else. */
function headIn(head: Buffer, keys: Keys): { readonly number: number; readonly sizeBytes: number } | null {
  if (head.length < HEAD_BYTES || !head.subarray(0, TAG_BYTES).equals(keys.tag)) return null
  if (!timingSafeEqual(checkOf(keys, head.subarray(0, CHECK_AT)), head.subarray(CHECK_AT, HEAD_BYTES))) return null
  const number = Number(head.readBigUInt64BE(NUMBER_AT))
  return { number, sizeBytes: HEAD_BYTES + head.readUInt32BE(LENGTH_AT) }
}

/** Null for what is not whole, or not what was sealed. */
async function opened(file: DiskFile, keys: Keys, { position, sizeBytes }: Place): Promise<Uint8Array | null> {
  const bytes = Buffer.from(await file.read(position, sizeBytes))
  if (bytes.length < sizeBytes) return null
  const head = bytes.subarray(0, CHECK_AT)
  const decipher = createDecipheriv('aes-256-gcm', keys.seal, head.subarray(NONCE_AT))
    .setAAD(head)
    .setAuthTag(bytes.subarray(sizeBytes - SEAL_BYTES))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(HEAD_BYTES, sizeBytes - SEAL_BYTES)), decipher.final()])
  } catch {
    return null
  }
}

/** Whether a whole head with a later number stands behind the place where reading stopped. */
async function hasLater(file: DiskFile, keys: Keys, end: number, count: number): Promise<boolean> {
  const sizeBytes = await file.sizeBytes()
  for (let from = end; from < sizeBytes; from += WINDOW_BYTES) {
    const window = Buffer.from(await file.read(from, WINDOW_BYTES + HEAD_BYTES - 1))
    for (let at = window.indexOf(keys.tag); at !== -1; at = window.indexOf(keys.tag, at + 1)) {
      const found = headIn(window.subarray(at), keys)
      if (found !== null && found.number > count) return true
    }
  }
  return false
}
