#!/usr/bin/env node
// What ICP_CLI_NETWORK_LAUNCHER_PATH names. It stays one process, so that the signal that `icp network stop` sends reaches the network.
try {
  const { register } = await import('tsx/esm/api')
  register()
} catch (error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error
  console.error('localnet-launcher: the packages it needs are not installed; run `npm ci` in its project first')
  process.exit(2)
}
const { main } = await import('../src/launcher/index.ts')
process.exitCode = await main(process.argv.slice(2))
