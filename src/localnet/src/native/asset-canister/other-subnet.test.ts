import { Ed25519KeyIdentity } from '@dfinity/identity'
import { Principal } from '@dfinity/principal'
import { expect, test } from 'vitest'
import { utf8 } from '../../certificates/index.ts'
import { agentFor, deploy } from '../../host/deploy.fixture.ts'
import { send } from '../../http/raw-request.fixture.ts'
import { assetCanisterModule, startLocalnet } from '../../index.ts'
import { assetActor } from './asset-canister.fixture.ts'

test('an asset canister on another subnet passes the gateway by its subnet’s delegation', async () => {
  const network = await startLocalnet({ port: 0, subnets: [{ kind: 'application' }] })
  try {
    const owner = await agentFor(network, Ed25519KeyIdentity.generate())
    const near = Principal.fromText(network.subnets[1]?.canisterRanges[0]?.[0] ?? '')
    const id = await deploy(owner, assetCanisterModule(), near)
    expect(id).toEqual(near)
    const page = { key: '/index.html', content: utf8('from afar'), content_type: 'text/html' }
    await assetActor(owner, id).store({ ...page, content_encoding: 'identity', sha256: [], aliased: [] })
    const answered = await send(network.port, { path: '/index.html', host: `${id.toText()}.localhost` })
    expect([answered.status, answered.text]).toEqual([200, 'from afar'])
  } finally {
    await network.close()
  }
})
