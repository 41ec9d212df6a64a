// The program of the network's thread. Loaders of the process do not reach its threads, so the sources are compiled into one file, which starts
// in a third of the time that a loader of its own takes. It is kept beside the installed packages until a source changes.
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const NAME = 'worker.mjs'
/** Older programs are removed when a new one is made, unless they are so young that somebody may be starting them. */
const KEPT_MS = 3_600_000

/** Built packages have it ready. Where it can be compiled nowhere, the sources run with a loader. */
export async function workerProgram(): Promise<URL> {
  if (!import.meta.url.endsWith('.ts')) return new URL('./worker.js', import.meta.url)
  const cache = fileURLToPath(new URL('../../../../node_modules/.cache/localnet', import.meta.url))
  try {
    return await compiled(fileURLToPath(new URL('..', import.meta.url)), cache)
  } catch {
    return new URL('./boot-worker.mjs', import.meta.url)
  }
}

/**
 * @param sources folder with `host/worker.ts` and all it imports of ours.
 * @param cache folder for programs, made if need be, somewhere below the packages that the sources import.
 * @throws Error when it does not compile or cannot be written.
 */
export async function compiled(sources: string, cache: string): Promise<URL> {
  const folder = join(cache, versionOf(sources))
  if (!existsSync(join(folder, NAME))) {
    const draft = `${folder}.${randomUUID()}`
    try {
      await compile(join(sources, 'host/worker.ts'), join(draft, NAME))
      renameSync(draft, folder)
    } catch (error) {
      // Another process may have been faster.
      if (!existsSync(join(folder, NAME))) throw error
    } finally {
      rmSync(draft, { recursive: true, force: true })
    }
    removeOld(cache)
  }
  return pathToFileURL(join(folder, NAME))
}

/** Other sources, another Node, another version. */
function versionOf(sources: string): string {
  const hash = createHash('sha256').update(process.version)
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  for (const name of files.filter((path) => /(?<!\.test|\.fixture)\.ts$/u.test(path)).toSorted()) {
    hash.update(`\0${name}\0`).update(readFileSync(join(sources, name)))
  }
  return hash.digest('hex').slice(0, 32)
}

async function compile(entry: string, outfile: string): Promise<void> {
  const { build } = await import('esbuild')
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    tsconfigRaw: '{}',
    logLevel: 'silent',
  })
}

function removeOld(cache: string): void {
  for (const name of readdirSync(cache)) {
    const path = join(cache, name)
    const madeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs
    if (madeMs !== undefined && Date.now() - madeMs > KEPT_MS) rmSync(path, { recursive: true, force: true })
  }
}
