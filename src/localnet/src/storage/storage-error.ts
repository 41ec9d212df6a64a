/**
 * - `locked`: another process, or this one, has the directory open.
 * - `version`: another version of localnet wrote it.
 * - `corrupt`: what was once stored cannot be read back; nothing was changed.
 * - `full`: no space; the delta was not stored, and the same delta can be tried again.
 * - `failed`: the disk failed; what was acknowledged before is safe, and nothing more can be stored until it is opened anew.
 * - `closed`: used after `close`.
 */
export type StorageErrorCode = 'locked' | 'version' | 'corrupt' | 'full' | 'failed' | 'closed'

export class StorageError extends Error {
  override readonly name = 'StorageError'
  readonly code: StorageErrorCode

  constructor(code: StorageErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

/** `code` of an error of the operating system, for instance `ENOENT`. */
export function systemErrorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** Out of space, quota or the process's file size limit. */
export function isOutOfSpace(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(systemErrorCode(error) ?? '')
}
