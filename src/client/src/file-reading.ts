import { sha256 as createSha256 } from '@noble/hashes/sha2'
import { type BodyOpener, createBodyOpener, CryptoFault, sha256 } from '@medguard/crypto'
import { equalBytes, fromHex, refusalOf, refuse, toHex } from '@medguard/protocol'
import type { FileInRecord, FilesPart, OpenedFiles } from './api-files.ts'
import type { RecordAddress } from './api-records.ts'
import type { ContentSink, OpenedRecord, Progress, RecordSummary, Vault } from './api.ts'
import { cryptoWork } from './crypto-fault.ts'
import type { ListedRecord } from './listing.ts'
import { Refused } from './outcome.ts'
import { openedSummary, openRecordKey, sealedChunk } from './reading.ts'
import { addressOf } from './record-summary.ts'
import { safePaths } from './safe-names.ts'
import type { Session } from './session.ts'
import { DIRECTORY_BYTES_MAX, type PlacedFile, readDirectory, readWhole } from './zip-format.ts'

export interface FileReadingOptions {
  readonly session: Session
  /** What is open at the moment, by `addressOf`; forgotten with the lock. */
  readonly opened: Map<string, Promise<OpenedRecordOfFiles>>
  readonly find: (address: RecordAddress) => Promise<{ listed: ListedRecord; summary: RecordSummary }>
  readonly whileGranted: <T>(vault: Vault, work: () => Promise<T>) => Promise<T>
  /** Over the network; where nobody answers, as the device keeps it. */
  readonly orKept: <T>(
    address: RecordAddress,
    ask: () => Promise<T>,
    asKept: (kept: OpenedRecord) => T | Promise<T>,
  ) => Promise<T>
}

/** A record that was opened, whose files can be read. */
export interface OpenedRecordOfFiles {
  readonly summary: RecordSummary
  readonly placed: readonly PlacedFile[]
  readonly files: readonly FileInRecord[]
  readonly leafIndex: bigint
  readonly keptMs?: number
  /** Plaintext of a part of the body, piece by piece. @param write is told where in the part a piece begins. */
  readonly range: Range
}
type Range = (
  start: number,
  end: number,
  write: (piece: Uint8Array, at: number) => Promise<void>,
  signal?: AbortSignal,
) => Promise<void>
/** A body that is fetched by and by. */
interface Fetched {
  readonly listed: ListedRecord
  readonly opener: BodyOpener
  /** The latest plaintext chunks: neighbours share one. */
  readonly chunks: Map<number, Promise<Uint8Array>>
}

const OPENED_MAX = 4
const CHUNKS_KEPT = 3

export function fileMethods({ session, opened, find, whileGranted, orKept }: FileReadingOptions): FilesPart {
  const { canisters, keyRing, unlocked } = session
  session.onLock(() => opened.clear())

  const open = async (record: RecordAddress, progress: Progress | undefined): Promise<OpenedRecordOfFiles> => {
    const { listed, summary } = await find(record)
    const directory = listed.head?.header.directory
    if (directory === undefined) throw new Refused(refusalOf(refuse.badInput('record', 'files')))
    const opened = await openRecordKey({ canisters, keyRing, listed, progress })
    const { recordKey, head, leafIndex } = opened
    const opener = await cryptoWork(() => createBodyOpener(recordKey, head))
    const chunks = new Map<number, Promise<Uint8Array>>()
    const range = rangeOf({ listed, opener, chunks })
    const { bodyBytes, encoding } = head.header
    const placed = await cryptoWork(async () => {
      if (encoding !== undefined) throw untrue()
      const directoryBytes = bodyBytes - directory.start
      if (directoryBytes <= 0 || directoryBytes > DIRECTORY_BYTES_MAX) throw untrue()
      const bytes = new Uint8Array(directoryBytes)
      await range(directory.start, bodyBytes, async (piece, at) => bytes.set(piece, at))
      if (!equalBytes(await sha256(bytes), fromHex(directory.sha256) ?? new Uint8Array())) throw untrue()
      return readDirectory(bytes, directory.start)
    })
    return { summary: openedSummary(summary, opened), placed, files: filesOf(placed), leafIndex, range }
  }

  /** What the device keeps was checked before it was kept, and is sealed as it was. */
  const asKept = ({ summary, bytes, leafIndex, keptMs }: OpenedRecord): OpenedRecordOfFiles => {
    if (summary.hasFiles !== true) throw new Refused(refusalOf(refuse.badInput('record', 'files')))
    const placed = readWhole(bytes)
    const range: Range = (start, end, write) => write(bytes.slice(start, end), 0)
    return { summary, placed, files: filesOf(placed), leafIndex, range, ...(keptMs !== undefined && { keptMs }) }
  }

  /** Opens once, however many ask for it at the same time. */
  const openedOf = async (record: RecordAddress, progress?: Progress): Promise<OpenedRecordOfFiles> => {
    session.expectOpen()
    const address = addressOf(record)
    const known = opened.get(address)
    if (known !== undefined) return known
    const opening = orKept(record, () => open(record, progress), asKept)
    opened.set(address, opening)
    for (const oldest of [...opened.keys()].slice(0, -OPENED_MAX)) opened.delete(oldest)
    try {
      return await opening
    } catch (error) {
      opened.delete(address)
      throw error
    }
  }

  /** Fetches the chunks that hold a part, and no others. */
  const rangeOf =
    ({ listed, opener, chunks }: Fetched): Range =>
    async (start, end, write, signal) => {
      const chunkBytes = 2 ** opener.chunkLog2
      const chunkOf = (index: number): Promise<Uint8Array> => {
        const known = chunks.get(index)
        if (known !== undefined) return known
        const chunk = sealedChunk(canisters, listed, index, undefined).then((sealed) => opener.openChunk(index, sealed))
        chunks.set(index, chunk)
        chunk.catch(() => chunks.delete(index))
        for (const oldest of [...chunks.keys()].slice(0, -CHUNKS_KEPT)) chunks.delete(oldest)
        return chunk
      }
      for (let at = start; at < end;) {
        signal?.throwIfAborted()
        const index = Math.floor(at / chunkBytes)
        const chunk = await chunkOf(index)
        const piece = chunk.slice(at - index * chunkBytes, Math.min(chunk.length, end - index * chunkBytes))
        if (piece.length === 0) throw untrue()
        await write(piece, at - start)
        at += piece.length
      }
    }

  const openInto = async (
    record: RecordAddress,
    index: number,
    sink: Pick<ContentSink, 'write'>,
    signal: AbortSignal | undefined,
  ): Promise<FileInRecord> => {
    const reading = await openedOf(record)
    const [placed, file] = [reading.placed[index], reading.files[index]]
    if (placed === undefined || file === undefined) throw new Refused(refusalOf(refuse.badInput('index', 'range')))
    const hash = createSha256.create()
    const write = async (piece: Uint8Array, at: number): Promise<void> => {
      hash.update(piece)
      await sink.write(piece, at)
    }
    await cryptoWork(async () => {
      await reading.range(placed.start, placed.start + placed.sizeBytes, write, signal)
      if (!equalBytes(hash.digest(), placed.sha256)) throw untrue()
    })
    return file
  }

  return {
    files: (record, progress) =>
      unlocked(() =>
        whileGranted(record.vault, async (): Promise<OpenedFiles> => {
          const address = addressOf(record)
          const known = await opened.get(address)?.catch(() => undefined)
          if (known?.keptMs !== undefined) opened.delete(address) // with a network it is asked again, and logged
          const { summary, files, leafIndex, keptMs } = await openedOf(record, progress)
          return { summary, files, leafIndex, ...(keptMs !== undefined && { keptMs }) }
        }),
      ),
    openFile: (record, index, signal) =>
      unlocked(() =>
        whileGranted(record.vault, async () => {
          const { files } = await openedOf(record)
          const bytes = new Uint8Array(files[index]?.sizeBytes ?? 0)
          await openInto(record, index, { write: async (piece, at) => bytes.set(piece, at) }, signal)
          return bytes
        }),
      ),
    openFileInto: (record, index, sink, signal) =>
      unlocked(() => whileGranted(record.vault, () => openInto(record, index, sink, signal))),
  }
}

function filesOf(placed: readonly PlacedFile[]): FileInRecord[] {
  const names = safePaths(placed.map(({ name }) => name))
  return placed.map((file, index) => ({
    index,
    name: names[index] ?? '',
    sizeBytes: file.sizeBytes,
    sha256: toHex(file.sha256),
  }))
}

const untrue = () => new CryptoFault('CommitmentMismatch', 'the file is not the one that the record names')
