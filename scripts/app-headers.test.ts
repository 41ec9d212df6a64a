import { describe, expect, test } from 'vitest'

import { appHeaders, assetSettings } from './app-headers.ts'

const CANISTERS = { consent: 'aaaaa-aa', records: 'bbbbb-bb', audit: 'ccccc-cc' }
const directive = (headers: Record<string, string>, name: string) =>
  headers['content-security-policy']?.split('; ').find((one) => one.startsWith(`${name} `))

describe('the headers of the app', () => {
  test('let the page call the API paths of our three canisters and nothing else, its own origin included', () => {
    const allowed = directive(appHeaders('http://f.localhost:4943', CANISTERS, 'http'), 'connect-src')
      ?.split(' ')
      .slice(1)
    expect(allowed).toHaveLength(9)
    for (const source of allowed ?? []) {
      expect(source).toMatch(/^http:\/\/f\.localhost:4943\/api\/v[234]\/canister\/(aaaaa-aa|bbbbb-bb|ccccc-cc)\/$/)
    }
  })

  test('allow no inline code or style, no code from strings and no frame', () => {
    const headers = appHeaders('https://icp-api.io', CANISTERS, 'https')
    expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|data:|nonce/)
    expect(directive(headers, 'default-src')).toBe("default-src 'none'")
    expect(directive(headers, 'script-src')).toBe("script-src 'self'")
    expect(directive(headers, 'frame-ancestors')).toBe("frame-ancestors 'none'")
    expect(directive(headers, 'require-trusted-types-for')).toBe("require-trusted-types-for 'script'")
    expect(directive(headers, 'trusted-types')).toBe('trusted-types medguard-url')
  })

  test('ask for https only where there is https', () => {
    expect(appHeaders('https://icp-api.io', CANISTERS, 'https')).toHaveProperty('strict-transport-security')
    expect(appHeaders('http://f.localhost', CANISTERS, 'http')).not.toHaveProperty('strict-transport-security')
  })

  test('go to the official asset canister, which must not answer uncertified', () => {
    const headers = appHeaders('https://icp-api.io', CANISTERS, 'https')
    const [everything] = JSON.parse(assetSettings(headers)) as [unknown]
    expect(everything).toMatchObject({ match: '**/*', allow_raw_access: false, headers })
  })
})
