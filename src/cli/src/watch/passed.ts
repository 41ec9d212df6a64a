/** Whether so long has passed since. A clock that was set back by as much counts as that, too: nobody waits an hour more because of it. */
export const hasPassed = (sinceMs: number, ms: number, nowMs: number): boolean => Math.abs(nowMs - sinceMs) >= ms
