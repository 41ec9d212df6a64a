import { Ed25519KeyIdentity } from '@dfinity/identity'
import { afterEach, expect, test } from 'vitest'
import { type Localnet, startLocalnet } from '../index.ts'
import { agentFor, deploy, tallyActor } from './deploy.fixture.ts'
import { tallyWasm } from './tally.fixture.ts'

const HOUR_NS = 3_600_000_000_000n
let network: Localnet | null = null
afterEach(async () => {
  await network?.close()
  network = null
})

async function deployed(clock: 'real' | 'manual') {
  const started = await startLocalnet({ port: 0, clock })
  network = started
  const agent = await agentFor(started, Ed25519KeyIdentity.generate())
  return { host: started.host, agent, canisterId: await deploy(agent, tallyWasm()) }
}

test.each(['real', 'manual'] as const)(
  'a timer fires when the %s clock is moved past it, and not before',
  async (clock) => {
    const { host, agent, canisterId } = await deployed(clock)
    const tally = tallyActor(agent, canisterId)
    await tally.wake_in_an_hour(0)
    const query = async () => {
      const arg = Uint8Array.from(Buffer.from('4449444c00017900000000', 'hex'))
      const outcome = await host.query({
        sender: Uint8Array.of(4),
        canisterId: canisterId.toUint8Array(),
        method: 'fired',
        arg,
      })
      return outcome.kind === 'reply' ? outcome.reply.at(7) : outcome.reject
    }
    await host.advance(HOUR_NS / 2n)
    expect(await query()).toBe(0)
    await host.advance(HOUR_NS)
    expect(await query()).toBe(1)
  },
)

test('a manual clock stands still', async () => {
  const { host, agent, canisterId } = await deployed('manual')
  const before = await host.timeNs()
  await tallyActor(agent, canisterId).mark(1)
  expect((await host.timeNs()) - before).toBeLessThan(1_000_000n)
})

test('time does not go back', async () => {
  const { host } = await deployed('manual')
  await expect(host.advance(-1n)).rejects.toThrow(RangeError)
})

test('messages are metered, and the meters are given out once', async () => {
  const { host, agent, canisterId } = await deployed('real')
  await host.meters()
  await tallyActor(agent, canisterId).mark(1)
  const [part, ...others] = (await host.meters()).filter(({ canisterId: id }) => id === canisterId.toText())
  expect(others).toEqual([])
  expect(part?.entry).toContain('mark')
  expect(part?.instructions).toBeGreaterThan(0n)
  expect(await host.meters()).toEqual([])
})

test('questions asked of a closed network fail instead of waiting for ever', async () => {
  const { host } = await deployed('real')
  await network?.close()
  network = null
  await expect(host.canisterIds()).rejects.toThrow('closed')
})
