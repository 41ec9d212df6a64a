// The folder that keeps a network between runs. It is marked, so that no other folder is ever written to or emptied by mistake.
import { closeSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { hex } from '../certificates/index.ts'
import { makeDirectory, systemDisk } from '../storage/index.ts'
import { acquireLock } from '../storage/lock.ts'
import type { PlannedSubnet } from '../subnets/index.ts'

const MARKER = 'localnet.json'
const STATE = 'state'
/** Ending of a marker that was being written when its process died. */
const DRAFT = '.new'

/** The folder cannot be used. The message says what to do. */
export class StateFolderProblem extends Error {
  override readonly name = 'StateFolderProblem'
}

/**
 * Makes the folder if need be.
 * @param clean forget what is saved, when this has returned; refused while a network runs on it. Null: keep it.
 * @param subnets the root subnet first. A canister cannot move, so a folder keeps the subnets it began with.
 * @returns where storage keeps its files.
 * @throws StateFolderProblem when the folder holds something else, or a network with other subnets; StorageError `locked` when it cannot
 * be cleaned.
 */
export function prepareStateFolder(
  folder: string,
  clean: (() => void) | null,
  subnets: readonly PlannedSubnet[],
): string {
  makeDirectory(systemDisk, folder)
  const marker = join(folder, MARKER)
  if (!existsSync(marker)) {
    if (readdirSync(folder).some((name) => name !== `${MARKER}${DRAFT}`)) {
      throw new StateFolderProblem(`${folder} holds files that are not a network's. Name an empty or a new folder.`)
    }
    writeMarker(marker, subnets)
  } else if (clean === null) checkSubnets(folder, marker, subnets)
  const state = join(folder, STATE)
  mkdirSync(state, { recursive: true, mode: 0o700 })
  if (clean !== null) {
    const lock = acquireLock(state)
    try {
      clean()
      for (const name of readdirSync(state)) if (!name.startsWith('lock-')) rmSync(join(state, name), { force: true })
      writeMarker(marker, subnets)
    } finally {
      lock.release()
    }
  }
  return state
}

/** The root subnet has what the others leave, so only these are noted. A network without them, as all were once, notes nothing. */
const noted = ([, ...others]: readonly PlannedSubnet[]) =>
  others.map(({ kind, canisterRanges }) => ({ kind, canisterRanges: canisterRanges.map((range) => range.map(hex)) }))

function writeMarker(marker: string, subnets: readonly PlannedSubnet[]): void {
  const others = noted(subnets)
  const note = { holds: 'a localnet development network', ...(others.length > 0 ? { subnets: others } : {}) }
  // Whole or not at all: a folder with half a marker could never be opened again.
  const draft = `${marker}${DRAFT}`
  systemDisk.remove(draft)
  const fd = systemDisk.open(draft, 'wx')
  try {
    systemDisk.write(fd, [Buffer.from(`${JSON.stringify(note)}\n`)], 0)
    systemDisk.sync(fd)
  } finally {
    closeSync(fd)
  }
  systemDisk.rename(draft, marker)
  systemDisk.syncDirectory(dirname(marker))
}

function checkSubnets(folder: string, marker: string, subnets: readonly PlannedSubnet[]): void {
  const was = JSON.stringify(readNoted(folder, marker))
  const is = JSON.stringify(noted(subnets))
  if (was === is) return
  throw new StateFolderProblem(
    `${folder} holds a network whose subnets beside the root subnet are ${was}; this one has ${is}. Start it with the same, or clean it.`,
  )
}

function readNoted(folder: string, marker: string): unknown {
  try {
    const note = JSON.parse(readFileSync(marker, 'utf8')) as { readonly subnets?: unknown } | null
    return note?.subnets ?? []
  } catch (error) {
    throw new StateFolderProblem(`${MARKER} in ${folder} cannot be read, so its subnets are unknown.`, { cause: error })
  }
}
