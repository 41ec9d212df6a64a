/** Constants that `scripts/build-app.ts` pins into a build. */
interface ImportMetaEnv {
  readonly VITE_MEDGUARD_MODE?: 'development' | 'production'
  /** JSON of a network file; production builds only. */
  readonly VITE_MEDGUARD_NETWORK?: string
  /** Absolute URL. */
  readonly VITE_MEDGUARD_IDENTITY_PROVIDER?: string
  /** Empty: the page's own origin. */
  readonly VITE_MEDGUARD_DERIVATION_ORIGIN?: string
  readonly VITE_MEDGUARD_VERSION?: string
  /** `region` of the network file; empty where it has none. */
  readonly VITE_MEDGUARD_REGION?: string
  /** JSON: text ids by name, on a development network where they are not the usual ones. */
  readonly VITE_MEDGUARD_CANISTERS?: string
}
