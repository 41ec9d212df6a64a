import { Fault } from '@medguard/client'
import { parseArgs } from 'node:util'
import { ConfigError, readConfig } from './config/config.ts'
import { Refuse } from './faults.ts'
import { checkGateway, startGateway } from './gateway.ts'
import { SpoolFault } from './spool/index.ts'

const USAGE = 'usage: npm run gateway -- --config FILE [--check] (docs/integrate.md)'
/** What is under way gets this long to be answered after the first signal. */
const DRAIN_MS = 20_000

/** As the command line of patients has them (decision 41). */
const EXIT = { done: 0, usage: 2, refused: 3, network: 4 } as const

/** Runs until it is told to stop. One line on standard output says when it is ready, or with `--check` what was found; the log goes to standard error. */
export async function main(args: readonly string[]): Promise<number> {
  const asked = askedOf(args)
  if (asked === null) {
    process.stderr.write(`${USAGE}\n`)
    return EXIT.usage
  }
  try {
    const config = readConfig(asked.config)
    if (asked.check) {
      process.stdout.write(`${JSON.stringify(await checkGateway(config))}\n`)
      return EXIT.done
    }
    const gateway = await startGateway(config)
    const { url, principal, hl7v2Port } = gateway
    process.stdout.write(`${JSON.stringify({ url, principal, hl7v2Port })}\n`)
    await new Promise<void>((resolve) => {
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
    })
    setTimeout(() => process.exit(1), DRAIN_MS).unref()
    await gateway.close()
    return EXIT.done
  } catch (error) {
    const known = explained(error)
    if (known === null) throw error
    process.stderr.write(`medguard-gateway: ${known.words}\n`)
    return known.code
  }
}

function askedOf(args: readonly string[]): { config: string; check: boolean } | null {
  try {
    const options = { config: { type: 'string' }, check: { type: 'boolean' } } as const
    const { config, check = false } = parseArgs({ args: [...args], options }).values
    return config === undefined ? null : { config, check }
  } catch {
    return null // an option that nobody knows
  }
}

/** What whoever runs it can do something about. */
function explained(error: unknown): { code: number; words: string } | null {
  if (error instanceof ConfigError || error instanceof SpoolFault) return { code: EXIT.usage, words: error.message }
  if (error instanceof Fault) return { code: EXIT.network, words: `network: ${error.code}` }
  if (error instanceof Refuse) return { code: EXIT.refused, words: error.outcome.issue[0]?.details?.text ?? 'refused' }
  // A port that is taken, or that only the system may use.
  const isListening = error instanceof Error && 'syscall' in error && error.syscall === 'listen'
  return isListening ? { code: EXIT.usage, words: error.message } : null
}
