import { accessSync, constants, lstatSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { UsageError } from './exit-code.ts'
import { errorCodeOf, writeNewFile } from './new-file.ts'

/** Before anything is asked for: an opening is in somebody's log for good. @throws UsageError */
export function expectFree(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw new UsageError(`${path} is there already`)
  try {
    accessSync(dirname(path), constants.W_OK)
  } catch (error) {
    throw new UsageError(`cannot write ${path}`, { cause: error })
  }
}

export function save(path: string, bytes: Uint8Array): void {
  try {
    writeNewFile(path, bytes)
  } catch (error) {
    const isTaken = errorCodeOf(error) === 'EEXIST'
    throw new UsageError(isTaken ? `${path} is there already` : `cannot write ${path}`, { cause: error })
  }
}

export function readFile(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path))
  } catch (error) {
    throw new UsageError(`cannot read ${path}`, { cause: error })
  }
}

/** @throws UsageError for what is no UTF-8 text. */
export function readText(path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFile(path))
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`${path} is no text`, { cause: error })
  }
}
