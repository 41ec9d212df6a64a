import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { ROOT, UsageError } from './project.ts'
import { runBin, runTool, stopToolsOnSignal } from './run-tool.ts'

// Localnet as a package of its own: its sources as JavaScript and types, one file for one, with what the browser gets beside them. npm runs no
// lifecycle scripts here, so this is a command like the others.

const SOURCE = 'src/localnet'
const OUTPUT = 'dist/localnet'
const COMMANDS = { localnet: 'start.js', 'localnet-launcher': 'launcher/index.js' } as const

const NODE_TYPES = /\b(?:from |import\()['"]node:/

export interface PackageManifest {
  readonly name: string
  readonly version: string
  readonly dependencies: Readonly<Record<string, string>>
}

/** `npm run pack:localnet`: writes the tarball and prints its path. */
export async function main(args: readonly string[]): Promise<void> {
  if (args.length > 0) throw new UsageError('usage: npm run pack:localnet')
  stopToolsOnSignal()
  console.log(await packLocalnet(join(ROOT, OUTPUT)))
}

/** @param folder is emptied first. @returns the path of the tarball in it. */
export async function packLocalnet(folder: string): Promise<string> {
  rmSync(folder, { recursive: true, force: true })
  const staging = join(folder, 'package')
  const dist = join(staging, 'dist')
  mkdirSync(dist, { recursive: true })
  await compile(folder, dist)
  const sources = join(ROOT, SOURCE, 'src')
  for (const asset of filesIn(sources, ['.html', '.css'])) cpSync(join(sources, asset), join(dist, asset))
  for (const [name, entry] of Object.entries(COMMANDS)) writeCommand(join(staging, 'bin', `${name}.js`), entry)
  cpSync(join(ROOT, 'LICENSE'), join(staging, 'LICENSE'))
  cpSync(join(ROOT, 'docs/localnet.md'), join(staging, 'docs/localnet.md'))
  const readme = readFileSync(join(ROOT, SOURCE, 'README.md'), 'utf8')
  writeFileSync(join(staging, 'README.md'), readme.replaceAll('](../../docs/', '](docs/'))
  writeFileSync(join(staging, 'package.json'), `${JSON.stringify(manifestFor(dist), null, 2)}\n`)
  return tarballOf(staging, folder)
}

async function compile(folder: string, dist: string): Promise<void> {
  const config = join(folder, 'tsconfig.json')
  const compilerOptions = {
    noEmit: false,
    declaration: true,
    rewriteRelativeImportExtensions: true,
    module: 'nodenext',
    moduleResolution: 'nodenext',
    lib: ['es2024', 'dom', 'dom.iterable'],
    types: ['node'],
    typeRoots: [join(ROOT, 'node_modules/@types')],
    rootDir: join(ROOT, SOURCE, 'src'),
    outDir: dist,
  }
  const include = [join(ROOT, SOURCE, 'src')]
  const exclude = ['test', 'fixture'].map((kind) => join(ROOT, SOURCE, `src/**/*.${kind}.ts`))
  const extended = join(ROOT, 'tsconfig.base.json')
  writeFileSync(config, JSON.stringify({ extends: extended, compilerOptions, include, exclude }))
  const { code, output } = await runBin('typescript/bin/tsc', ['-p', config], { output: 'keep' })
  if (code !== 0) throw new UsageError(`localnet does not compile:\n${output}`)
  rmSync(config)
  // The compiler renames imports in JavaScript only, and takes Node's types for granted.
  for (const path of filesIn(dist, ['.d.ts'])) {
    const file = join(dist, path)
    const types = readFileSync(file, 'utf8')
    const renamed = types.replaceAll(/(\bfrom |\bimport\()(['"])(\.[^'"]+)\.ts\2/g, '$1$2$3.js$2')
    writeFileSync(file, NODE_TYPES.test(types) ? `/// <reference types="node" />\n${renamed}` : renamed)
  }
}

function writeCommand(path: string, entry: string): void {
  mkdirSync(dirname(path), { recursive: true })
  const program = `import { main } from '../dist/${entry}'\n\nprocess.exitCode = await main(process.argv.slice(2))\n`
  writeFileSync(path, `#!/usr/bin/env node\n${program}`, { mode: 0o755 })
}

/** The workspace's own manifest, with what the built files import at the versions that the project pins. */
function manifestFor(dist: string): PackageManifest & Readonly<Record<string, unknown>> {
  const { name, version, license } = readJson(join(ROOT, SOURCE, 'package.json'))
  const { engines } = readJson(join(ROOT, 'package.json'))
  return {
    name: String(name),
    version: String(version),
    description: 'An embedded Internet Computer for development and tests',
    license,
    type: 'module',
    engines,
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' }, './package.json': './package.json' },
    bin: Object.fromEntries(Object.keys(COMMANDS).map((command) => [command, `bin/${command}.js`])),
    files: ['bin', 'dist', 'docs'],
    dependencies: pinned(importedBy(dist)),
  }
}

function importedBy(dist: string): Set<string> {
  const imported = new Set<string>()
  for (const path of filesIn(dist, ['.js', '.d.ts'])) {
    const text = readFileSync(join(dist, path), 'utf8')
    for (const [, specifier = ''] of text.matchAll(/(?:\bfrom |\bimport )['"]([^'".][^'"]*)['"]/g)) {
      if (specifier.startsWith('node:')) {
        if (path.endsWith('.d.ts')) imported.add('@types/node')
        continue
      }
      imported.add(
        specifier
          .split('/')
          .slice(0, specifier.startsWith('@') ? 2 : 1)
          .join('/'),
      )
    }
  }
  return imported
}

/** What a package expects beside itself is pinned too, so that there is one copy of each. */
function pinned(names: ReadonlySet<string>): Readonly<Record<string, string>> {
  const root = readJson(join(ROOT, 'package.json'))
  const pins = { ...strings(root['devDependencies']), ...strings(root['dependencies']) }
  const found = new Map<string, string>()
  const add = (name: string) => {
    const version = pins[name]
    if (version === undefined) throw new Error(`localnet imports ${name}, which the project does not declare`)
    if (found.has(name)) return
    found.set(name, version)
    const { peerDependencies } = readJson(join(ROOT, 'node_modules', name, 'package.json'))
    for (const peer of Object.keys(strings(peerDependencies))) if (pins[peer] !== undefined) add(peer)
  }
  for (const name of names) add(name)
  return Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

type Json = Readonly<Record<string, unknown>>
const readJson = (path: string): Json => JSON.parse(readFileSync(path, 'utf8')) as Json
const strings = (value: unknown) => (value ?? {}) as Readonly<Record<string, string>>

/** Paths relative to the folder. */
const filesIn = (folder: string, endings: readonly string[]): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => endings.some((end) => path.endsWith(end)))

async function tarballOf(staging: string, folder: string): Promise<string> {
  const args = ['pack', staging, '--pack-destination', folder, '--json', '--ignore-scripts']
  const npm = process.env['npm_execpath']
  const { code, output } = npm?.endsWith('.js')
    ? await runTool(process.execPath, [npm, ...args], { output: 'keep' })
    : await runTool('npm', args, { output: 'keep' })
  const name = /"filename": "([^"]+\.tgz)"/.exec(output)?.[1]
  if (code !== 0 || name === undefined) throw new UsageError(`npm pack failed:\n${output}`)
  return join(folder, name)
}
