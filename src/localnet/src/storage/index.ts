import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Storage } from '../contracts.ts'
import { acquireLock, type Lock } from './lock.ts'
import { createLogFile, openLogFile, type LogFile } from './log-file.ts'
import { isOutOfSpace, StorageError } from './storage-error.ts'

export { StorageError, type StorageErrorCode } from './storage-error.ts'

const LOG = 'state.log'
/** A log that is being written by compaction, or was when its process died. */
const DRAFT = 'state.log.new'
const MiB = 1024 * 1024
/** At about 1 MiB a message this is one compaction in 128 messages, or fewer when the state itself is larger. */
const DEAD_BYTES_MIN = 128 * MiB
const COMPACTION_BATCH_BYTES = 4 * MiB

/**
 * Opens the state kept in a directory, which is made if need be. The format: one log of deltas, `record.ts`; compaction writes all that
 * is live into a new log and renames it over the old one, so there is one whole log at every moment.
 *
 * In a delta deletes come first: a key both deleted and put is there afterwards. Values from `load` are fresh copies.
 *
 * @param deadBytesMin compaction starts when superseded bytes exceed this and the live ones; smaller in tests.
 * @throws StorageError `locked`, `version` or `corrupt`.
 */
export function openStorage(dir: string, deadBytesMin: number = DEAD_BYTES_MIN): Storage {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const lock = acquireLock(dir)
  try {
    rmSync(join(dir, DRAFT), { force: true })
    if (!existsSync(join(dir, LOG))) createLog(dir)
    return createStorage(dir, lock, openLogFile(join(dir, LOG)), deadBytesMin)
  } catch (error) {
    lock.release()
    throw error
  }
}

function createStorage(dir: string, lock: Lock, openedLog: LogFile, deadBytesMin: number): Storage {
  let log = openedLog
  /** Why nothing more can be stored. After a failed sync the kernel may have dropped pages: only opening anew tells what is there. */
  let stopped: StorageError | null = null
  /** Raised when compaction found no space, so that not every append tries again. */
  let compactAbove = deadBytesMin

  const expectUsable = () => {
    if (stopped !== null) throw stopped
  }
  const stop = (reason: StorageError): StorageError => {
    stopped = reason
    return reason
  }
  const compactIfDue = () => {
    const dead = log.sizeBytes() - log.liveBytes()
    if (dead <= compactAbove || dead <= log.liveBytes()) return
    const compacted = compact(dir, log)
    if (compacted === null) compactAbove = 2 * dead
    else {
      log.close()
      log = compacted
      compactAbove = deadBytesMin
    }
  }

  return {
    *load() {
      expectUsable()
      for (const key of log.index.keys()) {
        expectUsable()
        const place = log.index.get(key)
        if (place !== undefined) yield [key, new Uint8Array(log.read(place))] as const
      }
    },
    append(delta) {
      expectUsable()
      try {
        log.write(delta)
      } catch (error) {
        if (error instanceof RangeError) throw error
        if (error instanceof StorageError) throw stop(error)
        if (isOutOfSpace(error)) throw new StorageError('full', `no space left in ${dir}; nothing was stored`, error)
        throw stop(new StorageError('failed', `writing to ${dir} failed`, error))
      }
      try {
        log.sync()
        compactIfDue()
      } catch (error) {
        throw stop(new StorageError('failed', `${dir} cannot be relied on until it is opened again`, error))
      }
    },
    close() {
      if (stopped?.code === 'closed') return
      stop(new StorageError('closed', `${dir} has been closed`))
      log.close()
      lock.release()
    },
  }
}

/** @returns the new log, already in place of the old one, or null when there is no space for it. */
function compact(dir: string, log: LogFile): LogFile | null {
  const draft = copyLive(dir, log)
  return draft === null ? null : replaceLog(dir, draft)
}

function copyLive(dir: string, log: LogFile): LogFile | null {
  let draft: LogFile | null = null
  try {
    draft = createLogFile(join(dir, DRAFT))
    let puts: (readonly [string, Uint8Array])[] = []
    let batchBytes = 0
    for (const [key, place] of log.index) {
      puts.push([key, log.read(place)])
      batchBytes += place.length
      if (batchBytes < COMPACTION_BATCH_BYTES) continue
      draft.write({ puts, deletes: [] })
      puts = []
      batchBytes = 0
    }
    if (puts.length > 0) draft.write({ puts, deletes: [] })
    draft.sync()
    return draft
  } catch (error) {
    if (draft !== null) {
      draft.close()
      rmSync(join(dir, DRAFT), { force: true })
    }
    if (isOutOfSpace(error)) return null
    throw error
  }
}

/** Puts a synced draft in place of the log. A crash before the rename leaves the old log, one after it the new. */
function replaceLog(dir: string, draft: LogFile): LogFile {
  renameSync(join(dir, DRAFT), join(dir, LOG))
  const directory = openSync(dir, 'r')
  try {
    fsyncSync(directory)
  } finally {
    closeSync(directory)
  }
  return draft
}

function createLog(dir: string): void {
  const draft = createLogFile(join(dir, DRAFT))
  draft.sync()
  replaceLog(dir, draft).close()
}
