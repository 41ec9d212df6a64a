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

/**
 * Headers of every answer of the app. No `'self'` in `connect-src`: an app's host also serves the API of every other canister, so
 * `'self'` would let an injected script send data to an attacker's canister.
 *
 * @param api origin at which the app finds the API, for instance `http://<id>.localhost:4943` or `https://icp-api.io`.
 * @param canisters text ids.
 * @param transport on plain http there is nothing to upgrade and no strict transport.
 */
export function appHeaders(
  api: string,
  canisters: Readonly<Record<CanisterName, string>>,
  transport: 'http' | 'https',
): Record<string, string> {
  const paths = ['v2', 'v3', 'v4'].flatMap((version) =>
    CANISTERS.map((name) => `${api}/api/${version}/canister/${canisters[name]}/`),
  )
  const policy = [
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
    `connect-src ${paths.join(' ')}`,
    "frame-src 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types medguard-url', // one policy, made once, which passes the addresses of our own workers (src/frontend/src/worker/our-workers.ts)
    ...(transport === 'https' ? ['upgrade-insecure-requests'] : []),
  ]
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin-allow-popups',
    'cross-origin-resource-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'x-frame-options': 'DENY',
    'permissions-policy': ['camera=(self)', ...PERMISSIONS_DENIED.map((name) => `${name}=()`)].join(', '),
    ...(transport === 'https' && { 'strict-transport-security': 'max-age=63072000; includeSubDomains; preload' }),
  }
}

/** Where an uploader finds the settings of a production build, beside the files that they are for. */
export const ASSET_SETTINGS_FILE = '.ic-assets.json5'

/** The official asset canister's settings for a production build: the same headers, certified, and no uncertified way around. */
export function assetSettings(headers: Readonly<Record<string, string>>): string {
  const everything = { match: '**/*', headers, allow_raw_access: false, cache: { max_age: 0 } }
  const hashed = { match: 'assets/**/*', cache: { max_age: 31_536_000 } }
  return `${JSON.stringify([everything, hashed], null, 2)}\n`
}

/** The headers that `assetSettings` has put into such a file; null for another one. */
export function headersInSettings(text: string): Record<string, string> | null {
  try {
    const [everything] = JSON.parse(text) as readonly { readonly match?: unknown; readonly headers?: unknown }[]
    if (everything?.match !== '**/*' || typeof everything.headers !== 'object' || everything.headers === null)
      return null
    const headers = Object.entries(everything.headers)
    return headers.every(([, value]) => typeof value === 'string') ? Object.fromEntries(headers) : null
  } catch {
    return null
  }
}
