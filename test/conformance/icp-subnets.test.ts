// The official command line on a network of several subnets: it checks delegations and where they keep the canister ranges by itself.
import { startLocalnet } from '@medguard/localnet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { greeterWasm } from './icp-greeter.fixture.ts'
import { icpIsMissing, type IcpProject, openIcpProject } from './icp.fixture.ts'

const PROJECT = `canisters:
  - name: greeter
    build:
      steps:
        - type: script
          commands:
            - cp greeter.wasm "$ICP_WASM_OUTPUT_PATH"
networks:
  - name: local
    mode: managed
    subnets: [application, system]
    gateway:
      port: PORT
`

/** Ids of subnets follow from the setting alone. */
async function subnetIds(): Promise<readonly string[]> {
  const localnet = await startLocalnet({ port: 0, subnets: [{ kind: 'application' }, { kind: 'system' }] })
  await localnet.close()
  return localnet.subnets.map(({ id }) => id)
}

describe.skipIf(icpIsMissing !== null)(`icp (skipped: ${icpIsMissing ?? 'never'})`, () => {
  let project: IcpProject
  beforeAll(async () => {
    project = await openIcpProject({ 'icp.yaml': PROJECT, 'greeter.wasm': greeterWasm('hello') })
    await project.icp('network', 'start', '--background')
  })
  afterAll(() => project?.close())

  test('deploys to the subnet it is told, and every answer from there is verified', async () => {
    const [, application, system] = await subnetIds()
    await project.icp('deploy', '--subnet', application ?? '')
    const call = (method: string, ...more: string[]) =>
      project.icp('canister', 'call', 'greeter', method, '()', ...more)
    expect(await call('greet', '--query')).toContain('"hello"')
    expect(await call('count')).toContain('(1 : nat)')
    expect(await project.icp('canister', 'status', 'greeter')).toMatch(/Canister Id: [a-z0-9-]+-cai[^]*Running/)
    expect(await project.icp('canister', 'metadata', 'greeter', 'candid:service')).toContain(
      'greet : () -> (text) query',
    )
    await project.icp('canister', 'top-up', 'greeter', '--amount', '1T')
    await project.icp('canister', 'stop', 'greeter')
    await project.icp('canister', 'start', 'greeter')
    const other = await project.icp(
      'canister',
      'create',
      '--detached',
      '--quiet',
      '-n',
      'local',
      '--subnet',
      system ?? '',
    )
    expect(await project.icp('canister', 'status', other.trim(), '-n', 'local')).toContain('Running')
    const nowhere = await project.try('canister', 'create', '--detached', '-n', 'local', '--subnet', 'aaaaa-aa')
    expect(nowhere.code).not.toBe(0)
  })
})
