import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'

import { DEVELOPMENT_CANISTERS, parseNetwork } from '@medguard/client'
import { DEFAULT_PORT, IDENTITY_PROVIDER_ID } from '@medguard/localnet'

import { appHeaders, ASSET_SETTINGS_FILE, assetSettings, type HeaderRule } from './app-headers.ts'
import { icpEnvironment, type IcpEnvironment } from './deploy/icp-environment.ts'
import { readOptions } from './options.ts'
import { ROOT, UsageError } from './project.ts'
import { SITE, writeServiceWorker } from './service-worker.ts'
import { wasmInside } from './wasm-inside.ts'

const USAGE = `usage: npm run build:app [-- --network FILE --identity-provider URL [--derivation-origin URL]]

  without options  for the development network, whose keys are public
  --network        network file of a production network (docs/network-file.md); nothing of development is built in`

const FRONTEND = join(ROOT, 'src/frontend')
/** The folder that the network serves as the web app. */
export const APP_FOLDER = join(FRONTEND, 'dist')
/** The page for a development network whose log is several canisters. */
export const SHARDED_PAGE_FOLDER = join(ROOT, '.azle/page-of-shards')
/** The page that `icp` deploys to a development network; another than the one that `npm start` may be serving. */
const ICP_PAGE_FOLDER = join(ROOT, '.azle/icp-page')
/** As many builds at once can be in each other's way. */
const PUT_TRIES = 10
/** What a page was built from and what came out. */
const stampOf = (folder: string) =>
  join(ROOT, '.azle', `${folder === APP_FOLDER ? 'app' : basename(folder)}.build.json`)
/** Packages whose sources are part of the app. */
const SOURCES = ['frontend', 'client', 'fhir', 'protocol', 'crypto', 'readings', 'tlog', 'verifier'].map((name) =>
  join(ROOT, 'src', name),
)

const BUILDERS = ['build-app.ts', 'service-worker.ts', 'app-headers.ts'].map((name) => join(ROOT, 'scripts', name))

/** What a build pins: `VITE_MEDGUARD_…` constants, and files beside what Vite writes. */
export interface AppTarget {
  readonly constants: Readonly<Record<string, string>>
  /** Those that the page is served with, and that the service worker gives its files. */
  readonly headers: readonly HeaderRule[]
  readonly extraFiles: Readonly<Record<string, string>>
}

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }

export const DEVELOPMENT: AppTarget = {
  constants: {
    VITE_MEDGUARD_MODE: 'development',
    VITE_MEDGUARD_IDENTITY_PROVIDER: `http://${IDENTITY_PROVIDER_ID}.localhost:${DEFAULT_PORT}/#authorize`,
    VITE_MEDGUARD_VERSION: version,
  },
  headers: appHeaders(SITE, DEVELOPMENT_CANISTERS, 'http'),
  extraFiles: {},
}

/** A development network on which the canisters have ids of their own. */
export const developmentTarget = (canisters: Parameters<typeof appHeaders>[1]): AppTarget => ({
  ...DEVELOPMENT,
  constants: { ...DEVELOPMENT.constants, VITE_MEDGUARD_CANISTERS: JSON.stringify(canisters) },
  headers: appHeaders(SITE, canisters, 'http'),
})

/** Where the page is that a sync step of `icp` uploads, or anybody else. */
export const pageFolder = (icp: IcpEnvironment | null): string => (icp?.isDevelopment ? ICP_PAGE_FOLDER : APP_FOLDER)

/** @throws UsageError when the file is no network file. */
export function productionTarget(networkJson: string, identityProvider: string, derivationOrigin?: string): AppTarget {
  const network = parseNetwork(networkJson)
  if (network === null) throw new UsageError('not a network file (docs/network-file.md)')
  for (const url of [identityProvider, derivationOrigin ?? identityProvider]) {
    if (!URL.canParse(url) || new URL(url).protocol !== 'https:') throw new UsageError(`${url} is not an https address`)
  }
  const headers = appHeaders(network.url, network.canisters, 'https')
  return {
    constants: {
      VITE_MEDGUARD_MODE: 'production',
      VITE_MEDGUARD_NETWORK: networkJson,
      VITE_MEDGUARD_IDENTITY_PROVIDER: identityProvider,
      VITE_MEDGUARD_DERIVATION_ORIGIN: derivationOrigin ?? '',
      VITE_MEDGUARD_VERSION: version,
      VITE_MEDGUARD_REGION: network.region ?? '',
    },
    headers,
    extraFiles: { [ASSET_SETTINGS_FILE]: assetSettings(headers) },
  }
}

/**
 * Builds the web app unless the one there was built from the same sources for the same target.
 * @throws UsageError when it does not build.
 */
export async function buildApp(
  target: AppTarget = DEVELOPMENT,
  folder = APP_FOLDER,
): Promise<{ readonly cached: boolean }> {
  const files = [...SOURCES.flatMap(filesIn), join(ROOT, 'package-lock.json'), ...BUILDERS]
  const inputs = hashOf(files, JSON.stringify(target))
  if (isCurrent(folder, inputs)) return { cached: true }
  // Built aside and put in place as a whole: a network may be serving the old one, and two builds may run at once.
  const draft = join(ROOT, `.azle/app-${randomUUID()}`)
  try {
    await bundleApp(target, draft)
    putInPlace(draft, folder)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  writeFileSync(stampOf(folder), JSON.stringify({ inputs, outputs: hashOf(filesIn(folder), '') }))
  return { cached: false }
}

/** Whoever builds the same at the same time may be faster, between the removal and the renaming; the last one's stays. */
function putInPlace(draft: string, folder: string): void {
  for (let tries = 1; ; tries++) {
    rmSync(folder, { recursive: true, force: true })
    try {
      return renameSync(draft, folder)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if ((code !== 'ENOTEMPTY' && code !== 'EEXIST') || tries === PUT_TRIES) throw error
    }
  }
}

/** Builds into a folder, whatever is there already. @throws UsageError when it does not build. */
export async function bundleApp(target: AppTarget, folder: string): Promise<void> {
  const { build } = await import('vite')
  // Vite reads constants from the environment. Under a test runner NODE_ENV is `test`, which would choose React's slow build.
  const before = { ...process.env }
  Object.assign(process.env, target.constants, { NODE_ENV: 'production' })
  try {
    await build({
      root: FRONTEND,
      configFile: join(FRONTEND, 'vite.config.ts'),
      logLevel: 'error',
      plugins: [wasmInside],
      worker: { plugins: () => [wasmInside] },
      build: { outDir: folder, emptyOutDir: true },
    })
  } catch (error) {
    throw new UsageError(`the app does not build: ${error instanceof Error ? error.message : String(error)}`)
  } finally {
    for (const name of [...Object.keys(target.constants), 'NODE_ENV']) {
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
    }
  }
  await writeServiceWorker(folder, target.headers)
  for (const [name, content] of Object.entries(target.extraFiles)) writeFileSync(join(folder, name), content)
}

/** `npm run build:app` */
export async function main(args: readonly string[]): Promise<void> {
  const icp = args.length === 0 ? await icpEnvironment() : null
  if (icp !== null && !icp.isDevelopment) {
    return console.log('page  not built: for such a network use npm run build:app -- --network FILE …')
  }
  const target = icp?.canisters ? developmentTarget(icp.canisters) : readTarget(args)
  const folder = pageFolder(icp)
  const { cached } = await buildApp(target, folder)
  console.log(`${relative(ROOT, folder)}  ${cached ? 'unchanged' : 'built'}`)
}

function readTarget(args: readonly string[]): AppTarget {
  const text = { type: 'string' } as const
  const options = { network: text, 'identity-provider': text, 'derivation-origin': text }
  const { network, 'identity-provider': provider, 'derivation-origin': origin } = readOptions(args, options, USAGE)
  if (network === undefined && provider === undefined && origin === undefined) return DEVELOPMENT
  if (network === undefined || provider === undefined) throw new UsageError(USAGE)
  if (!existsSync(network)) throw new UsageError(`cannot read ${network}`)
  return productionTarget(readFileSync(resolve(network), 'utf8'), provider, origin)
}

function isCurrent(folder: string, inputs: string): boolean {
  if (!existsSync(stampOf(folder)) || !existsSync(join(folder, 'index.html'))) return false
  try {
    const stamp = JSON.parse(readFileSync(stampOf(folder), 'utf8')) as { inputs: string; outputs: string }
    return stamp.inputs === inputs && stamp.outputs === hashOf(filesIn(folder), '')
  } catch {
    return false // cut short by a crash: build again
  }
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.includes('.test.'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => folder === APP_FOLDER || !path.startsWith(APP_FOLDER))
    .toSorted()
}

function hashOf(paths: readonly string[], more: string): string {
  const hash = createHash('sha256').update(more)
  for (const path of paths) hash.update(`\0${relative(ROOT, path)}\0`).update(readFileSync(path))
  return hash.digest('hex')
}
