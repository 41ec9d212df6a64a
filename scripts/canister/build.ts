import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'

import { build } from 'esbuild'

import { ROOT, UsageError } from '../project.ts'
import { type Azle, azleVersion, loadAzle, type MethodMeta, TEMPLATE_PATH } from './azle.ts'
import { serviceMethods } from './did.ts'
import { evaluate, type Evaluated } from './evaluate.ts'
import { createCanisterModule } from './template.ts'
import { appendCustomSection, checkEntryPoints, removeProbes, type Method } from './wasm.ts'

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
  /** Whether the module was there already, made from the same inputs. */
  readonly cached: boolean
}

export interface BuildOptions {
  /** Absolute or relative to the project. The file that exports the canister class. */
  readonly entry?: string
  /** Absolute or relative to the project. */
  readonly outDir?: string
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
}

interface Job {
  readonly name: string
  /** Absolute, as is `outDir`. */
  readonly entry: string
  readonly outDir: string
  readonly keepProbes: boolean
}

const running = new Map<string, Promise<BuiltCanister>>()
let azle: Promise<Azle> | undefined

/**
 * Builds `canisters/<name>/src/index.ts`, or `entry`, into one Wasm module: the same bytes in every folder, for every user.
 * `<name>.did` beside the entry is the interface; without it Azle's own text is. Unchanged inputs build nothing.
 *
 * @throws UsageError when the entry is missing, does not compile, fails to load, or exports an entry point nobody declared.
 */
export function buildCanister(name: string, options: BuildOptions = {}): Promise<BuiltCanister> {
  const entry = resolve(ROOT, options.entry ?? `canisters/${name}/src/index.ts`)
  const outDir = resolve(ROOT, options.outDir ?? `.azle/${name}`)
  const keepProbes = options.keepProbes === true
  const job = JSON.stringify([name, entry, outDir, keepProbes])
  const underway = running.get(job)
  if (underway !== undefined) return underway
  const result = buildUnlessCached({ name, entry, outDir, keepProbes }).finally(() => running.delete(job))
  running.set(job, result)
  return result
}

async function buildUnlessCached({ name, entry, outDir, keepProbes }: Job): Promise<BuiltCanister> {
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw new UsageError(`"${name}" is not a canister name`)
  if (!existsSync(entry)) throw new UsageError(`canister ${name} has no ${showPath(entry)}`)
  const manifestPath = join(outDir, `${name}.build.json`)
  const wasmPath = join(outDir, `${name}.wasm`)
  const tools = toolsHash(entry, keepProbes)
  const cached = readCached(manifestPath, wasmPath, tools)
  if (cached !== null) return { name, wasmPath, ...cached, cached: true }

  azle ??= loadAzle()
  const didPath = join(dirname(entry), `${name}.did`)
  const { javaScript, inputs } = await bundle(name, entry, existsSync(didPath), await azle)
  const module = await createCanisterModule(javaScript)
  const evaluated = load(name, module.bare())

  const candid = existsSync(didPath) ? readFileSync(didPath, 'utf8') : evaluated.candid
  const assembled = module.plain(evaluated.methods)
  const shipped = keepProbes ? assembled : removeProbes(assembled)
  const wasm = appendCustomSection(shipped, 'icp:public candid:service', new TextEncoder().encode(candid))
  const methods = existsSync(didPath) ? serviceMethods(candid) : methodsOf(evaluated.methods)
  const problems = checkEntryPoints(new Uint8Array(wasm), methods)
  if (problems.length > 0) throw new UsageError(`canister ${name} ${problems.join('; ')} (${showPath(didPath)})`)

  const wasmHash = sha256(wasm)
  const hashes = Object.fromEntries([...inputs, didPath].toSorted().map((path) => [showPath(path), hashFile(path)]))
  const manifest: Manifest = { toolsHash: tools, inputs: hashes, wasmHash, candid, methods }
  mkdirSync(outDir, { recursive: true })
  replaceFile(join(outDir, `${name}.js`), javaScript)
  replaceFile(wasmPath, wasm)
  replaceFile(manifestPath, JSON.stringify(manifest, null, 2))
  return { name, wasmPath, wasm: new Uint8Array(wasm), wasmHash, candid, methods, cached: false }
}

/** Azle prints the interface as the canister starts, with the Candid library: 50 kB of source, and 60 M instructions of an install. */
const PRINTING = `import { getDefaultVisitorData, IDL, idlToString } from 'azle'`
/** Where it is written down, nobody reads what Azle prints. */
const NO_PRINTING = `const getDefaultVisitorData = () => ({}), IDL = { Service: () => null }, idlToString = () => ''`

/** One ES module with everything the canister needs, and the files it was made of. */
async function bundle(name: string, entry: string, hasInterface: boolean, builder: Azle) {
  const specifier = isInProject(entry) ? `./${relative(ROOT, entry)}` : entry
  const contents = `
    import 'azle/_internal/globals'
    ${hasInterface ? NO_PRINTING : PRINTING}
    import * as CanisterModule from ${JSON.stringify(specifier)}
    createGetCandidAndMethodMetaFunction(CanisterModule)
    ${builder.registration(name)}
  `
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
    // Paths in comments would tell folders apart; names stay, because traces and the engine's errors show them.
    minifyWhitespace: true,
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
  return { wasm, wasmHash: manifest.wasmHash, candid: manifest.candid, methods: manifest.methods }
}

/** Whatever decides the output besides the sources: this code, the template, the bundler, the versions in the lockfile. */
function toolsHash(entry: string, keepProbes: boolean): string {
  const here = join(ROOT, 'scripts/canister')
  const files = [
    ...readdirSync(here)
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .map((file) => join(here, file)),
    join(ROOT, 'package-lock.json'),
    TEMPLATE_PATH,
  ]
  return sha256(JSON.stringify([showPath(entry), keepProbes, azleVersion(), files.map(hashFile)]))
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
