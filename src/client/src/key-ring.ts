import {
  type ChainWalk,
  type CompartmentEpoch,
  type CompartmentKeys,
  derivedPublicKey,
  forgetVetKey,
  newTransportKey,
  receiveCompartmentKeys,
  VETKD_CONTEXT,
  walkFrom,
  wipe,
} from '@medguard/crypto'
import { Principal, toHex } from '@medguard/protocol'
import { Fault, type Progress } from './api.ts'
import type { Canisters } from './canisters.ts'
import { cryptoWork } from './crypto-fault.ts'
import type { Network } from './network.ts'
import { newId, okOf } from './outcome.ts'

/** Keys of compartments, derived once and kept in memory until `lock`. Each derivation is in the patient's log. */
export interface KeyRing {
  /** @param grantId null for the owner. */
  keysOf(place: CompartmentEpoch, grantId: Uint8Array | null, progress?: Progress): Promise<CompartmentKeys>
  /** Keys of one's own compartment that are here already, newest epoch first; asks nobody. @param cid in hexadecimal. */
  ownHeld(cid: string): Promise<CompartmentKeys[]>
  /** A capsule's chain, whose start is opened once from each source it comes from, and wiped. */
  chain(
    keys: CompartmentKeys,
    from: { readonly capsuleId: Uint8Array; readonly source: string },
    open: () => Promise<Uint8Array>,
  ): Promise<ChainWalk>
  /** Seals capsules to any compartment; computed from what is pinned. 96 bytes. */
  readonly publicKey: Uint8Array
  /** A grant ended: what was derived under it is not kept (keys.md, section 14). */
  forgetGrant(grantId: Uint8Array): void
  /** Older epochs of a compartment ended: nothing is under them any more. */
  forgetBefore(place: CompartmentEpoch): void
  lock(): void
}

export function createKeyRing(canisters: Canisters, network: Network): KeyRing {
  const publicKey = derivedPublicKey(
    network.masterKey,
    Principal.fromText(network.canisters.consent).toUint8Array(),
    VETKD_CONTEXT.compartment(),
  )
  // Promises, so that two readers of one compartment at once ask, and are logged, once.
  const held = new Map<string, Promise<CompartmentKeys>>()
  // By the keys that they were opened with: they go when these do.
  const chains = new WeakMap<CompartmentKeys, Map<string, Promise<ChainWalk>>>()
  const forgetWhere = (isGone: (keys: CompartmentKeys, grantId: string) => boolean): void => {
    const forget = (name: string, keys: CompartmentKeys): void => {
      if (!isGone(keys, name.split(' ')[2] ?? '')) return
      forgetVetKey(keys)
      held.delete(name)
    }
    // Whoever waits for one that is still on its way sees its fault themselves.
    for (const [name, each] of held) void each.then((keys) => forget(name, keys)).catch(() => {})
  }
  const forgetAll = (): void => {
    // Whoever waits for one that is still on its way sees its fault themselves.
    for (const each of held.values()) each.then(forgetVetKey, () => {})
    held.clear()
  }

  const derive = async (place: CompartmentEpoch, grantId: Uint8Array | null): Promise<CompartmentKeys> => {
    const transport = newTransportKey()
    const { patientId, compartmentKind, compartmentId: cid, epoch } = place
    const released = okOf(
      await canisters.consent.deriveKey({
        patientId,
        compartmentKind,
        cid,
        epoch,
        grantId: grantId === null ? [] : [grantId],
        transportKey: transport.publicKey,
        requestId: newId(),
      }),
    )
    const recordedCheckValue = released.keyCheckValue[0] ?? null
    const receive = (recorded: Uint8Array | null) =>
      cryptoWork(() =>
        receiveCompartmentKeys({
          encrypted: released.encryptedKey,
          transport,
          publicKey,
          place,
          shredSalt: released.shredSalt,
          recordedCheckValue: recorded,
        }),
      )
    const post = (keyCheckValue: Uint8Array) =>
      canisters.consent.postKeyCheck({
        patientId: [place.patientId],
        compartmentKind,
        cid,
        epoch,
        keyCheckValue,
        requestId: newId(),
      })
    const keys = await receive(recordedCheckValue).catch(async (error: unknown) => {
      // That there are two keys is said where others see it, so that neither is written with. It is no answer here: this one stays a fault.
      if (grantId === null) await Promise.allSettled([receive(null).then(async (other) => post(other.checkValue))])
      throw error
    })
    if (recordedCheckValue === null && grantId === null) {
      const answer = await post(keys.checkValue)
      // Another device of the owner came first, with another value: one of the two keys is wrong, and nothing may be written with either.
      if ('Err' in answer && 'IdConflict' in answer.Err)
        throw new Fault('WrongKey', 'the compartment key is not the one that was recorded first')
      // From who helps for a while it is not taken: the holder's own client says it when it first derives the key.
      if (!('Err' in answer && 'NotPermitted' in answer.Err)) okOf(answer)
    }
    return keys
  }

  return {
    keysOf(place, grantId, progress) {
      const name = [place.patientId, place.compartmentId, grantId ?? new Uint8Array()].map(toHex).join(' ')
      const key = `${name} ${place.compartmentKind} ${place.epoch}`
      const known = held.get(key)
      if (known !== undefined) return known
      progress?.({ step: 'askingForKey' })
      const asked = derive(place, grantId)
      held.set(key, asked)
      asked.catch(() => held.delete(key)) // the asker sees the fault; the next one asks again
      return asked
    },
    async ownHeld(cid) {
      const own = [...held].filter(([name]) => name.split(' ')[1] === cid && name.split(' ')[2] === '')
      const settled = await Promise.allSettled(own.map(([, keys]) => keys))
      const here = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
      return here.toSorted((a, b) => b.place.epoch - a.place.epoch)
    },
    chain(keys, { capsuleId, source }, open) {
      const { place } = keys
      const own = chains.get(keys) ?? new Map<string, Promise<ChainWalk>>()
      chains.set(keys, own)
      const name = `${toHex(capsuleId)} ${source}`
      const known = own.get(name)
      if (known !== undefined) return known
      const walk = async (): Promise<ChainWalk> => {
        const secret = await open()
        try {
          return await walkFrom({ capsuleId, place, secret })
        } finally {
          wipe(secret)
        }
      }
      const opened = walk()
      own.set(name, opened)
      opened.catch(() => own.delete(name))
      return opened
    },
    publicKey,
    forgetGrant: (grantId) => forgetWhere((_, under) => under === toHex(grantId)),
    forgetBefore: ({ compartmentId, epoch }) =>
      forgetWhere(({ place }) => place.epoch < epoch && toHex(place.compartmentId) === toHex(compartmentId)),
    lock() {
      forgetAll()
    },
  }
}
