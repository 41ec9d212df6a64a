import { closeSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type Disk, systemDisk } from './disk.ts'
import { StorageError, systemErrorCode } from './storage-error.ts'

// Node has no flock. [Note: lock]
// Lock files are numbered, `lock-1`, `lock-2`, and the highest one counts. Its holder keeps it open and wrote its process id and
// file descriptor into it. Whoever finds that holder gone creates the next number with link(2), which lets exactly one process win, and
// then looks again: a higher number means that others went on meanwhile. A lock is never taken away by deleting or replacing a
// file, so no two processes can take over the same dead lock.
const LOCK_NAME = /^lock-(\d{1,15})$/u
const DRAFT_PREFIX = 'lock-draft-'
const ATTEMPTS_MAX = 100

export interface Lock {
  release(): void
}

/**
 * Takes the directory for this process, from a holder that died if need be.
 *
 * @throws StorageError `locked` while a living holder has it, in this process or another.
 */
export function acquireLock(dir: string, disk: Disk = systemDisk): Lock {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
    const highest = highestLock(dir)
    const holder = highest === 0 ? null : livingHolder(join(dir, `lock-${highest}`))
    if (holder !== null) {
      throw new StorageError(
        'locked',
        `${dir} is in use by process ${holder}; stop it first or choose another directory`,
      )
    }
    const lock = createLock(dir, disk, highest + 1)
    if (lock !== null) return lock
  }
  throw new StorageError('locked', `${dir} is wanted by too many processes at once`)
}

/** @returns null when another process was faster. */
function createLock(dir: string, disk: Disk, number: number): Lock | null {
  const path = join(dir, `lock-${number}`)
  const draft = join(dir, `${DRAFT_PREFIX}${randomUUID()}`)
  const fd = disk.open(draft, 'wx')
  try {
    // Written before it has its name: a lock file is never seen without its holder.
    disk.write(fd, [Buffer.from(`${process.pid} ${fd}`)], 0)
    disk.link(draft, path)
  } catch (error) {
    closeSync(fd)
    // ENOENT: the winner swept the draft away.
    if (['EEXIST', 'ENOENT'].includes(systemErrorCode(error) ?? '')) return null
    throw error
  } finally {
    disk.remove(draft)
  }
  if (highestLock(dir) > number) {
    closeSync(fd)
    disk.remove(path)
    return null
  }
  removeLeftovers(dir, disk, number)
  return {
    release() {
      // An empty lock has no holder. The file stays, so that numbers only grow.
      disk.truncate(fd, 0)
      closeSync(fd)
    },
  }
}

function highestLock(dir: string): number {
  return Math.max(0, ...readdirSync(dir).map((name) => Number(LOCK_NAME.exec(name)?.[1] ?? 0)))
}

function removeLeftovers(dir: string, disk: Disk, number: number): void {
  for (const name of readdirSync(dir)) {
    const older = LOCK_NAME.exec(name)?.[1]
    const isLeftover = older === undefined ? name.startsWith(DRAFT_PREFIX) : Number(older) < number
    if (isLeftover) disk.remove(join(dir, name))
  }
}

/** Process id of the holder, or null if there is none any more. */
function livingHolder(path: string): number | null {
  let text: string
  let inode: number
  try {
    text = readFileSync(path, 'utf8')
    inode = statSync(path).ino
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null
    throw error
  }
  const [, pidText, fdText] = /^(\d+) (\d+)$/u.exec(text) ?? []
  if (pidText === undefined || fdText === undefined) return null
  const pid = Number(pidText)
  return hasOpen(pid, Number(fdText), inode) ? pid : null
}

/**
 * Whether process `pid` has the file open as `fd`. Where /proc tells, a process id used again does not deceive, and neither does a worker
 * thread that ended without closing. Elsewhere a living process counts as the holder.
 */
function hasOpen(pid: number, fd: number, inode: number): boolean {
  if (existsSync('/proc/self/fd')) {
    try {
      return statSync(`/proc/${pid}/fd/${fd}`).ino === inode
    } catch (error) {
      if (systemErrorCode(error) === 'ENOENT') return false
      if (systemErrorCode(error) !== 'EACCES') throw error
    }
  }
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemErrorCode(error) === 'EPERM'
  }
}
