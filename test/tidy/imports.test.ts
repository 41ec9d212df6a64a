import { posix } from 'node:path'

import { describe, expect, test } from 'vitest'

import { importsOf, isTest, projectFiles, SOURCE_ENDINGS, type ProjectFile } from './project-files.ts'

/** Who may import whom, by workspace. Tests, benches and scripts may import any workspace, through its front door. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/protocol': [],
  'src/crypto': [],
  'src/tlog': [],
  'src/fhir': [],
  'src/synthetic': [],
  'src/readings': [],
  'src/localnet': [],
  'src/verifier': ['protocol', 'tlog'],
  'src/client': ['protocol', 'crypto', 'tlog', 'verifier'],
  // Hands a vault over in the form of others; loaded when somebody asks for it.
  'src/client/src/fhir': ['protocol', 'fhir', 'readings'],
  // What the page and an always-on process work out of what devices sent, in the same words.
  'src/client/src/alert-report': ['protocol', 'readings'],
  'src/cli': ['client', 'fhir', 'verifier', 'readings'],
  'src/frontend': ['client', 'fhir', 'readings'],
  'src/gateway': ['client', 'fhir', 'readings'],
  // Small enough for a device: seals and posts without most of the client.
  'src/device': ['client', 'crypto', 'protocol', 'readings'],
  'canisters/shared': ['protocol', 'tlog', 'crypto'],
  'canisters/consent': ['shared', 'protocol', 'tlog', 'crypto'],
  'canisters/records': ['shared', 'protocol', 'tlog', 'crypto'],
  'canisters/audit': ['shared', 'protocol', 'tlog', 'crypto'],
}
/** Which outside packages only certain places may import; each place is a path prefix. */
const ONLY_FROM: Readonly<Record<string, readonly string[]>> = {
  '@dfinity/candid': ['src/protocol/src/candid.ts', 'src/localnet/', 'canisters/shared/azle.d.ts'],
  '@dfinity/principal': ['src/protocol/src/principal.ts', 'src/localnet/', 'canisters/shared/azle.d.ts'],
  '@dfinity/agent': ['src/client/', 'src/localnet/', 'src/cli/'],
  '@dfinity/vetkeys': ['src/crypto/', 'src/client/'],
  react: ['src/frontend/'],
  'react-dom': ['src/frontend/'],
  '@mantine/core': ['src/frontend/'],
  binaryen: [],
}

/**
 * Workspaces with a second door: localnet is also a program of its own, with a canister for tests; canisters may verify but never open; benches need a
 * log of a million leaves; validation of FHIR takes definitions that no page loads; a document tells what canisters
 * store; the reference evaluator asks what they decide, and a golden image is compared with where they keep it; the command puts itself together without a compiler beside it; a
 * device opens nothing; a
 * browser test looks for texts of another language, and visits every address.
 */
const OTHER_DOORS = new Set([
  '@medguard/audit/disclosure',
  '@medguard/cli/load',
  '@medguard/client/alert-report',
  '@medguard/client/for-devices',
  '@medguard/client/node',
  '@medguard/device/command',
  '@medguard/audit/large-log',
  '@medguard/audit/rows',
  '@medguard/consent/disclosure',
  '@medguard/consent/facts',
  '@medguard/consent/large',
  '@medguard/fhir/hl7v2',
  '@medguard/fhir/in-node',
  '@medguard/frontend/languages',
  '@medguard/frontend/routes',
  '@medguard/localnet/start',
  '@medguard/localnet/universal-canister',
  '@medguard/crypto/verify',
  '@medguard/readings/imports',
  '@medguard/records/disclosure',
  '@medguard/records/facts',
  '@medguard/records/large',
  '@medguard/shared/candid',
  '@medguard/shared/disclosure',
  '@medguard/shared/row-collector',
  '@medguard/shared/signatures',
])

const workspaceOf = (path: string) => /^(?:src|canisters)\/[^/]+/.exec(path)?.[0]
const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

/** What is wrong with one import of one file, or null. */
function judge({ path }: Pick<ProjectFile, 'path'>, specifier: string): string | null {
  const own = workspaceOf(path)
  const isProduct = own !== undefined && !isTest(path)
  if (specifier.startsWith('.')) {
    const target = posix.join(posix.dirname(path), specifier)
    const other = workspaceOf(target)
    if (other === own) return null
    if (other !== undefined && !target.startsWith('canisters/shared/azle'))
      return `goes past the front door of ${other}`
    return isProduct && other === undefined ? 'leaves its workspace' : null
  }
  if (specifier.startsWith('@medguard/')) {
    const [, name = '', ...rest] = specifier.split('/')
    if (rest.length > 0 && !OTHER_DOORS.has(specifier)) return `goes past the front door of ${name}`
    if (isProduct && own.startsWith('canisters/') && specifier === '@medguard/crypto')
      return 'could open what it stores'
    if (!isProduct || own.endsWith(`/${name}`)) return null
    return (MAY_IMPORT[posix.dirname(path)] ?? MAY_IMPORT[own])?.includes(name) === true
      ? null
      : `${own} may not import ${name}`
  }
  const places = ONLY_FROM[packageOf(specifier)]
  if (!isProduct || places === undefined || places.some((place) => path.startsWith(place))) return null
  return `only ${places.join(', ')} may`
}

describe('imports', () => {
  test('follow the arrows of the design: leaves import nothing of ours, edges see the protocol through the client', () => {
    const problems = projectFiles(SOURCE_ENDINGS)
      .filter(({ path }) => !path.startsWith('canisters/shared/drift/'))
      .flatMap((file) =>
        importsOf(file.text).flatMap((specifier) => {
          const problem = judge(file, specifier)
          return problem === null ? [] : [`${file.path}: '${specifier}' ${problem}`]
        }),
      )
    expect(problems).toEqual([])
  })

  test('Azle is imported by entry files and one shared file only, because it replaces globals', () => {
    const importers = projectFiles(['.ts'])
      .filter(({ path }) => /^(canisters|src)\//.test(path) && !isTest(path))
      .filter(({ text }) => importsOf(text, { types: false }).includes('azle'))
      .map(({ path }) => path)
      .filter((path) => !/^canisters\/(\w+\/src\/index|shared\/drift\/drift)\.ts$/.test(path))
    expect(importers.filter((path) => !path.startsWith('canisters/shared/src/'))).toEqual([])
    expect(importers.length).toBeLessThanOrEqual(1)
  })

  test.each([
    ['src/tlog/src/tree.ts', '@medguard/protocol'],
    ['src/frontend/src/home/Home.tsx', '@medguard/protocol'],
    ['src/client/src/add.ts', '@medguard/crypto/src/seal.ts'],
    ['src/client/src/add.ts', '@medguard/fhir'],
    ['src/client/src/add.ts', '../../crypto/src/seal.ts'],
    ['src/client/src/add.ts', '../../../scripts/project.ts'],
    ['canisters/consent/src/rules.ts', '@medguard/records'],
    ['canisters/consent/src/rules.ts', '@medguard/crypto'],
    ['src/client/src/add.ts', '@dfinity/candid'],
    ['src/client/src/add.ts', '@dfinity/candid/lib/esm/idl'],
    ['scripts/deploy.ts', '../src/localnet/src/host/index.ts'],
  ])('%s importing %s is found', (path, specifier) => {
    expect(judge({ path }, specifier)).not.toBeNull()
  })
})
