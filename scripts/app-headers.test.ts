import { describe, expect, test } from 'vitest'

import { appHeaders, assetSettings, headersInSettings, headersOf } from './app-headers.ts'

const CANISTERS = { consent: 'aaaaa-aa', records: 'bbbbb-bb', audit: 'ccccc-cc' }
const PAGE = '/index.html'
const KEY_WORKER = '/assets/key-worker-Bx_3f9a-.js'
const headersAt = (key: string, transport: 'http' | 'https' = 'https') => {
  const api = transport === 'http' ? 'http://f.localhost:4943' : 'https://icp-api.io'
  return headersOf(appHeaders(api, CANISTERS, transport), key)
}
const directive = (headers: Readonly<Record<string, string>>, name: string) =>
  headers['content-security-policy']?.split('; ').find((one) => one.startsWith(`${name} `))

describe('the headers of the app', () => {
  test('let the page ask nobody anything, and its worker the API paths of our three canisters', () => {
    for (const key of ['/', PAGE, '/assets/index-Bx_3f9a-.js', '/assets/more/key-worker-Bx_3f9a-.js'])
      expect(directive(headersAt(key), 'connect-src'), key).toBe("connect-src 'none'")
    const allowed = directive(headersAt(KEY_WORKER, 'http'), 'connect-src')?.split(' ').slice(1)
    expect(allowed).toHaveLength(9)
    for (const source of allowed ?? []) {
      expect(source).toMatch(/^http:\/\/f\.localhost:4943\/api\/v[234]\/canister\/(aaaaa-aa|bbbbb-bb|ccccc-cc)\/$/)
    }
  })

  test('let its worker ask every canister of the log that the network file names', () => {
    const grown = { ...CANISTERS, logShards: ['ddddd-dd', 'eeeee-ee'] }
    const rules = appHeaders('https://icp-api.io', grown, 'https')
    const allowed = directive(headersOf(rules, KEY_WORKER), 'connect-src')?.split(' ').slice(1) ?? []
    for (const id of ['aaaaa-aa', 'bbbbb-bb', 'ccccc-cc', 'ddddd-dd', 'eeeee-ee'])
      for (const version of ['v2', 'v3', 'v4'])
        expect(allowed).toContain(`https://icp-api.io/api/${version}/canister/${id}/`)
    expect(allowed).toHaveLength(15)
    expect(directive(headersOf(rules, PAGE), 'connect-src')).toBe("connect-src 'none'")
  })

  test('allow no inline code or style, no code from strings and no frame', () => {
    for (const key of [PAGE, KEY_WORKER]) {
      const headers = headersAt(key)
      expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|data:|nonce/)
      expect(directive(headers, 'default-src')).toBe("default-src 'none'")
      expect(directive(headers, 'script-src')).toBe("script-src 'self'")
      expect(directive(headers, 'frame-ancestors')).toBe("frame-ancestors 'none'")
      expect(directive(headers, 'require-trusted-types-for')).toBe("require-trusted-types-for 'script'")
      expect(headers['x-content-type-options']).toBe('nosniff')
    }
    expect(directive(headersAt(PAGE), 'trusted-types')).toBe('trusted-types medguard-url')
    expect(directive(headersAt(KEY_WORKER), 'trusted-types')).toBe("trusted-types 'none'")
  })

  test('let workers that read files of others run WebAssembly, and reach nothing', () => {
    const reader = headersAt('/assets/reader-dicom-Ab3_-xyz.js')
    expect(directive(reader, 'script-src')).toBe("script-src 'self' 'wasm-unsafe-eval'")
    expect(directive(reader, 'default-src')).toBe("default-src 'none'")
    expect(directive(reader, 'connect-src')).toBeUndefined()
    expect(directive(reader, 'trusted-types')).toBe("trusted-types 'none'")
    expect(reader['x-content-type-options']).toBe('nosniff')
    for (const key of [PAGE, KEY_WORKER, '/assets/index-reader-1.js', '/reader-1.js', '/assets/x/reader-1.js'])
      expect(headersAt(key)['content-security-policy'], key).not.toContain('wasm')
  })

  test('let the service worker fetch the page’s own files, and nothing else do so', () => {
    const own = headersAt('/sw.js')
    expect(directive(own, 'default-src')).toBe("default-src 'none'")
    expect(directive(own, 'connect-src')).toBe("connect-src 'self'")
    expect(directive(own, 'trusted-types')).toBe("trusted-types 'none'")
    for (const key of [PAGE, KEY_WORKER, '/assets/sw.js', '/sw.js.map', '/assets/reader-Bx_3f9a-.js'])
      expect(directive(headersAt(key), 'connect-src'), key).not.toBe("connect-src 'self'")
  })

  test('ask for https only where there is https', () => {
    expect(headersAt(PAGE, 'https')).toHaveProperty('strict-transport-security')
    expect(headersAt(PAGE, 'http')).not.toHaveProperty('strict-transport-security')
  })

  test('go to the official asset canister, which must not answer uncertified', () => {
    const rules = appHeaders('https://icp-api.io', CANISTERS, 'https')
    const settings = assetSettings(rules)
    const [everything, worker] = JSON.parse(settings) as unknown[]
    expect(everything).toMatchObject({ ...rules[0], match: '**/*', allow_raw_access: false })
    expect(worker).toMatchObject({ ...rules[1], allow_raw_access: false })
    expect(headersInSettings(settings)).toEqual(rules)
    for (const other of ['', '{}', '[]', '[null]', '[{"match":"**/*"}]', '[{"match":"*","headers":{}}]'])
      expect(headersInSettings(other), other).toBeNull()
  })
})
