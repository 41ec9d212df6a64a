#!/usr/bin/env node
// What ICP_CLI_NETWORK_LAUNCHER_PATH names. It stays one process, so that the signal that `icp network stop` sends reaches the network.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folders in which Node looks for packages, nearest first. */
function folders() {
  const found = []
  for (let at = dirname(fileURLToPath(import.meta.url)); !found.includes(at); at = dirname(at)) found.push(at)
  return found
}

/** In a clean clone, where nobody has run npm before. */
function install() {
  const project = folders().find((folder) => existsSync(join(folder, 'package-lock.json')))
  if (project === undefined) throw new Error('the packages that localnet needs are not installed')
  console.error(`localnet-launcher: installing dependencies (npm ci) in ${project}`)
  const { status } = spawnSync('npm', ['ci', '--include=dev', '--include=optional', '--update-notifier=false'], {
    cwd: project,
    stdio: ['ignore', 2, 2],
  })
  if (status !== 0) throw new Error(`npm ci failed in ${project}`)
}

try {
  if (!folders().some((folder) => existsSync(join(folder, 'node_modules/tsx/package.json')))) install()
  const { register } = await import('tsx/esm/api')
  register()
  const { main } = await import('../src/launcher/index.ts')
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  console.error('localnet-launcher:', error)
  process.exit(1)
}
