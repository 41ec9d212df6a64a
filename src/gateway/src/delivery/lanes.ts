/** What passes: asked again later, and no reason to put off what is somebody else's. Everything else that puts off puts off all. */
export interface PutOff {
  readonly why: string
  readonly isForAll: boolean
  /** Not before, in milliseconds from now; for what was told. */
  readonly afterMs?: number
}
export interface Plan {
  /** What has the same lane is done in order. */
  readonly lane: string
  /** @returns why it is put off, or null. */
  readonly work: () => Promise<PutOff | null>
}

/** Of different patients, at a time; below what one sign-in may have under way in the canister (`OPEN_UPLOADS_MAX`). */
const UNDER_WAY_MAX = 8

/**
 * Works on things in their order, those of one lane one after the other. What is put off closes its lane for this time.
 *
 * @param mayGoOn asked before each.
 * @returns why something was put off, or null; before all others what puts off all.
 */
export async function inLanes(
  ids: readonly string[],
  mayGoOn: () => boolean,
  planOf: (id: string) => Promise<Plan | null>,
): Promise<PutOff | null> {
  const lanes = new Map<string, Promise<void>>()
  const closed = new Set<string>()
  const underWay = new Set<Promise<void>>()
  const reasons: PutOff[] = []
  const isOver = () => reasons.some(({ isForAll }) => isForAll) || !mayGoOn()
  const follow = async (before: Promise<void> | undefined, { lane, work }: Plan): Promise<void> => {
    await before
    if (closed.has(lane) || isOver()) return
    const putOff = await work()
    if (putOff === null) return
    closed.add(lane)
    reasons.push(putOff)
  }
  try {
    for (const id of ids) {
      if (isOver()) break
      const plan = await planOf(id)
      if (plan === null || closed.has(plan.lane)) continue
      const work = follow(lanes.get(plan.lane), plan)
      lanes.set(plan.lane, work)
      const done = work.finally(() => underWay.delete(done))
      underWay.add(done)
      done.catch(() => {}) // thrown by `race` or `all` below
      if (underWay.size >= UNDER_WAY_MAX) await Promise.race(underWay)
    }
    await Promise.all(underWay)
  } finally {
    await Promise.allSettled(underWay)
  }
  return reasons.find(({ isForAll }) => isForAll) ?? reasons[0] ?? null
}
