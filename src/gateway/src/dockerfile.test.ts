import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

// The steps of the Dockerfile in an empty folder, as a build goes through them. Packages are linked rather than fetched; npm says whether they would be.

const ROOT = join(import.meta.dirname, '../../..')
const MODULES = join(ROOT, 'node_modules')

test('what the Dockerfile copies is all that the gateway needs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'medguard-image-'))
  try {
    const steps = readFileSync(join(ROOT, 'src/gateway/Dockerfile'), 'utf8').matchAll(/^(COPY|RUN|CMD) (.*)$/gm)
    let command: string[] = []
    for (const [, step, text = ''] of steps) {
      const words = text.split(' ')
      if (step === 'COPY') for (const path of words.slice(0, -1)) copy(path, folder, words.at(-1) ?? '')
      else if (step === 'RUN') {
        expect(words.slice(0, 2)).toEqual(['npm', 'ci'])
        execFileSync('npm', [...words.slice(1), '--dry-run', '--offline'], { cwd: folder, stdio: 'pipe' })
        linkPackages(folder)
      } else command = JSON.parse(text) as string[]
    }
    const [program = '', ...args] = command
    const started = spawnSync(program, args, { cwd: folder, encoding: 'utf8' })
    // Everything was found but the file that an institution writes.
    expect([started.status, started.stderr]).toEqual([
      2,
      'medguard-gateway: /etc/medguard/gateway.json: cannot be read\n',
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
})

/** As Docker does: a folder's contents into a folder, files into one that ends with a slash. */
function copy(path: string, folder: string, target: string): void {
  const into = target.endsWith('/') ? join(folder, target, path) : join(folder, target)
  cpSync(join(ROOT, path), into, { recursive: true })
}

function linkPackages(folder: string): void {
  const own = join(folder, 'node_modules/@medguard')
  mkdirSync(own, { recursive: true })
  for (const name of readdirSync(MODULES))
    if (name !== '@medguard') symlinkSync(join(MODULES, name), join(folder, 'node_modules', name))
  for (const name of readdirSync(join(folder, 'src'))) symlinkSync(join(folder, 'src', name), join(own, name))
}
