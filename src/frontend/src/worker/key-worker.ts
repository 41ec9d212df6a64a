import { Delegation, DelegationChain, DelegationIdentity, ECDSAKeyIdentity } from '@dfinity/identity'
import { createClient, Fault, type MedGuardClient } from '@medguard/client'
import { expose } from 'comlink'
import { msOf } from '../app/dates.ts'
import { readNetwork } from '../config-network.ts'
import { keepErrorsWhole, unpack } from './crossing.ts'
import { headMemory, keptSession } from './device-store.ts'
import type { Entered, KeyWorker, SignedSession } from './key-worker-api.ts'

// The one place of a page where keys are: the session's, those that the key service derives, and those of records. A worker of the page's own, so that
// nothing that runs in the page can look into its memory, and ending it ends the keys.

type Method = (...args: unknown[]) => unknown

keepErrorsWhole()
const network = readNetwork(location)
let key: ECDSAKeyIdentity | null = null
let client: MedGuardClient | null = null
const acting = new Map<string, MedGuardClient>()

const enter = (identity: DelegationIdentity): Entered | null => {
  const ends = identity.getDelegation().delegations.map(({ delegation }) => msOf(delegation.expiration))
  const endsAtMs = Math.min(...ends)
  if (endsAtMs <= Date.now() || network === null) return null
  client = createClient({ identity, network, headMemory })
  acting.clear()
  const methods = Object.entries(client).flatMap(([name, part]) => (typeof part === 'function' ? [name] : []))
  return { principal: client.principal, endsAtMs, methods }
}

const clientOf = (actsFor: string | null): MedGuardClient => {
  if (client === null) throw new Fault('SessionEnded', 'nobody is signed in')
  if (actsFor === null) return client
  const known = acting.get(actsFor) ?? client.actingFor(actsFor)
  acting.set(actsFor, known)
  return known
}

/** Stays here: the first would end nothing (the page ends the worker), the second gives a client, which cannot cross. */
const NOT_ACROSS: ReadonlySet<string> = new Set(['lock', 'actingFor'])

const worker: KeyWorker = {
  hold: () =>
    new Promise((resolve, reject) => {
      const held = () => {
        resolve()
        return new Promise(() => {}) // for as long as this worker lives
      }
      navigator.locks.request(self.name, held).catch(reject)
    }),
  async restore() {
    const identity = await keptIdentity()
    return identity === null ? null : enter(identity)
  },
  async newSessionKey() {
    key = await ECDSAKeyIdentity.generate() // not extractable
    return new Uint8Array(key.getPublicKey().toDer())
  },
  async enter(signed) {
    if (key === null) return null
    const identity = identityOf(key, chainOf(signed))
    const entered = identity === null ? null : enter(identity)
    if (identity === null || entered === null) return null
    await keptSession.write({ key: key.getKeyPair(), delegation: JSON.stringify(identity.getDelegation().toJSON()) })
    return entered
  },
  async call(actsFor, method, args) {
    const asked = clientOf(actsFor)
    const found: unknown = Object.entries(asked).find(([name]) => name === method)?.[1]
    if (typeof found !== 'function' || NOT_ACROSS.has(method)) throw new TypeError('no such method')
    return await (found as Method)(...unpack(args)) // the page's types are the client's own
  },
}
expose(worker)

const chainOf = ({ delegations, userPublicKey }: SignedSession): DelegationChain =>
  DelegationChain.fromDelegations(
    delegations.map(({ delegation: { pubkey, expiration }, signature }) => ({
      delegation: new Delegation(pubkey, expiration),
      signature: signature as Parameters<typeof DelegationChain.fromDelegations>[0][number]['signature'],
    })),
    userPublicKey,
  )

/** Null when key and delegation do not belong together. */
function identityOf(session: ECDSAKeyIdentity, chain: DelegationChain): DelegationIdentity | null {
  const signedFor = chain.delegations.at(-1)?.delegation.pubkey
  const isPair = String(signedFor) === String(new Uint8Array(session.getPublicKey().toDer()))
  return isPair ? DelegationIdentity.fromDelegation(session, chain) : null
}

/** The session of before a reload; null when there is none, or when it cannot be read. */
async function keptIdentity(): Promise<DelegationIdentity | null> {
  const kept = await keptSession.read()
  if (kept === null) return null
  try {
    return identityOf(await ECDSAKeyIdentity.fromKeyPair(kept.key), DelegationChain.fromJSON(kept.delegation))
  } catch {
    return null // of an older version of the page: signing in replaces it
  }
}
