import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Storage } from '../contracts.ts'
import { type Disk, makeDirectory, systemDisk } from './disk.ts'
import { acquireLock, type Lock } from './lock.ts'
import { createLogFile, openLogFile, type LogFile } from './log-file.ts'
import { isOutOfSpace, StorageError } from './storage-error.ts'

export { type Disk, type KillingDisk, killingDisk, makeDirectory, systemDisk } from './disk.ts'
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
 * @param disk does all writing; tests put another one in its place.
 * @throws StorageError `locked`, `version` or `corrupt`.
 */
export function openStorage(dir: string, deadBytesMin: number = DEAD_BYTES_MIN, disk: Disk = systemDisk): Storage {
  makeDirectory(disk, dir)
  const lock = acquireLock(dir, disk)
  try {
    disk.remove(join(dir, DRAFT))
    if (!existsSync(join(dir, LOG))) createLog(dir, disk)
    const log = openLogFile(disk, join(dir, LOG))
    // The same for the name of a log that was put in place just before a kill.
    disk.syncDirectory(dir)
    return createStorage(dir, disk, lock, log, deadBytesMin)
  } catch (error) {
    lock.release()
    throw error
  }
}

function createStorage(dir: string, disk: Disk, lock: Lock, openedLog: LogFile, deadBytesMin: number): Storage {
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
    const compacted = compact(dir, disk, log)
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
function compact(dir: string, disk: Disk, log: LogFile): LogFile | null {
  const draft = copyLive(dir, disk, log)
  return draft === null ? null : replaceLog(dir, disk, draft)
}

function copyLive(dir: string, disk: Disk, log: LogFile): LogFile | null {
  let draft: LogFile | null = null
  try {
    draft = createLogFile(disk, join(dir, DRAFT))
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
      disk.remove(join(dir, DRAFT))
    }
    if (isOutOfSpace(error)) return null
    throw error
  }
}

/** Puts a synced draft in place of the log. A crash before the rename leaves the old log, one after it the new. */
function replaceLog(dir: string, disk: Disk, draft: LogFile): LogFile {
  disk.rename(join(dir, DRAFT), join(dir, LOG))
  disk.syncDirectory(dir)
  return draft
}

function createLog(dir: string, disk: Disk): void {
  const draft = createLogFile(disk, join(dir, DRAFT))
  draft.sync()
  replaceLog(dir, disk, draft).close()
}
