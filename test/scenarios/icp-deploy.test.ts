// The whole product through the official command line: `icp network start`, `icp deploy` from our own icp.yaml, and it works.
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { CANISTER_SETTINGS } from '../../scripts/deploy/settings.ts'
import { icpIsMissing, type IcpProject, openIcpProject } from '../conformance/icp.fixture.ts'

const ROOT = join(import.meta.dirname, '../..')
const BUILD_MS = 600_000

/** Our icp.yaml, at a free port, for a project folder of the test's own: builds still run here, where everything is built once. */
const MANIFEST = readFileSync(join(ROOT, 'icp.yaml'), 'utf8')
  .replaceAll('4943', 'PORT')
  .replace(/^( {12}- )(?=npm|cp)/gm, `$1cd "${ROOT}" && `)

describe.skipIf(icpIsMissing !== null)(`icp deploy of this project (skipped: ${icpIsMissing ?? 'never'})`, () => {
  let project: IcpProject
  let deployed: string
  const ids = new Map<string, string>()

  beforeAll(async () => {
    project = await openIcpProject({ 'icp.yaml': MANIFEST })
    await project.icp('identity', 'new', 'ann', '--storage', 'plaintext')
    await project.icp('network', 'start', '--background')
    const { code, output } = await project.try('deploy')
    deployed = output
    if (code !== 0) throw new Error(output)
    for (const [, name = '', id = ''] of output.matchAll(/Created canister (\w+) with ID ([a-z0-9-]+)/g))
      ids.set(name, id)
  }, BUILD_MS)
  afterAll(() => project?.close())

  /** Through the gateway, which passes on nothing that is not certified. */
  function page(path: string): Promise<{ readonly status: number; readonly text: string; readonly headers: object }> {
    const host = `${ids.get('frontend') ?? ''}.localhost:${project.port}`
    return new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: project.port, path, headers: { host } }, (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('end', () =>
          resolve({
            status: answer.statusCode ?? 0,
            text: Buffer.concat(parts).toString(),
            headers: answer.headers,
          }),
        )
      })
      sent.on('error', reject)
      sent.end()
    })
  }

  test('creates, installs, configures and serves everything', () => {
    expect([...ids.keys()].toSorted()).toEqual(['audit', 'consent', 'frontend', 'records'])
    expect(deployed).toContain(`http://${ids.get('frontend') ?? ''}.localhost:${project.port}`)
  })

  test('leaves canisters that answer as configured', async () => {
    expect(await project.icp('canister', 'call', 'audit', 'head', '()', '--query')).toMatch(/Ok = record[^]*treeHead/)
    const whoAmI = await project.icp('canister', 'call', 'consent', 'whoAmI', '()', '--identity', 'ann')
    expect(whoAmI).toContain('variant')
    expect(whoAmI).not.toContain('NotReady')
  })

  test('leaves no controller behind but the one that deployed', async () => {
    for (const name of ['consent', 'records', 'audit', 'frontend']) {
      const status = await project.icp('canister', 'status', name)
      expect(status.match(/controller: \S+/g)).toEqual(['controller: 2vxsx-fae'])
    }
  })

  test('leaves canisters half a year before they would be emptied, and little room for a leak', async () => {
    for (const name of ['consent', 'records', 'audit']) {
      const status = (await project.icp('canister', 'status', name)).replaceAll(/(?<=\d)[_,](?=\d)/g, '')
      expect(status).toMatch(new RegExp(`freezing threshold: ${CANISTER_SETTINGS.freezingThresholdSeconds}`, 'i'))
      expect(status).toMatch(new RegExp(`wasm memory limit: ${CANISTER_SETTINGS.wasmMemoryLimitBytes}`, 'i'))
    }
  })

  test('serves the page, certified, and the page talks to these canisters', async () => {
    const index = await page('/')
    expect([index.status, index.text]).toEqual([200, expect.stringContaining('<title>MedGuard</title>')])
    const script = await page(/src="\.(\/assets\/[^"]+\.js)"/.exec(index.text)?.[1] ?? '/none')
    // The page itself may ask nobody: the worker with the keys does, by the policy of its own file.
    const fileIn = (text: string, name: string) =>
      page(`/assets/${new RegExp(`\\b${name}-[\\w-]+\\.js`).exec(text)?.[0] ?? 'none'}`)
    const worker = await fileIn((await fileIn(script.text, 'shell')).text, 'key-worker')
    const policy = (worker.headers as Record<string, string>)['content-security-policy']
    for (const name of ['consent', 'records', 'audit']) {
      expect(policy).toContain(`/api/v3/canister/${ids.get(name) ?? ''}/`)
      expect(worker.text.includes(ids.get(name) ?? 'none'), name).toBe(true)
    }
  })

  test(
    'can be repeated: canisters are upgraded and stay configured',
    async () => {
      const { code, output } = await project.try('deploy')
      expect(output).toContain('All canisters already exist')
      expect(code).toBe(0)
      expect(await project.icp('canister', 'call', 'audit', 'head', '()', '--query')).toContain('Ok = record')
    },
    BUILD_MS,
  )
})
