import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..')

/** Stands in for npm, which is not ours: notes that it was called and links the one package that the boot file needs. */
const NPM = `
  import { appendFileSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
  appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n')
  console.log('npm says something')
  rmSync('node_modules', { recursive: true, force: true })
  mkdirSync('node_modules')
  symlinkSync(${JSON.stringify(join(ROOT, 'node_modules/tsx'))}, 'node_modules/tsx')
`
const PROGRAM = `
  export async function main(args: string[]): Promise<void> {
    if (args[0] === 'mistake') throw Object.assign(new Error('nobody can do that'), { name: 'UsageError' })
    if (args[0] === 'wait') {
      const signal = new Promise<string>((resolve) => process.once('SIGTERM', () => resolve('heard the signal')))
      const alive = setInterval(() => {}, 1000)
      console.log('waiting')
      console.log(await signal)
      clearInterval(alive)
    } else console.log('ran', ...args)
  }
`

let project: string
beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'medguard-boot-'))
  mkdirSync(join(project, 'scripts'))
  cpSync(join(ROOT, 'scripts/boot.mjs'), join(project, 'scripts/boot.mjs'))
  writeFileSync(join(project, 'scripts/check.ts'), PROGRAM)
  writeFileSync(join(project, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(project, 'npm.js'), NPM)
  lock('1.0.0')
})
afterEach(() => rmSync(project, { recursive: true }))

function lock(version: string) {
  const packages = { '': {}, 'node_modules/thing': { version, integrity: 'sha512-x' } }
  writeFileSync(join(project, 'package-lock.json'), JSON.stringify({ packages }))
}

function boot(...args: string[]) {
  const child = spawn(process.execPath, ['scripts/boot.mjs', ...args], {
    cwd: project,
    env: { ...process.env, npm_execpath: join(project, 'npm.js') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (part: Buffer) => (stdout += part.toString()))
  child.stderr.on('data', (part: Buffer) => (stderr += part.toString()))
  const ended = once(child, 'close').then(([code]: unknown[]) => ({ code, stdout, stderr }))
  return { child, ended }
}
const npmCalls = () => readFileSync(join(project, 'npm-calls'), 'utf8').trim().split('\n')

describe('the boot file', () => {
  test('installs once when two start at once, and standard output is the command’s alone', async () => {
    const results = await Promise.all([boot('check', 'a').ended, boot('check', 'b').ended])
    expect(results.map(({ stdout }) => stdout)).toEqual(['ran a\n', 'ran b\n'])
    expect(npmCalls()).toEqual([expect.stringMatching(/^ci --include=dev/)])
    expect(existsSync(join(project, '.medguard/install.lock'))).toBe(false)
  })

  test('installs again only after the lockfile changed', async () => {
    await boot('check').ended
    await boot('check').ended
    expect(npmCalls()).toHaveLength(1)
    lock('1.0.1')
    expect(await boot('check').ended).toMatchObject({ code: 0, stdout: 'ran\n' })
    expect(npmCalls()).toHaveLength(2)
  })

  test('trusts what npm itself noted: after an install by hand nothing is installed twice', async () => {
    await boot('check').ended
    rmSync(join(project, 'node_modules/.medguard-stamp'))
    const packages = { 'node_modules/thing': { version: '1.0.0', integrity: 'sha512-x' } }
    writeFileSync(join(project, 'node_modules/.package-lock.json'), JSON.stringify({ packages }))
    await boot('check').ended
    expect(npmCalls()).toHaveLength(1)
  })

  test('takes over the lock of an installation that was killed', async () => {
    mkdirSync(join(project, '.medguard'))
    const gone = spawn(process.execPath, ['--version'])
    await once(gone, 'close')
    writeFileSync(join(project, '.medguard/install.lock'), String(gone.pid))
    expect(await boot('check').ended).toMatchObject({ code: 0, stdout: 'ran\n' })
  })

  test('says what went wrong when npm fails, and does not run the command', async () => {
    writeFileSync(join(project, 'npm.js'), 'process.exit(3)')
    const { code, stdout, stderr } = await boot('check').ended
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('npm ci failed (exit code 3)')
  })

  test('passes a signal on to the program, which ends as it likes', async () => {
    const { child, ended } = boot('check', 'wait')
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    expect(await ended).toMatchObject({ code: 0, stdout: 'waiting\nheard the signal\n' })
  })

  test('shows a mistake as one line and unknown commands with the list of known ones', async () => {
    const mistake = await boot('check', 'mistake').ended
    expect(mistake.code).toBe(1)
    expect(mistake.stderr).toMatch(/nobody can do that\n$/)
    const unknown = await boot('chekc').ended
    expect(unknown).toMatchObject({ code: 1, stdout: '' })
    expect(unknown.stderr).toContain('usage: node scripts/boot.mjs COMMAND')
    expect(unknown.stderr).toContain('build-canisters')
  })
})
