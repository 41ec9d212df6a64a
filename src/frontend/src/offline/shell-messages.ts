// What the page asks the service worker. Everything else that a script sends there is ignored.

export type ShellQuestion =
  /** Of a worker that waits: is it newer than the page with this entry file? One that is not takes over at once where no other page is open. */
  | { readonly ask: 'isNewer'; readonly entry: string }
  /** Of a worker that waits: take over. */
  | { readonly ask: 'takeOver' }
  /** Keep the files as well that only some records need. */
  | { readonly ask: 'keepAll' }
  /** Files that another app has shared; given once. */
  | { readonly ask: 'shared' }

export interface ShellAnswers {
  readonly isNewer: boolean
  readonly takeOver: null
  readonly keepAll: boolean
  /** Null where there are none, or none any more. */
  readonly shared: readonly File[] | null
}

/** @returns null for what is no question. */
export function questionOf(data: unknown): ShellQuestion | null {
  if (typeof data !== 'object' || data === null || !('ask' in data)) return null
  switch (data.ask) {
    case 'isNewer':
      return 'entry' in data && typeof data.entry === 'string' ? { ask: 'isNewer', entry: data.entry } : null
    case 'takeOver':
    case 'keepAll':
    case 'shared':
      return { ask: data.ask }
    default:
      return null
  }
}

/** Where another app's files arrive (manifest.webmanifest), and what then stands in the address of the page. */
export const SHARE_PATH = '/share'
export const SHARED_QUERY = '?shared'
