import { Fault, type MedGuardClient } from '@medguard/client'

/** The same client, which tells when an answer says that the session is over: one place instead of one per page. */
export function guardClient(client: MedGuardClient, onSessionEnded: () => void): MedGuardClient {
  const watched = <A extends unknown[], R>(method: (...args: A) => Promise<R>) => {
    return async (...args: A): Promise<R> => {
      try {
        return await method(...args)
      } catch (error) {
        if (error instanceof Fault && error.code === 'SessionEnded') onSessionEnded()
        throw error
      }
    }
  }
  return {
    principal: client.principal,
    account: watched(() => client.account()),
    enrol: watched(() => client.enrol()),
    add: watched((record, progress) => client.add(record, progress)),
    list: watched((vault, categories, progress) => client.list(vault, categories, progress)),
    open: watched((record, progress) => client.open(record, progress)),
    share: watched((share, progress) => client.share(share, progress)),
    revoke: watched((grantId) => client.revoke(grantId)),
    sharesGiven: watched(() => client.sharesGiven()),
    sharesReceived: watched(() => client.sharesReceived()),
    finishShares: watched(() => client.finishShares()),
    log: watched((of) => client.log(of)),
    changes: watched(() => client.changes()),
    lock: () => client.lock(),
  }
}
