import { HttpAgent } from '@dfinity/agent'
import { expect, test, vi } from 'vitest'
import { developmentNetwork } from './development.ts'
import { readHosting } from './hosting.ts'

test('where no network is, that is said, and not that its answer makes no sense', async () => {
  for (const way of ['group', 'warn', 'error'] as const) vi.spyOn(console, way).mockReturnValue() // the agent's own
  const network = developmentNetwork('http://127.0.0.1:9')
  const agent = HttpAgent.createSync({ host: network.url, rootKey: network.rootKey, retryTimes: 0 })
  await expect(readHosting(agent, network)).rejects.toMatchObject({ code: 'Unreachable' })
})
