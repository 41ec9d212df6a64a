import { DelegationChain, type DelegationIdentity, ECDSAKeyIdentity } from '@dfinity/identity'
import {
  canisterIds,
  createClient,
  endOfChain,
  exchangeableIdentity,
  Fault,
  identityOfKey,
  identityOfKit,
  type MedGuardClient,
  narrowedKey,
  openLinkByCall,
  Principal,
} from '@medguard/client'
import { expose } from 'comlink'
import { readNetwork } from '../config-network.ts'
import { keepErrorsWhole, unpack } from './crossing.ts'
import { authorKeyOf, deviceOf, headMemory, keptSession, removeOthers, savedOf, toldTo } from './device-store.ts'
import type { Entered, KeyWorker } from './key-worker-api.ts'

// The one place of a page where keys are: the session's, those that the key service derives, and those of records. A worker of the page's own, so that
// nothing that runs in the page can look into its memory, and ending it ends the keys.

type Method = (...args: unknown[]) => unknown

keepErrorsWhole()
const network = readNetwork(location)
const targets = (network === null ? [] : canisterIds(network)).map((id) => Principal.fromText(id))
/** For the sign-in that is under way; what is signed for it never leaves this memory. */
let key: ECDSAKeyIdentity | null = null
let held: ReturnType<typeof exchangeableIdentity> | null = null
let isKept = true
let client: MedGuardClient | null = null
const acting = new Map<string, MedGuardClient>()

const enter = async (identity: DelegationIdentity): Promise<Entered | null> => {
  const endsAtMs = endOfChain(identity.getDelegation())
  if (endsAtMs <= Date.now() || network === null) return null
  held = exchangeableIdentity(identity)
  const who = held.identity.getPrincipal().toText()
  const saved = savedOf(who)
  const sealed = { searchMemory: saved, noticeMemory: toldTo(who), deviceMemory: deviceOf(saved) }
  const kept = { headMemory, ...sealed, authors: authorKeyOf(who) }
  const isOffline = () => !navigator.onLine
  client = createClient({ identity: held.identity, network, isOffline, ...(isKept && kept) })
  acting.clear()
  const methods = Object.entries(client).flatMap(([name, part]) => (typeof part === 'function' ? [name] : []))
  const hasOthersData = isKept && (await saved.isOthers())
  return { principal: client.principal, endsAtMs, methods, hasOthersData }
}

/** A second key for whom `wide` is, to be used from now on and, unless this is a shared computer, after a reload. */
const narrow = async (wide: DelegationIdentity, lastsMs: number): Promise<DelegationIdentity> => {
  const next = await narrowedKey(wide, Date.now() + lastsMs, targets)
  const identity = await identityOfKey(next)
  if (identity === null) throw new TypeError('a chain for another key')
  if (isKept) await keptSession.write({ key: next.pair, delegation: JSON.stringify(next.chain.toJSON()) })
  return identity
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
  async enter(delegation, { lastsMs, isKept: toKeep }) {
    const wide = await signedFor(delegation)
    if (wide === null) return null
    isKept = toKeep
    await keptSession.forget()
    return enter(await narrow(wide, lastsMs))
  },
  async extend(delegation, lastsMs) {
    const wide = await signedFor(delegation)
    if (wide === null || held === null) return { endsAtMs: null, isOthers: false }
    const isOthers = wide.getPrincipal().toText() !== held.identity.getPrincipal().toText()
    if (!isOthers) held.take(await narrow(wide, lastsMs))
    return { endsAtMs: isOthers ? null : held.endsAtMs(), isOthers }
  },
  async shorten(lastsMs) {
    if (held === null) return null
    held.take(await narrow(held.current(), lastsMs))
    return held.endsAtMs()
  },
  async follow() {
    const kept = isKept ? await keptIdentity() : null
    if (held === null) return null
    const isSame = kept?.getPrincipal().toText() === held.identity.getPrincipal().toText()
    if (kept !== null && isSame) held.take(kept)
    return held.endsAtMs()
  },
  async removeSaved() {
    if (held !== null) await removeOthers(held.identity.getPrincipal().toText())
  },
  async recoverWithKit(kit) {
    const identity = identityOfKit(kit)
    if (identity === null) return { outcome: null }
    if (client === null || network === null) throw new Fault('SessionEnded', 'nobody is signed in')
    const asKit = createClient({ identity, network })
    try {
      return { outcome: await asKit.startRecovery(client.principal) }
    } finally {
      asKit.lock()
    }
  },
  async openLink(link, asking) {
    return network === null ? { kind: 'unreachable' } : openLinkByCall(network, link, asking)
  },
  async call(actsFor, method, args) {
    const asked = clientOf(actsFor)
    const found: unknown = Object.entries(asked).find(([name]) => name === method)?.[1]
    if (typeof found !== 'function' || NOT_ACROSS.has(method)) throw new TypeError('no such method')
    return await (found as Method)(...unpack(args)) // the page's types are the client's own
  },
}
expose(worker)

/** The session of before a reload; null when there is none, or when it cannot be read: of an older version of the page, and signing in replaces it. */
async function keptIdentity(): Promise<DelegationIdentity | null> {
  const kept = await keptSession.read()
  return kept === null ? null : identityOf(kept.key, kept.delegation)
}

/** The key that was made last, which is good for one sign-in, as whoever signed in. Null for what does not hold. */
async function signedFor(delegation: string): Promise<DelegationIdentity | null> {
  const pair = key?.getKeyPair()
  key = null
  const wide = pair === undefined ? null : await identityOf(pair, delegation)
  return wide === null || endOfChain(wide.getDelegation()) <= Date.now() ? null : wide
}

/** @returns null for what does not fit together. */
async function identityOf(pair: CryptoKeyPair, delegation: string): Promise<DelegationIdentity | null> {
  try {
    return await identityOfKey({ pair, chain: DelegationChain.fromJSON(delegation) })
  } catch {
    return null
  }
}
