/** Fixed when the page is built; nothing of it is fetched (decisions 5, 32, 33). What the worker trusts is in `config-network.ts`. */
export interface Config {
  readonly mode: 'production' | 'development'
  /** Absolute URL of the sign-in window. */
  readonly identityProvider: string
  /** What principals are derived for. Undefined: the provider takes the page's own origin. */
  readonly derivationOrigin: string | undefined
  readonly version: string
  /** Where the nodes stand, in the words of whoever deployed it; undefined when they say nothing. Nothing proves it. */
  readonly region: string | undefined
}

/**
 * @returns null when the build lacks its constants, or is a development build in another place than this computer: such a page trusts nobody
 * and offers no sign-in.
 */
export function readConfig(page: Pick<Location, 'protocol' | 'hostname' | 'port'>): Config | null {
  const provider = import.meta.env.VITE_MEDGUARD_IDENTITY_PROVIDER ?? ''
  const version = import.meta.env.VITE_MEDGUARD_VERSION ?? ''
  if (!URL.canParse(provider)) return null
  if (import.meta.env.VITE_MEDGUARD_MODE === 'development') {
    if (!isLoopback(page.hostname)) return null
    // The development network serves page, API and identity provider on one port, which may be another than the one the build names.
    const identityProvider = new URL(provider)
    identityProvider.port = page.port
    return {
      mode: 'development',
      identityProvider: identityProvider.href,
      derivationOrigin: `${page.protocol}//${page.hostname}`,
      version,
      region: undefined,
    }
  }
  if (import.meta.env.VITE_MEDGUARD_MODE !== 'production' || !import.meta.env.VITE_MEDGUARD_NETWORK) return null
  const derivationOrigin = import.meta.env.VITE_MEDGUARD_DERIVATION_ORIGIN || undefined
  return {
    mode: 'production',
    identityProvider: provider,
    derivationOrigin,
    version,
    region: import.meta.env.VITE_MEDGUARD_REGION || undefined,
  }
}

const isLoopback = (host: string) => host === 'localhost' || host.endsWith('.localhost') || host === '127.0.0.1'
