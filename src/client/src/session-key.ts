import type { Identity } from '@dfinity/agent'
import { DelegationChain, DelegationIdentity, ECDSAKeyIdentity } from '@dfinity/identity'
import { NS_PER_MS, type Principal } from '@medguard/protocol'

/** What signs for a session: a key that cannot be taken out of this browser, and the chain that lends it the person's name. */
export interface SessionKey {
  readonly pair: CryptoKeyPair
  readonly chain: DelegationChain
}

/** Milliseconds since 1970: when the first delegation of the chain ends. */
export const endOfChain = (chain: DelegationChain): number =>
  Math.min(...chain.delegations.map(({ delegation }) => Number(delegation.expiration / NS_PER_MS)))

/**
 * A new key that speaks for the same person, until `untilMs` at the latest, and to `targets` only: a stolen session opens nothing else that this
 * person signs in to. The chain grows by one, so the network checks what `from` was lent as well.
 */
export async function narrowedKey(
  from: DelegationIdentity,
  untilMs: number,
  targets: readonly Principal[],
): Promise<SessionKey> {
  const previous = from.getDelegation()
  const next = await ECDSAKeyIdentity.generate() // not extractable
  const until = new Date(Math.min(untilMs, endOfChain(previous)))
  const chain = await DelegationChain.create(from, next.getPublicKey(), until, { previous, targets: [...targets] })
  return { pair: next.getKeyPair(), chain }
}

/** @returns null where key and chain do not belong together. */
export async function identityOfKey({ pair, chain }: SessionKey): Promise<DelegationIdentity | null> {
  const key = await ECDSAKeyIdentity.fromKeyPair(pair)
  const signedFor = chain.delegations.at(-1)?.delegation.pubkey
  const isPair = String(signedFor) === String(new Uint8Array(key.getPublicKey().toDer()))
  return isPair ? DelegationIdentity.fromDelegation(key, chain) : null
}

/** One person whose key can be exchanged under a client that goes on working. */
export function exchangeableIdentity(first: DelegationIdentity) {
  let current = first
  const identity: Identity = {
    getPrincipal: () => current.getPrincipal(),
    transformRequest: (request) => current.transformRequest(request),
  }
  return {
    identity,
    current: () => current,
    endsAtMs: () => endOfChain(current.getDelegation()),
    take(next: DelegationIdentity) {
      if (next.getPrincipal().toText() !== first.getPrincipal().toText()) throw new TypeError('a key of somebody else')
      current = next
    },
  }
}
