import { HttpAgent, type Identity } from '@dfinity/agent'
import { DelegationChain, DelegationIdentity, ECDSAKeyIdentity } from '@dfinity/identity'
import {
  createClient,
  developmentNetwork,
  endOfChain,
  exchangeableIdentity,
  identityOfKey,
  narrowedKey,
  Principal,
  type SessionKey,
} from '@medguard/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Clinic, openClinic } from './clinic.ts'

// B01 and decision 37: the key a page signs with is good for MedGuard's canisters only, and can be exchanged for one that ends earlier while
// the client goes on working.

const HOUR_MS = 3_600_000
let clinic: Clinic
beforeAll(async () => {
  clinic = await openClinic()
})
afterAll(() => clinic.close())

/** What a sign-in service lends to the key of a page: the whole person, for eight hours. */
async function lent(name: string): Promise<DelegationIdentity> {
  const key = await ECDSAKeyIdentity.generate()
  const until = new Date(Date.now() + 8 * HOUR_MS)
  const chain = await DelegationChain.create(clinic.person(name).identity, key.getPublicKey(), until)
  return DelegationIdentity.fromDelegation(key, chain)
}
const targets = () => Object.values(clinic.ids)
const inHours = (hours: number) => Date.now() + hours * HOUR_MS

async function identified(key: SessionKey): Promise<DelegationIdentity> {
  const identity = await identityOfKey(key)
  if (identity === null) throw new Error('key and chain do not belong together')
  return identity
}

test('a session key acts as the person in MedGuard, and another canister refuses it', async () => {
  const wide = await lent('patient')
  const identity = await identified(await narrowedKey(wide, inHours(8), targets()))
  const client = createClient({ identity, network: developmentNetwork(clinic.localnet.url) })
  expect(await client.enrol()).toMatchObject({ kind: 'done' })
  expect(await client.list({ of: 'me' })).toEqual({ kind: 'done', value: [] })
  expect(await client.hosting()).toMatchObject({ kind: 'done' }) // state is read with it as well
  expect(client.principal).toBe(clinic.person('patient').principal.toText())

  const other = await clinic.operator.create()
  const ask = (as: Identity, canisterId: Principal, mode: 'query' | 'call') => {
    const { url, rootKey } = developmentNetwork(clinic.localnet.url)
    const agent = HttpAgent.createSync({ host: url, rootKey, identity: as, retryTimes: 0 })
    return agent[mode](canisterId, { methodName: 'anything', arg: new Uint8Array() })
  }
  for (const [canisterId, mode] of [
    [other, 'query'],
    [other, 'call'],
    [Principal.managementCanister(), 'call'],
  ] as const)
    await expect(ask(identity, canisterId, mode)).rejects.toThrow(/is not one of the delegation targets/)
  // What was lent to the page's first key would have gone through: the refusal above is of the targets.
  expect(await ask(wide, other, 'query')).toMatchObject({ status: 'rejected', reject_message: /no Wasm module/ })
})

test('an exchanged key ends earlier, the client goes on, and the new key is held to its hour by the network', async () => {
  const wide = await lent('clinician')
  const held = exchangeableIdentity(await identified(await narrowedKey(wide, inHours(8), targets())))
  const client = createClient({ identity: held.identity, network: developmentNetwork(clinic.localnet.url) })
  expect(await client.enrol()).toMatchObject({ kind: 'done' })
  expect(held.endsAtMs()).toBe(endOfChain(wide.getDelegation()))

  const before = held.current()
  const cut = await narrowedKey(before, inHours(1), targets())
  expect([cut.pair.privateKey.extractable, cut.chain.delegations.length]).toEqual([false, 3])
  held.take(await identified(cut))
  expect(held.endsAtMs()).toBe(inHours(1))
  expect(await client.list({ of: 'me' })).toEqual({ kind: 'done', value: [] })

  // Nothing lengthens it again: not what is asked for, and not the key before with a chain of the new one.
  expect(endOfChain((await narrowedKey(held.current(), inHours(8), targets())).chain)).toBe(inHours(1))
  expect(await identityOfKey({ ...cut, chain: before.getDelegation() })).toBeNull()
  const stranger = await identified(await narrowedKey(await lent('stranger'), inHours(1), targets()))
  expect(() => held.take(stranger)).toThrow('a key of somebody else')

  await clinic.advance(BigInt(HOUR_MS + 60_000) * 1_000_000n)
  await expect(client.list({ of: 'me' })).rejects.toMatchObject({ code: 'SessionEnded' })
})
