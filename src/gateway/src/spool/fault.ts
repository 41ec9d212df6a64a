import { codeOf } from './disk.ts'

/**
 * `Full`: no room, on the disk or within our limits: later there may be some. `Broken`: the disk failed and what is on it is not known until it is opened again. `Damaged`: what lies there is not
 * what was written; it is left as it is. `WrongKey`: sealed under another key. `InUse`: by another process. `Repeated`: an id that stands for another content. `Closed`: it is ending.
 */
export type SpoolFaultCode = 'Full' | 'Broken' | 'Damaged' | 'WrongKey' | 'InUse' | 'Repeated' | 'Closed'

/** Names files and limits, never a content. */
export class SpoolFault extends Error {
  override readonly name = 'SpoolFault'
  readonly code: SpoolFaultCode
  constructor(code: SpoolFaultCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

const NO_ROOM: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT'])

/** What a failing disk means. */
export function diskFault(error: unknown): SpoolFault {
  if (error instanceof SpoolFault) return error
  return NO_ROOM.has(codeOf(error))
    ? new SpoolFault('Full', 'there is no room on the disk', { cause: error })
    : new SpoolFault('Broken', 'the disk does not take what is written', { cause: error })
}
