import { CANISTERS, type CanisterName } from './project.ts'

const PERMISSIONS_DENIED = [
  'accelerometer',
  'autoplay',
  'display-capture',
  'geolocation',
  'gyroscope',
  'hid',
  'magnetometer',
  'microphone',
  'midi',
  'payment',
  'publickey-credentials-get',
  'screen-wake-lock',
  'serial',
  'usb',
  'xr-spatial-tracking',
]

/** Headers of the files that a pattern names; where two name a file, the later one's count. */
export interface HeaderRule {
  /** A path from the root of the page: `**` and then `/*` for every file, else with at most one `*`, as uploaders of asset canisters read it. */
  readonly match: string
  readonly headers: Readonly<Record<string, string>>
}
const EVERYTHING = '**/*'

/**
 * Headers of every answer of the app. The page itself may ask nobody anything: only the worker with the keys does, under a policy that comes with its own file.
 * A script that got into the page has no way to send what it sees. That worker's policy has no `'self'` in `connect-src`: an app's host also serves the API of every
 * other canister.
 *
 * @param api origin at which the app finds the API, for instance `http://<id>.localhost:4943` or `https://icp-api.io`.
 * @param canisters text ids, with those of all canisters of the log: the worker reaches none that is not among them.
 * @param transport on plain http there is nothing to upgrade and no strict transport.
 */
export function appHeaders(
  api: string,
  canisters: Readonly<Record<CanisterName, string>> & { readonly logShards?: readonly string[] },
  transport: 'http' | 'https',
): readonly HeaderRule[] {
  const ids = [...CANISTERS.map((name) => canisters[name]), ...(canisters.logShards ?? [])]
  const paths = ['v2', 'v3', 'v4'].flatMap((version) => ids.map((id) => `${api}/api/${version}/canister/${id}/`))
  const forAll = [
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    ...(transport === 'https' ? ['upgrade-insecure-requests'] : []),
  ]
  const page = [
    "default-src 'none'",
    "script-src 'self'",
    "script-src-attr 'none'",
    "style-src 'self'",
    "style-src-attr 'none'",
    "img-src 'self' blob:",
    "font-src 'self'",
    'media-src blob:',
    "worker-src 'self'",
    "manifest-src 'self'",
    "connect-src 'none'",
    "frame-src 'none'",
    'trusted-types medguard-url', // one policy, made once, which passes the addresses of our own workers (src/frontend/src/worker/our-workers.ts)
    ...forAll,
  ]
  const keyWorker = [
    "default-src 'none'",
    "script-src 'self'",
    `connect-src ${paths.join(' ')}`,
    "trusted-types 'none'",
    ...forAll,
  ]
  // Workers that read files of others (src/frontend/src/viewers): they may run WebAssembly, which the page may not, and reach nothing at all, not even our
  // canisters. One that a hostile file took over has that file and nowhere to send it.
  const reader = ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "trusted-types 'none'", ...forAll]
  // The one that starts the page without a network: it may fetch the page's own files and give them out. No key, no answer of a canister and no record is in it.
  const serviceWorker = [
    "default-src 'none'",
    "script-src 'self'",
    "connect-src 'self'",
    "trusted-types 'none'",
    ...forAll,
  ]
  return [
    {
      match: EVERYTHING,
      headers: {
        'content-security-policy': page.join('; '),
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin-allow-popups',
        'cross-origin-resource-policy': 'same-origin',
        'origin-agent-cluster': '?1',
        'x-frame-options': 'DENY',
        'permissions-policy': [
          'camera=(self)',
          'bluetooth=(self)',
          ...PERMISSIONS_DENIED.map((name) => `${name}=()`),
        ].join(', '),
        ...(transport === 'https' && { 'strict-transport-security': 'max-age=63072000; includeSubDomains; preload' }),
      },
    },
    { match: 'assets/key-worker-*.js', headers: { 'content-security-policy': keyWorker.join('; ') } },
    { match: 'assets/reader-*.js', headers: { 'content-security-policy': reader.join('; ') } },
    { match: 'sw.js', headers: { 'content-security-policy': serviceWorker.join('; ') } },
  ]
}

/** The headers of one file. @param key its path in addresses, from the root. */
export function headersOf(rules: readonly HeaderRule[], key: string): Readonly<Record<string, string>> {
  return Object.assign({}, ...rules.filter(({ match }) => isMatch(match, key)).map(({ headers }) => headers))
}

function isMatch(match: string, key: string): boolean {
  if (match === EVERYTHING) return true
  if (!match.includes('*')) return key === `/${match}`
  const [before = '', after = ''] = `/${match}`.split('*')
  const between = key.slice(before.length, key.length - after.length)
  return key === `${before}${between}${after}` && !between.includes('/')
}

/** Where an uploader finds the settings of a production build, beside the files that they are for. */
export const ASSET_SETTINGS_FILE = '.ic-assets.json5'

/** The official asset canister's settings for a production build: the same headers, certified, and no uncertified way around. */
export function assetSettings(rules: readonly HeaderRule[]): string {
  const settings = rules.map(({ match, headers }) =>
    match === EVERYTHING
      ? { match, headers, allow_raw_access: false, cache: { max_age: 0 } }
      : { match, headers, allow_raw_access: false },
  )
  const hashed = { match: 'assets/**/*', cache: { max_age: 31_536_000 } }
  return `${JSON.stringify([...settings, hashed], null, 2)}\n`
}

/** The headers that `assetSettings` has put into such a file; null for another one. */
export function headersInSettings(text: string): readonly HeaderRule[] | null {
  let settings: unknown
  try {
    settings = JSON.parse(text)
  } catch {
    return null
  }
  if (!Array.isArray(settings)) return null
  const rules = (settings as unknown[]).filter(isRule).map(({ match, headers }) => ({ match, headers }))
  return rules[0]?.match === EVERYTHING ? rules : null
}

function isRule(value: unknown): value is HeaderRule {
  if (typeof value !== 'object' || value === null || !('match' in value) || !('headers' in value)) return false
  const { match, headers } = value
  return (
    typeof match === 'string' &&
    typeof headers === 'object' &&
    headers !== null &&
    Object.values(headers).every((header) => typeof header === 'string')
  )
}
