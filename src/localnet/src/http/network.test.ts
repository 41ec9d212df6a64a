// The released agent against the running network: what it verifies, it verifies with the pinned root key.
import { CanisterStatus, type HttpAgent, type Identity, type Signature } from '@dfinity/agent'
import {
  Delegation,
  DelegationChain,
  DelegationIdentity,
  ECDSAKeyIdentity,
  Ed25519KeyIdentity,
} from '@dfinity/identity'
import { Principal } from '@dfinity/principal'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromHex, hex } from '../certificates/index.ts'
import { agentFor, deploy, tallyActor } from '../host/deploy.fixture.ts'
import { tallyWasm } from '../host/tally.fixture.ts'
import { developmentIdentity, IDENTITY_PROVIDER_ID, type Localnet, LOCALNET_ROOT_KEY, startLocalnet } from '../index.ts'
import { send } from './raw-request.fixture.ts'

let network: Localnet
let owner: HttpAgent
let tally: Principal

beforeAll(async () => {
  network = await startLocalnet({ port: 0 })
  owner = await agentFor(network, Ed25519KeyIdentity.generate())
  tally = await deploy(owner, tallyWasm())
})
afterAll(() => network.close())

const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000)

async function delegated(targets: Principal[], until = inMinutes(10)): Promise<Identity> {
  const session = await ECDSAKeyIdentity.generate()
  const chain = await DelegationChain.create(Ed25519KeyIdentity.generate(), session.getPublicKey(), until, { targets })
  return DelegationIdentity.fromDelegation(session, chain)
}

describe('the released agent', () => {
  test.each([
    ['anonymous', () => undefined],
    ['Ed25519', () => Ed25519KeyIdentity.generate()],
    ['P-256', () => ECDSAKeyIdentity.generate()],
    ['P-256 under a delegation with targets', () => delegated([tally])],
  ])('%s calls and queries, answers verified', async (_name, identity) => {
    const actor = tallyActor(await agentFor(network, await identity()), tally)
    const before = await actor.count(1)
    expect(await actor.mark(1)).toBe(before + 1)
    expect(await actor.count(1)).toBe(before + 1)
  })

  test('a delegation to another canister is refused for calls and queries', async () => {
    const agent = await agentFor(network, await delegated([Principal.managementCanister()]))
    const actor = tallyActor(agent, tally)
    await expect(actor.count(1)).rejects.toThrow(/is not one of the delegation targets/)
    await expect(actor.mark(1)).rejects.toThrow(/is not one of the delegation targets/)
  })

  test('an expired delegation is refused', async () => {
    const actor = tallyActor(await agentFor(network, await delegated([tally], inMinutes(-1))), tally)
    await expect(actor.mark(1)).rejects.toThrow(/Invalid delegation expiry/)
  })

  test('whoever signs in on the development page acts as that name', async () => {
    const session = await ECDSAKeyIdentity.generate()
    const pubkey = new Uint8Array(session.getPublicKey().toDer())
    const origin = 'http://localhost:1234'
    const host = `${IDENTITY_PROVIDER_ID}.localhost`
    const signed = await send(network.port, {
      method: 'POST',
      host,
      path: '/sign',
      headers: { 'content-type': 'application/json', origin: `http://${host}:${network.port}` },
      body: Buffer.from(
        JSON.stringify({
          origin,
          derivationOrigin: 'http://localhost',
          name: 'Ada',
          sessionPublicKey: hex(pubkey),
          maxTimeToLiveNs: '60000000000',
        }),
      ),
    })
    const { userPublicKey, expirationNs, signature } = JSON.parse(signed.text) as Record<string, string>
    const chain = DelegationChain.fromDelegations(
      [
        {
          delegation: new Delegation(pubkey, BigInt(expirationNs!)),
          signature: new Uint8Array(fromHex(signature!)) as Uint8Array as Signature,
        },
      ],
      new Uint8Array(fromHex(userPublicKey!)),
    )
    const identity = DelegationIdentity.fromDelegation(session, chain)
    const actor = tallyActor(await agentFor(network, identity), tally)
    expect(await actor.mark(33)).toBe(1)
    expect(identity.getPrincipal().toUint8Array()).toEqual(
      developmentIdentity({ origin: 'http://localhost', name: 'ada' }).principal,
    )
  })

  test('a reject of the canister arrives certified, with its codes', async () => {
    await expect(tallyActor(owner, tally).fail(0)).rejects.toThrow(/Reject code: 5[^]*echo[^]*IC0503/)
  })

  test('a call to a canister that is not there is refused at once', async () => {
    const nobody = Principal.fromText('rdmx6-jaaaa-aaaaa-aaadq-cai')
    await expect(tallyActor(owner, nobody).mark(1)).rejects.toThrow(/Reject code: 3[^]*not found/)
  })

  test('canister facts are read from certificates', async () => {
    const facts = await CanisterStatus.request({
      agent: owner,
      canisterId: tally,
      paths: ['controllers', 'module_hash', 'time'],
    })
    expect(facts.get('controllers')).toEqual([await owner.getPrincipal()])
    expect(facts.get('module_hash')).toMatch(/^[0-9a-f]{64}$/)
  })

  test('an absent fact is proven absent', async () => {
    const facts = await CanisterStatus.request({ agent: owner, canisterId: tally, paths: ['candid'] })
    expect(facts.get('candid')).toBeNull()
  })

  test('the older call address answers by polling', async () => {
    const { requestId } = await owner.call(tally, {
      methodName: 'mark',
      arg: Uint8Array.from(Buffer.from('4449444c00017905000000', 'hex')),
      effectiveCanisterId: tally,
      callSync: false,
    })
    expect(requestId.length).toBe(32)
    await expect.poll(() => tallyActor(owner, tally).count(5)).toBe(1)
  })

  test('many calls at once share signatures and all verify', async () => {
    const actor = tallyActor(owner, tally)
    const counts = await Promise.all(Array.from({ length: 40 }, () => actor.mark(9)))
    expect(counts.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, index) => index + 1))
  })
})

test('a connection is kept open for longer than a busy client leaves it idle', async () => {
  expect((await fetch(`${network.url}/api/v2/status`)).headers.get('keep-alive')).toBe('timeout=60')
})

test('the root key of the running network is the pinned one', () => {
  expect(network.rootKey).toBe(LOCALNET_ROOT_KEY)
})

test('an artificial delay holds up calls, and calls only', async () => {
  const artificialDelayMs = 400
  const slow = await startLocalnet({ port: 0, artificialDelayMs })
  try {
    const agent = await agentFor(slow, Ed25519KeyIdentity.generate())
    const began = performance.now()
    const call = deploy(agent, tallyWasm())
    // Asked after the call, answered before it has begun: the canister is not there yet.
    expect(await slow.host.canisterIds()).toEqual([])
    await call
    expect(performance.now() - began).toBeGreaterThanOrEqual(artificialDelayMs)
    expect(await slow.host.canisterIds()).toHaveLength(1)
  } finally {
    await slow.close()
  }
})
