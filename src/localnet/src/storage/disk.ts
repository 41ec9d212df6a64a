// Every change to a state folder goes through here, so that tests can record each one and end the process at any of them.
import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writevSync,
} from 'node:fs'
import { dirname } from 'node:path'

/** The system calls that change files, and the one that opens them. All throw what `node:fs` throws. */
export interface Disk {
  /** `wx` makes a new file, which must not exist. New files are for their owner alone. */
  open(path: string, flags: 'r+' | 'wx' | 'wx+'): number
  /** @returns how many bytes were written: perhaps not all. */
  write(fd: number, parts: readonly Uint8Array[], position: number): number
  truncate(fd: number, length: number): void
  /** Waits until content and length are on disk. */
  sync(fd: number): void
  /** Waits until names of the files in it are on disk. */
  syncDirectory(path: string): void
  rename(from: string, to: string): void
  link(from: string, to: string): void
  /** No error when there is none. */
  remove(path: string): void
  /** With its parents. @returns the topmost one that was made, or undefined. */
  makeDirectory(path: string): string | undefined
}

export const systemDisk: Disk = {
  open: (path, flags) => openSync(path, flags, 0o600),
  write: (fd, parts, position) => writevSync(fd, parts, position),
  truncate: (fd, length) => ftruncateSync(fd, length),
  sync: (fd) => fdatasyncSync(fd),
  syncDirectory(path) {
    const fd = openSync(path, 'r')
    try {
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  },
  rename: (from, to) => renameSync(from, to),
  link: (from, to) => linkSync(from, to),
  remove: (path) => rmSync(path, { force: true }),
  makeDirectory: (path) => mkdirSync(path, { recursive: true, mode: 0o700 }),
}

/** Makes a directory that is there after a crash too, if what is put into it is. */
export function makeDirectory(disk: Disk, path: string): void {
  // Made earlier, it may be there for now only: whoever made it may have been killed before it was on disk.
  const topmost = disk.makeDirectory(path) ?? path
  for (let at = path; ; at = dirname(at)) {
    disk.syncDirectory(dirname(at))
    if (at === topmost || at === dirname(at)) return
  }
}

const CHANGES = [
  'open',
  'write',
  'truncate',
  'sync',
  'syncDirectory',
  'rename',
  'link',
  'remove',
  'makeDirectory',
] as const

/** @param before told of each call before it happens; opening counts only where it makes a file. */
export function watchedDisk(disk: Disk, before: (call: (typeof CHANGES)[number]) => void): Disk {
  const told =
    <Args extends readonly unknown[], R>(name: (typeof CHANGES)[number], act: (...args: Args) => R) =>
    (...args: Args): R => {
      if (name !== 'open' || args[1] !== 'r+') before(name)
      return act(...args)
    }
  return {
    open: told('open', disk.open.bind(disk)),
    write: told('write', disk.write.bind(disk)),
    truncate: told('truncate', disk.truncate.bind(disk)),
    sync: told('sync', disk.sync.bind(disk)),
    syncDirectory: told('syncDirectory', disk.syncDirectory.bind(disk)),
    rename: told('rename', disk.rename.bind(disk)),
    link: told('link', disk.link.bind(disk)),
    remove: told('remove', disk.remove.bind(disk)),
    makeDirectory: told('makeDirectory', disk.makeDirectory.bind(disk)),
  }
}

/** A disk that ends the process, as by SIGKILL, at the change that it was told to. */
export interface KillingDisk extends Disk {
  /** @param count at which change from now on, from 1. */
  killAt(count: number): void
}

/** In a fatal write half of the bytes still go out, as when the process ends in the middle of one. */
export function killingDisk(disk: Disk): KillingDisk {
  let left = 0
  const isFatal = () => left > 0 && --left === 0
  const die = () => process.kill(process.pid, 'SIGKILL')
  const watched = watchedDisk(disk, (call) => {
    if (call !== 'write' && isFatal()) die()
  })
  return {
    ...watched,
    write(fd, parts, position) {
      if (!isFatal()) return disk.write(fd, parts, position)
      const whole = Buffer.concat(parts)
      disk.write(fd, [whole.subarray(0, Math.floor(whole.length / 2))], position)
      die()
      return whole.length
    },
    killAt(count) {
      left = count
    },
  }
}
