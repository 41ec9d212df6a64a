// Locks the page when nobody touches it (decision 37). The time of the last touch is shared by all tabs and outlives a reload, so
// that closing and opening the page is no way around the lock.

export const IDLE_WARNING_MS = 60_000

const KEY = 'medguard.touched'
const WRITE_EVERY_MS = 5_000
const LOOK_EVERY_MS = 1_000

export interface IdleWatch {
  /** How long nobody touched any tab. */
  idleMs(): number
  touch(): void
  /** Calls `look` every second and whenever the page comes back into sight. @returns how to stop. */
  watch(look: (idleMs: number) => void): () => void
}

export function createIdleWatch(
  page: Pick<Window, 'addEventListener' | 'removeEventListener' | 'setInterval' | 'clearInterval'> & {
    document: Document
  },
  storage: Pick<Storage, 'getItem' | 'setItem'>,
  now: () => number = Date.now,
): IdleWatch {
  let touchedMs = 0
  let writtenMs = 0
  /** A time that is none or still to come, as after the clock was set back, is no touch: it would keep the page open until then. */
  const seenMs = (ms: number) => (ms <= now() ? ms : 0)
  const idleMs = () => now() - Math.max(seenMs(touchedMs), seenMs(Number(storage.getItem(KEY) ?? 0)))
  const touch = () => {
    touchedMs = now()
    if (touchedMs - writtenMs < WRITE_EVERY_MS) return
    writtenMs = touchedMs
    storage.setItem(KEY, String(touchedMs))
  }
  return {
    idleMs,
    touch,
    watch(look) {
      const tell = () => look(idleMs())
      const events = ['pointerdown', 'keydown', 'wheel', 'touchmove'] as const
      for (const event of events) page.addEventListener(event, touch, { passive: true, capture: true })
      page.document.addEventListener('visibilitychange', tell)
      const timer = page.setInterval(tell, LOOK_EVERY_MS)
      return () => {
        for (const event of events) page.removeEventListener(event, touch, { capture: true })
        page.document.removeEventListener('visibilitychange', tell)
        page.clearInterval(timer)
      }
    },
  }
}
