import { Fault, type Outcome } from './api.ts'
import type { RewrapClient, Rewrapped } from './rewrapping.ts'
import type { Session } from './session.ts'

/** What was done in one go; null for a part that was refused or failed, and is tried again the next time. */
export interface KeptUp {
  readonly rewrapped: Rewrapped | null
  /** Later versions, notes and corrections that now travel with a share, and records that fell into the days of one. */
  readonly records: number | null
}

export interface KeepUpClient extends RewrapClient {
  /**
   * What the vault's owner, or who acts in their place, owes it after others did something: keys are wrapped anew, notes, later versions and later records join the shares
   * they belong to. To be called after signing in and after a share ended, and not waited for: each part can be broken off anywhere and is taken
   * up the next time. One goes after the other, however often it is called.
   *
   * @throws Fault `SessionEnded` once the client is locked.
   */
  keepUp(): Promise<Outcome<KeptUp>>
}

interface Parts {
  readonly rewrap: () => Promise<Outcome<Rewrapped>>
  readonly fillShares: () => Promise<Outcome<number>>
}

export function createKeepUp(session: Session, parts: Parts): Pick<KeepUpClient, 'keepUp'> {
  let last: Promise<unknown> = Promise.resolve()
  const run = async (): Promise<KeptUp> => ({
    // First what shuts somebody out.
    rewrapped: await attempt(parts.rewrap),
    records: await attempt(parts.fillShares),
  })
  return {
    keepUp() {
      const next = last.then(() =>
        session.unlocked(async () =>
          (await session.enrolled()) === null ? { rewrapped: null, records: null } : run(),
        ),
      )
      last = next.catch(() => {})
      return next
    },
  }
}

async function attempt<T>(part: () => Promise<Outcome<T>>): Promise<T | null> {
  try {
    const outcome = await part()
    return outcome.kind === 'done' ? outcome.value : null
  } catch (error) {
    if (!(error instanceof Fault) || error.code === 'SessionEnded') throw error
    return null
  }
}
