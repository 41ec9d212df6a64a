import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'

import { build } from 'esbuild'

import { ROOT, UsageError } from '../project.ts'
import { azleVersion, type MethodMeta, TEMPLATE_PATH } from './azle.ts'
import { serviceMethods } from './did.ts'
import { evaluate, type Evaluated } from './evaluate.ts'
import { preludeSource } from './prelude.ts'
import { createCanisterModule } from './template.ts'
import { appendCustomSection, checkEntryPoints, removeProbes, type Method } from './wasm.ts'

/**
 * A plain module evaluates its bundle when it is installed or upgraded, a pre-initialised one begins with the heap that the build got by
 * evaluating it. Both keep all data when one follows the other. Canisters without our toolkit's `createCanister` are always plain.
 */
export type ModuleKind = 'plain' | 'pre-initialised'

export interface BuiltCanister {
  readonly name: string
  /** Absolute path of the module, `<outDir>/<name>.wasm`. */
  readonly wasmPath: string
  readonly wasm: Uint8Array<ArrayBuffer>
  /** SHA-256 of the module, lower-case hexadecimal: the network's `module_hash` once installed. */
  readonly wasmHash: string
  /** The interface in the module's `candid:service` section. */
  readonly candid: string
  readonly methods: readonly Method[]
  readonly kind: ModuleKind
  /** Whether the module was there already, made from the same inputs. */
  readonly cached: boolean
}

export interface BuildOptions {
  /** Absolute or relative to the project. The file that exports the canister class. */
  readonly entry?: string
  /** Absolute or relative to the project; `.azle/<name>` unless given, or `.azle/plain/<name>` for a plain module. */
  readonly outDir?: string
  /** A plain module instead of a pre-initialised one. */
  readonly plain?: boolean
  /** Tests only: keep the counters of Azle's template (`_azle_reject_callbacks_len` and others). */
  readonly keepProbes?: boolean
}

/** Written last, beside the outputs: what they were made from and what they are. */
interface Manifest {
  readonly toolsHash: string
  /** Path relative to the project -> SHA-256; a file that was absent has `null`. */
  readonly inputs: Readonly<Record<string, string | null>>
  readonly wasmHash: string
  readonly candid: string
  readonly methods: readonly Method[]
  readonly kind: ModuleKind
}

interface Job {
  readonly name: string
  /** Absolute, as is `outDir`. */
  readonly entry: string
  readonly outDir: string
  readonly plain: boolean
  readonly keepProbes: boolean
}

const running = new Map<string, Promise<BuiltCanister>>()

/**
 * Builds `canisters/<name>/src/index.ts`, or `entry`, into one Wasm module: the same bytes in every folder, for every user.
 * `<name>.did` beside the entry is the interface; without it Azle's own text is. Unchanged inputs build nothing.
 *
 * @throws UsageError when the entry is missing, does not compile, fails to load, or exports an entry point nobody declared.
 */
export function buildCanister(name: string, options: BuildOptions = {}): Promise<BuiltCanister> {
  const entry = resolve(ROOT, options.entry ?? `canisters/${name}/src/index.ts`)
  const { plain = false, keepProbes = false } = options
  const outDir = resolve(ROOT, options.outDir ?? `.azle/${plain ? 'plain/' : ''}${name}`)
  const job: Job = { name, entry, outDir, plain, keepProbes }
  const key = JSON.stringify(job)
  const underway = running.get(key)
  if (underway !== undefined) return underway
  const result = buildUnlessCached(job).finally(() => running.delete(key))
  running.set(key, result)
  return result
}

async function buildUnlessCached(job: Job): Promise<BuiltCanister> {
  const { name, entry, outDir, plain, keepProbes } = job
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw new UsageError(`"${name}" is not a canister name`)
  if (!existsSync(entry)) throw new UsageError(`canister ${name} has no ${showPath(entry)}`)
  const manifestPath = join(outDir, `${name}.build.json`)
  const wasmPath = join(outDir, `${name}.wasm`)
  const tools = toolsHash(job)
  const cached = readCached(manifestPath, wasmPath, tools)
  if (cached !== null) return { name, wasmPath, ...cached, cached: true }

  const { writeCodecs } = await import('../generate-codecs.ts')
  for (const path of writeCodecs()) console.error(`wrote ${path}, since the contract has changed`)
  const didPath = join(dirname(entry), `${name}.did`)
  const { javaScript, inputs } = await bundle(job, existsSync(didPath))
  const module = await createCanisterModule(javaScript)
  const evaluated = load(name, module.bare())

  const candid = existsSync(didPath) ? readFileSync(didPath, 'utf8') : evaluated.candid
  const kind = plain || evaluated.methods.boots !== true ? 'plain' : 'pre-initialised'
  const assembled =
    kind === 'plain' ? module.plain(evaluated.methods) : module.preInitialised(evaluated.methods, evaluated.heap)
  const shipped = keepProbes ? assembled : removeProbes(assembled)
  const wasm = appendCustomSection(shipped, 'icp:public candid:service', new TextEncoder().encode(candid))
  const methods = existsSync(didPath) ? serviceMethods(candid) : methodsOf(evaluated.methods)
  const problems = checkEntryPoints(new Uint8Array(wasm), methods)
  if (problems.length > 0) throw new UsageError(`canister ${name} ${problems.join('; ')} (${showPath(didPath)})`)

  const wasmHash = sha256(wasm)
  const hashes = Object.fromEntries([...inputs, didPath].toSorted().map((path) => [showPath(path), hashFile(path)]))
  const manifest: Manifest = { toolsHash: tools, inputs: hashes, wasmHash, candid, methods, kind }
  mkdirSync(outDir, { recursive: true })
  replaceFile(join(outDir, `${name}.js`), javaScript)
  replaceFile(wasmPath, wasm)
  replaceFile(manifestPath, JSON.stringify(manifest, null, 2))
  return { name, wasmPath, wasm: new Uint8Array(wasm), wasmHash, candid, methods, kind, cached: false }
}

/** One ES module with everything the canister needs, and the files it was made of. */
async function bundle({ name, entry, plain }: Job, hasInterface: boolean) {
  const specifier = isInProject(entry) ? `./${relative(ROOT, entry)}` : entry
  const contents = preludeSource({ specifier, label: name, printsInterface: !hasInterface })
  const result = await build({
    stdin: { contents, resolveDir: ROOT, loader: 'ts', sourcefile: 'prelude.ts' },
    absWorkingDir: ROOT,
    nodePaths: [join(ROOT, 'node_modules')], // for an entry outside the project
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    target: 'es2024',
    treeShaking: true,
    // Paths in comments would tell folders apart.
    minifyWhitespace: true,
    // Traces and the engine's errors show names, so they stay; but a plain module reads all of this at each install and upgrade.
    minifyIdentifiers: plain,
    minifySyntax: true,
    legalComments: 'none',
    // A linked workspace and its own folder are one module, not two with a state each.
    preserveSymlinks: false,
    tsconfigRaw: '{}',
    define: { MEDGUARD_SPLICED: 'true' },
    alias: { '@sinonjs/text-encoding': join(ROOT, 'canisters/shared/src/utf8.ts') },
    logLevel: 'silent',
  }).catch((error: unknown) => {
    throw new UsageError(`canister ${name} does not compile: ${error instanceof Error ? error.message : String(error)}`)
  })
  const [output] = result.outputFiles
  if (output === undefined) throw new Error('the bundler gave no output')
  const inputs = Object.keys(result.metafile.inputs)
    .filter((path) => path !== 'prelude.ts' && !path.startsWith('<') && !path.startsWith('('))
    .map((path) => resolve(ROOT, path))
  return { javaScript: output.text, inputs }
}

function load(name: string, wasm: Uint8Array<ArrayBuffer>): Evaluated {
  try {
    return evaluate(wasm)
  } catch (error) {
    throw new UsageError(
      `canister ${name} fails while loading: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

function methodsOf(meta: MethodMeta): Method[] {
  return [
    ...(meta.queries ?? []).map(
      ({ name, composite }) => ({ name, kind: composite === true ? 'composite_query' : 'query' }) as const,
    ),
    ...(meta.updates ?? []).map(({ name }) => ({ name, kind: 'update' }) as const),
  ]
}

function readCached(manifestPath: string, wasmPath: string, tools: string) {
  if (!existsSync(manifestPath) || !existsSync(wasmPath)) return null
  let manifest: Manifest
  try {
    manifest = JSON.parse(readFileSync(manifestPath, 'utf8')) as Manifest
  } catch {
    return null // cut short by a crash: build again
  }
  if (manifest.toolsHash !== tools) return null
  for (const [path, hash] of Object.entries(manifest.inputs)) if (hashFile(resolve(ROOT, path)) !== hash) return null
  const wasm = new Uint8Array(readFileSync(wasmPath))
  if (sha256(wasm) !== manifest.wasmHash) return null
  const { wasmHash, candid, methods, kind } = manifest
  return { wasm, wasmHash, candid, methods, kind }
}

/** Whatever decides the output besides the sources: this code, the template, the bundler, the versions in the lockfile. */
function toolsHash({ entry, plain, keepProbes }: Job): string {
  const here = join(ROOT, 'scripts/canister')
  const files = [
    ...readdirSync(here)
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => join(here, file)),
    join(ROOT, 'package-lock.json'),
    TEMPLATE_PATH,
  ]
  return sha256(JSON.stringify([showPath(entry), plain, keepProbes, azleVersion(), files.map(hashFile)]))
}

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex')
const hashFile = (path: string) => (existsSync(path) ? sha256(readFileSync(path)) : null)
const isInProject = (path: string) => !relative(ROOT, path).startsWith('..') && !isAbsolute(relative(ROOT, path))
const showPath = (path: string) => relative(ROOT, path)

/** Two builds at once each write whole files; the reader checks the hash. */
function replaceFile(path: string, content: Uint8Array | string) {
  const draft = `${path}.${randomUUID()}`
  try {
    writeFileSync(draft, content)
    renameSync(draft, path)
  } finally {
    rmSync(draft, { force: true })
  }
}
