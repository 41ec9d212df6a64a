import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { DEVELOPMENT_CANISTERS, developmentNetwork } from '@medguard/client'
import { IDENTITY_PROVIDER_ID } from '@medguard/localnet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { bundleApp, DEVELOPMENT, productionTarget } from './build-app.ts'
import { UsageError } from './project.ts'

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
const development = developmentNetwork('http://127.0.0.1:4943')
/** What makes a build trust the development network, whose secrets are public. */
const DEVELOPMENT_ONLY = [
  hex(development.rootKey),
  hex(development.masterKey),
  IDENTITY_PROVIDER_ID,
  'dfx_test_key',
  ...Object.values(DEVELOPMENT_CANISTERS),
]
const PRODUCTION_KEY = hex(development.rootKey.map((byte, index) => (index < 40 ? byte : byte ^ 0x55)))
const NETWORK = JSON.stringify({
  url: 'https://icp-api.io',
  rootKey: PRODUCTION_KEY,
  canisters: {
    consent: 'rrkah-fqaaa-aaaaa-aaaaq-cai',
    records: 'ryjl3-tyaaa-aaaaa-aaaba-cai',
    audit: 'r7inp-6aaaa-aaaaa-aaabq-cai',
  },
  keyName: 'key_1',
})

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'medguard-app-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

function read(build: string): string {
  const files = readdirSync(build, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return files.map((file) => readFileSync(join(file.parentPath, file.name), 'latin1')).join('\n')
}

describe('the app', () => {
  test('built for production holds its own constants and none of the development network', async () => {
    const out = join(folder, 'production')
    await bundleApp(productionTarget(NETWORK, 'https://id.ai/#authorize'), out)
    const text = read(out)
    expect(text).toContain(PRODUCTION_KEY)
    expect(text).toContain('https://id.ai/#authorize')
    expect(DEVELOPMENT_ONLY.filter((secret) => text.includes(secret))).toEqual([])
    const [settings] = JSON.parse(readFileSync(join(out, '.ic-assets.json5'), 'utf8')) as [
      { allow_raw_access: boolean },
    ]
    expect(settings.allow_raw_access).toBe(false)
  })

  test('built for development holds what the check above looks for', async () => {
    const out = join(folder, 'development')
    await bundleApp(DEVELOPMENT, out)
    const text = read(out)
    expect(text).toContain(hex(development.rootKey))
    expect(text).toContain(DEVELOPMENT_CANISTERS.consent)
    expect(text).toContain(IDENTITY_PROVIDER_ID)
  })

  test('has nothing inline that its policy would refuse', async () => {
    const out = join(folder, 'inline')
    await bundleApp(DEVELOPMENT, out)
    const html = readFileSync(join(out, 'index.html'), 'utf8')
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>|<style|\son\w+=|style=|javascript:/i)
    expect(html).toMatch(/<script type="module"[^>]* src="\.?\/assets\/[^"]+\.js"/)
  })

  test('is not built for a network that is none, or for sign-in without https', () => {
    expect(() => productionTarget('{}', 'https://id.ai')).toThrow(UsageError)
    expect(() => productionTarget(NETWORK, 'http://id.ai')).toThrow('not an https address')
    expect(() => productionTarget(NETWORK, 'https://id.ai', 'nonsense')).toThrow(UsageError)
  })
})
