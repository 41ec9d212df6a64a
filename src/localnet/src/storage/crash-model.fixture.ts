// What a state folder may look like after a crash. A recorded run is played back change by change; after each one the folder is made
// again as a kill or a power failure would leave it.
import { fstatSync, mkdirSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Disk, systemDisk } from './disk.ts'

interface File {
  content: Buffer
  /** As of the last sync. */
  durable: Buffer
}

/** Names of the one folder that is watched. */
interface Model {
  isThere: boolean
  isDurable: boolean
  names: Map<string, File>
  durableNames: Map<string, File>
}

interface Step {
  readonly what: string
  /** What it writes, when it can be cut short. */
  readonly write: { readonly name: string; readonly bytes: Buffer; readonly position: number } | null
  apply(model: Model): void
  /** How much had been acknowledged before it. */
  readonly acknowledged: number
}

/**
 * - `kill`: the process ends, the computer goes on: nothing done is lost.
 * - `nothing`: power fails, and only what was synced is there: contents and names.
 * - `names`: names went to disk, contents since their last sync did not.
 * - `contents`: contents went to disk, names since the last sync of the folder did not.
 * - `zeros`: as `names`, but files have their new lengths, with zeros where contents are missing.
 */
export const CRASHES = ['kill', 'nothing', 'names', 'contents', 'zeros'] as const
export type Crash = (typeof CRASHES)[number]

export interface RecordedDisk extends Disk {
  /** Says that what was done so far has been acknowledged. */
  acknowledge(): void
}

/** A run of a program on one folder, with everything it did to it. */
export interface Recording {
  readonly disk: RecordedDisk
  readonly length: number
  /**
   * The folder as a crash after `count` changes leaves it, in a fresh place.
   * @param cut bytes of the next change that got through, if it is a write; 0 for none.
   */
  crash(count: number, crash: Crash, into: string, cut?: number): void
  /** A recording that begins where this one was killed, in the folder made by `crash(count, 'kill', dir)`. */
  goOn(count: number, dir: string): Recording
  acknowledgedAt(count: number): number
  whatAt(count: number): string
  /** Lengths at which the change after `count` may be cut, apart from 0; none for what happens whole or not at all. */
  cutsAt(count: number): readonly number[]
}

export function record(dir: string): Recording {
  return recordingFrom({ isThere: false, isDurable: false, names: new Map(), durableNames: new Map() }, dir, 0)
}

function recordingFrom(start: Model, dir: string, acknowledgedBefore: number): Recording {
  const steps: Step[] = []
  const openFiles = new Map<number, File>()
  let acknowledged = acknowledgedBefore
  /** Files by their inode: a descriptor number is used again, and so is a name. */
  const live = copyOf(start)
  const push = (what: string, apply: Step['apply'], write: Step['write'] = null) => {
    steps.push({ what, write, apply, acknowledged })
    apply(live)
  }
  const isWatched = (path: string) => dirname(path) === dir
  const disk: RecordedDisk = {
    acknowledge() {
      acknowledged++
    },
    open(path, flags) {
      const fd = systemDisk.open(path, flags)
      if (!isWatched(path)) return fd
      const name = basename(path)
      if (flags !== 'r+')
        push(
          `open ${name}`,
          (model) => void model.names.set(name, { content: Buffer.alloc(0), durable: Buffer.alloc(0) }),
        )
      const file = live.names.get(name)
      if (file !== undefined) openFiles.set(fd, file)
      return fd
    },
    write(fd, parts, position) {
      const bytes = Buffer.concat(parts)
      const name = nameOf(fd)
      push(`write ${name} ${bytes.length}`, (model) => writeInto(fileAt(model, name), bytes, position), {
        name,
        bytes,
        position,
      })
      return systemDisk.write(fd, parts, position)
    },
    truncate(fd, length) {
      const name = nameOf(fd)
      push(`truncate ${name}`, (model) => {
        const file = fileAt(model, name)
        file.content = file.content.subarray(0, length)
      })
      systemDisk.truncate(fd, length)
    },
    sync(fd) {
      const name = nameOf(fd)
      push(`sync ${name}`, (model) => {
        const file = fileAt(model, name)
        file.durable = Buffer.from(file.content)
      })
    },
    syncDirectory(path) {
      if (path === dir) {
        push('sync directory', (model) => {
          model.durableNames = new Map(model.names)
        })
      } else if (path === dirname(dir)) {
        push('sync parent', (model) => {
          model.isDurable = model.isThere
        })
      }
    },
    rename(from, to) {
      push(`rename ${basename(from)}`, (model) => {
        model.names.set(basename(to), fileAt(model, basename(from)))
        model.names.delete(basename(from))
      })
      systemDisk.rename(from, to)
    },
    link(from, to) {
      systemDisk.link(from, to)
      push(`link ${basename(to)}`, (model) => void model.names.set(basename(to), fileAt(model, basename(from))))
    },
    remove(path) {
      if (live.names.has(basename(path)))
        push(`remove ${basename(path)}`, (model) => void model.names.delete(basename(path)))
      systemDisk.remove(path)
    },
    makeDirectory(path) {
      const made = systemDisk.makeDirectory(path)
      if (path === dir && made !== undefined) push('make directory', (model) => void (model.isThere = true))
      return made
    },
  }

  /** Names are for life while a file is open, but for a rename: the log's draft becomes the log. */
  function nameOf(fd: number): string {
    const wanted = openFiles.get(fd)
    for (const [name, file] of live.names) if (file === wanted) return name
    // Unlinked or another process's: whatever is done to it leaves no trace.
    void fstatSync(fd)
    return GONE
  }

  /** Played forward from where the last question left it. Not to be changed. */
  let played = { count: 0, model: copyOf(start) }
  const modelAt = (count: number): Model => {
    if (count < played.count) played = { count: 0, model: copyOf(start) }
    for (const step of steps.slice(played.count, count)) step.apply(played.model)
    played.count = Math.min(count, steps.length)
    return played.model
  }
  return {
    disk,
    get length() {
      return steps.length
    },
    crash(count, crash, into, cut = 0) {
      const write = cut === 0 ? undefined : steps[count]?.write
      const model = write === undefined || write === null ? modelAt(count) : copyOf(modelAt(count))
      if (write) writeInto(fileAt(model, write.name), write.bytes.subarray(0, cut), write.position)
      materialise(model, crash, into)
    },
    goOn: (count, into) => recordingFrom(copyOf(modelAt(count)), into, steps[count]?.acknowledged ?? acknowledged),
    acknowledgedAt: (count) => steps[count]?.acknowledged ?? acknowledged,
    whatAt: (count) => steps[count]?.what ?? 'the end',
    cutsAt(count) {
      const bytes = steps[count]?.write?.bytes.length ?? 0
      return [...new Set([1, 63, 64, Math.floor(bytes / 2), bytes - 1])].filter((cut) => cut > 0 && cut < bytes)
    },
  }
}

const GONE = '(gone)'

function fileAt(model: Model, name: string): File {
  // Written through a name that a kill or another process took away: to nobody.
  return model.names.get(name) ?? { content: Buffer.alloc(0), durable: Buffer.alloc(0) }
}

function writeInto(file: File, bytes: Buffer, position: number): void {
  const content = Buffer.alloc(Math.max(file.content.length, position + bytes.length))
  file.content.copy(content)
  bytes.copy(content, position)
  file.content = content
}

function copyOf(model: Model): Model {
  const copies = new Map<File, File>()
  const copied = (names: ReadonlyMap<string, File>) =>
    new Map(
      [...names].map(([name, file]) => {
        const copy = copies.get(file) ?? { ...file }
        copies.set(file, copy)
        return [name, copy] as const
      }),
    )
  return { ...model, names: copied(model.names), durableNames: copied(model.durableNames) }
}

function materialise(model: Model, crash: Crash, into: string): void {
  const namesSurvive = crash !== 'nothing' && crash !== 'contents'
  if (!(namesSurvive ? model.isThere : model.isDurable)) return
  mkdirSync(into, { recursive: true })
  for (const [name, { content, durable }] of namesSurvive ? model.names : model.durableNames) {
    writeFileSync(join(into, name), contentAfter(crash, content, durable))
  }
}

function contentAfter(crash: Crash, content: Buffer, durable: Buffer): Buffer {
  switch (crash) {
    case 'kill':
    case 'contents':
      return content
    case 'nothing':
    case 'names':
      return durable
    case 'zeros': {
      const zeroed = Buffer.alloc(content.length)
      durable.copy(zeroed)
      return zeroed
    }
  }
}
