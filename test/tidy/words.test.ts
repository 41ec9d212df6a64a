import { describe, expect, test } from 'vitest'

import { isTest, projectFiles, SOURCE_ENDINGS, type ProjectFile } from './project-files.ts'

interface Ban {
  readonly what: RegExp
  readonly why: string
  readonly where: (path: string) => boolean
  /** Must be found, so that a pattern that matches nothing is noticed. The bar is taken out first. */
  readonly example: string
}

const everywhere = () => true
const inProduct = (path: string) => /^(src|canisters)\//.test(path) && !isTest(path)
const inClients = (path: string) => /^src\/(client|cli|frontend|gateway|device)\//.test(path) && !isTest(path)
const inFrontend = (path: string) => path.startsWith('src/frontend/')

const BANS: readonly Ban[] = [
  {
    what: /\b(TODO|FIXME|XXX|HACK)\b/,
    why: 'unfinished work belongs in an issue',
    where: everywhere,
    example: 'TO|DO',
  },
  { what: /(^|['"`\s(=:])\/(root|home)\//m, why: 'a path of one machine', where: everywhere, example: ' /ro|ot/x' },
  {
    what: /registry\.npmjs\.org|npmmirror/,
    why: 'a registry host',
    where: everywhere,
    example: 'registry.npm|js.org',
  },
  { what: /@ts-(ignore|nocheck)/, why: 'hides every error of a line', where: everywhere, example: '@ts-|ignore' },
  {
    what: /\b(describe|test|it)\.only\(/,
    why: 'leaves the other tests out',
    where: isTest,
    example: 'test.|only(',
  },
  {
    what: /(?<!\.)\bsetTimeout\(\s*[\w$]+\s*,|\bsleep\(|waitForTimeout\(/,
    why: 'a test that sleeps is slow or wrong',
    where: (path) => /\.(test|spec)\.tsx?$/.test(path),
    example: 'setTimeout|(resolve, 100)',
  },
  {
    what: /fetchRootKey/,
    why: 'the root key is pinned, never asked for',
    where: inClients,
    example: 'fetch|RootKey()',
  },
  { what: /\beval\(|new Function\(/, why: 'code from strings', where: inProduct, example: 'ev|al(x)' },
  {
    what: /dangerouslySetInnerHTML|\.innerHTML\b|\.outerHTML\b|insertAdjacentHTML|document\.write\(/,
    why: 'injected markup could take the keys: text nodes only',
    where: inFrontend,
    example: 'node.inner|HTML = x',
  },
  {
    what: /import\s*\{[^}]*\b(Grid|SimpleGrid|AppShell)\b[^}]*\}\s*from '@mantine\/core'/,
    why: 'sets inline styles, which the policy refuses: a blank page',
    where: inFrontend,
    example: `import { Box, Simple|Grid } from '@mantine/core'`,
  },
  {
    what: /\b(localStorage|sessionStorage)\b/,
    why: 'web storage keeps the idle clock and the language, nothing else, so one place may touch it',
    where: (path) => inFrontend(path) && !isTest(path) && !path.endsWith('/src/main.tsx'),
    example: 'local|Storage.x',
  },
  {
    what: /\b(margin|padding|border)-(left|right)\b|text-align: (left|right)\b|^\s*(left|right):|\bfloat:/,
    why: 'a page is also read from right to left: inline-start and inline-end',
    where: (path) => inFrontend(path) && path.endsWith('.css'),
    example: '  margin-|left: 1rem;',
  },
]

const hits = ({ text }: Pick<ProjectFile, 'text'>, { what }: Ban) =>
  text.split('\n').flatMap((line, index) => (what.test(line) ? [index + 1] : []))

describe('banned words', () => {
  const files = projectFiles([...SOURCE_ENDINGS, '.css', '.html', '.json', '.md', '.yaml'])

  test.each(BANS.map((ban) => [ban.why, ban] as const))('%s', (_, ban) => {
    const found = files
      .filter(({ path }) => ban.where(path) && path !== 'package-lock.json' && path !== 'test/tidy/words.test.ts')
      .flatMap((file) => hits(file, ban).map((line) => `${file.path}:${line}`))
    expect(hits({ text: ban.example.replace('|', '') }, ban)).toEqual([1])
    expect(found).toEqual([])
  })
})
