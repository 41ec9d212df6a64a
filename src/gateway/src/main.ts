import { parseArgs } from 'node:util'
import { ConfigError, readConfig } from './config/config.ts'
import { startGateway } from './gateway.ts'
import { SpoolFault } from './spool/index.ts'

export const USAGE = 'usage: npm run gateway -- --config FILE (docs/integrate.md)'
/** What is under way gets this long to be answered after the first signal. */
const DRAIN_MS = 20_000

/** Runs until it is told to stop. One line on standard output says when it is ready; the log goes to standard error. */
export async function main(args: readonly string[]): Promise<number> {
  let path: string | undefined
  try {
    path = parseArgs({ args: [...args], options: { config: { type: 'string' } } }).values.config
  } catch {
    path = undefined
  }
  if (path === undefined) {
    process.stderr.write(`${USAGE}\n`)
    return 2
  }
  try {
    const gateway = await startGateway(readConfig(path))
    process.stdout.write(
      `${JSON.stringify({ url: gateway.url, principal: gateway.principal, hl7v2Port: gateway.hl7v2Port })}\n`,
    )
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
    })
    setTimeout(() => process.exit(1), DRAIN_MS).unref()
    await gateway.close()
    return 0
  } catch (error) {
    if (!(error instanceof ConfigError) && !(error instanceof SpoolFault)) throw error
    process.stderr.write(`medguard-gateway: ${error.message}\n`)
    return 2
  }
}
