// The only plain JavaScript: `node scripts/boot.mjs COMMAND …` runs before anything is installed. It stays one process, so that
// a signal sent to `npm start` reaches the program, and writes to standard output nothing of its own.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { accessSync, constants, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const MODULES = join(ROOT, 'node_modules')
/** What the installed packages were installed from. npm deletes it, with everything else, before it installs anew. */
const STAMP = join(MODULES, '.medguard-stamp')
const LOCK = join(ROOT, '.medguard/install.lock')
/** The oldest Node that every tool here supports. */
const NODE_MIN = [20, 19]

/** Each is `scripts/COMMAND.ts` and exports `main(args)`, but for the command line, which is a package. */
const COMMANDS = {
  start: 'run the network, the canisters and the app',
  test: 'run everything that CI runs',
  'test-long': 'run the tests that take longer than CI allows',
  localnet: 'run an empty development network',
  medguard: 'the command line',
  'medguard-device': 'the command line of devices that post readings',
  gateway: 'what an institution runs: FHIR for its own systems',
  bench: 'measure',
  'build-canisters': 'build the canisters',
  'build-app': 'build the web app',
  'pack-localnet': 'make a package of the development network',
  'upload-page': 'upload the web app to its canister',
  screenshots: 'take a picture of every screen',
  configure: 'tell installed canisters about each other',
  'check-cycles': 'ring before canisters run out of cycles',
  check: 'lint, format check and type checks',
  'print-did': 'write the .did files from the contract',
  'print-disclosure': 'write the tables of docs/security.md',
  'print-dictionary': 'write a dictionary for texts that are made shorter before they are sealed',
}

/** An error that its message explains fully. Same name as the scripts' own class, which cannot be imported yet. */
class UsageError extends Error {
  name = 'UsageError'
}

/** A second npm would delete what the first has just written. */
async function withInstallLock(work) {
  mkdirSync(dirname(LOCK), { recursive: true })
  for (;;) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: 'wx' })
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      if (!isHeld()) rmSync(LOCK, { force: true })
      else await delay(200)
    }
  }
  try {
    return await work()
  } finally {
    rmSync(LOCK, { force: true })
  }
}

function isHeld() {
  try {
    const pid = Number(readFileSync(LOCK, 'utf8'))
    // Empty for an instant after its creation; after a minute its writer died in that instant.
    if (pid === 0) return Date.now() - statSync(LOCK).mtimeMs < 60_000
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM' // alive, but somebody else's
  }
}

function stampNow() {
  const lockfile = readFileSync(join(ROOT, 'package-lock.json'))
  return createHash('sha256')
    .update(lockfile)
    .update(`${process.version} ${process.platform} ${process.arch}`)
    .digest('hex')
}

function isStamped() {
  try {
    return readFileSync(STAMP, 'utf8') === stampNow()
  } catch {
    return false
  }
}

const packagesIn = (lockfile) => JSON.parse(readFileSync(lockfile, 'utf8')).packages

/** Whether npm's own record of what it installed covers the lockfile, as after somebody's `npm ci` by hand. */
function isInstalled() {
  try {
    const installed = packagesIn(join(MODULES, '.package-lock.json'))
    return Object.entries(packagesIn(join(ROOT, 'package-lock.json'))).every(([path, wanted]) => {
      if (!path.includes('node_modules/')) return true
      const found = installed[path]
      if (found === undefined) return wanted.optional === true && !isNativeHere(wanted)
      return found.version === wanted.version && found.integrity === wanted.integrity
    })
  } catch {
    return false
  }
}

/** Whether an optional package is the build of some tool for this machine. The others are left out by npm. */
function isNativeHere({ os, cpu, libc }) {
  const ours = process.report.getReport().header.glibcVersionRuntime === undefined ? 'musl' : 'glibc'
  return (
    (os !== undefined || cpu !== undefined) &&
    (os === undefined || os.includes(process.platform)) &&
    (cpu === undefined || cpu.includes(process.arch)) &&
    (libc === undefined || process.platform !== 'linux' || libc.includes(ours))
  )
}

function canWrite(folder) {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

async function install() {
  await withInstallLock(async () => {
    if (isStamped()) return
    if (!isInstalled()) {
      console.error('Installing dependencies (npm ci)')
      await npmCi()
    }
    writeFileSync(STAMP, stampNow())
  })
}

function npmCi() {
  // Development packages build and run everything here, whatever NODE_ENV says.
  const args = ['ci', '--include=dev', '--include=optional', '--update-notifier=false']
  if (!canWrite(homedir())) args.push('--cache', join(ROOT, '.medguard/npm-cache'))
  const npm = process.env['npm_execpath']
  const [command, prefix] = npm?.endsWith('.js') ? [process.execPath, [npm]] : ['npm', []]
  const child = spawn(command, [...prefix, ...args], { cwd: ROOT, stdio: ['ignore', 2, 2] })
  const stop = (signal) => {
    child.kill(signal)
    rmSync(LOCK, { force: true })
    process.exit(1)
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new UsageError(`npm does not start: ${cause.message}`)))
    child.once('exit', (code, signal) => {
      process.off('SIGTERM', stop)
      process.off('SIGINT', stop)
      if (code === 0) resolve()
      else reject(new UsageError(`npm ci failed (${signal ?? `exit code ${code}`}); its messages are above`))
    })
  })
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const [needMajor, needMinor] = NODE_MIN
  if (major < needMajor || (major === needMajor && minor < needMinor)) {
    throw new UsageError(`Node ${NODE_MIN.join('.')} or newer is needed; this is ${process.versions.node}`)
  }
}

async function run() {
  const [command, ...args] = process.argv.slice(2)
  if (!Object.hasOwn(COMMANDS, command ?? '')) {
    const list = Object.entries(COMMANDS).map(([name, what]) => `  ${name.padEnd(16)} ${what}`)
    throw new UsageError(`usage: node scripts/boot.mjs COMMAND …\n${list.join('\n')}`)
  }
  checkNode()
  if (!isStamped()) await install()
  if (command === 'medguard') {
    // Without a compiler beside it, which would take the memory that large files need.
    const { loadCommand } = await import('@medguard/cli/load')
    const { main } = await loadCommand()
    process.exitCode = await main(args)
    return
  }
  const { register } = await import('tsx/esm/api')
  register()
  const { main } = await import(pathToFileURL(join(ROOT, 'scripts', `${command}.ts`)).href)
  await main(args)
}

/** Some libraries put whole replies into their messages: the beginning says what happened. */
const ERROR_CHARS_MAX = 3000

run().catch((error) => {
  const text = error?.name === 'UsageError' ? error.message : (error?.stack ?? String(error))
  console.error(text.length > ERROR_CHARS_MAX ? `${text.slice(0, ERROR_CHARS_MAX)} …` : text)
  // A failed start may leave handles open that would keep the process alive.
  process.exit(typeof error?.exitCode === 'number' ? error.exitCode : 1)
})
