import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { ROOT } from './project.ts'
import { runBin } from './run-tool.ts'
import type { Counts } from './test.ts'
import { COUNTS_FILE } from './vitest-counts.ts'

const FILES = {
  'passing.test.ts': `
    import { test } from 'vitest'
    test('one', () => {})
    test('two', () => {})
    test('left out', (context) => context.skip('no shared data'))
    test.skip('also left out', () => {})`,
  'failing.test.ts': `import { test } from 'vitest'\ntest('broken', () => { throw new Error('no') })\ntest('fine', () => {})`,
  'unloadable.test.ts': `import './absent.ts'\nimport { test } from 'vitest'\ntest('never seen', () => {})`,
  'hook.test.ts': `
    import { afterAll, test } from 'vitest'
    afterAll(() => { throw new Error('no') })
    test('fine too', () => {})`,
  'stray.test.ts': `
    import { test } from 'vitest'
    test('leaves something behind', async () => {
      void Promise.reject(new Error('nobody waits'))
      await new Promise((resolve) => setImmediate(resolve))
    })`,
}

test('counts what fails outside any test too: a file that does not load, a hook, a stray rejection', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'medguard-counts-'))
  try {
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text)
    const counts = join(folder, 'counts.json')
    const reporter = join(ROOT, 'scripts/vitest-counts.ts')
    const { code } = await runBin('vitest/vitest.mjs', ['run', '--root', folder, `--reporter=${reporter}`], {
      output: 'keep',
      env: { [COUNTS_FILE]: counts },
    })
    expect(code).toBe(1)
    const { failed, ...rest } = JSON.parse(readFileSync(counts, 'utf8')) as Counts
    expect(failed.toSorted()).toEqual([
      'failing.test.ts: broken (no)',
      'hook.test.ts: outside its tests (no)',
      'nobody waits',
      expect.stringContaining('unloadable.test.ts: outside its tests'),
    ])
    expect(rest).toEqual({
      passed: 5,
      skipped: [expect.stringContaining('left out (no shared data)'), expect.stringContaining('also left out')],
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})
