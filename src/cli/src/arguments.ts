import { parseArgs } from 'node:util'
import type { Command } from './command.ts'
import { COMMANDS, helpOf, isFirstWord } from './commands/index.ts'
import { UsageError } from './exit-code.ts'
import { COMMON, OPTIONS } from './options.ts'

export interface Arguments {
  readonly name: string
  readonly command: Command
  /** The command's own argument, empty where it takes none. */
  readonly subject: string
  readonly options: ReturnType<typeof parse>['values']
}

function parse(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true })
}

const ARGUMENTS = { 0: 'no argument', 1: 'one argument', 'one or none': 'at most one argument' }

/** @returns null when help was asked for. @throws UsageError for anything that is no command line of ours. */
export function parseCommandLine(argv: readonly string[]): Arguments | null {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(argv)
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'not understood', { cause: error })
  }
  const { positionals, values } = parsed
  // Some commands are two words: `org register NAME`.
  const isPair = COMMANDS.has(positionals.slice(0, 2).join(' '))
  const [name, subject, ...rest] = isPair ? [positionals.slice(0, 2).join(' '), ...positionals.slice(2)] : positionals
  if (values.help === true || (name === undefined && argv.length === 0)) return null
  const command = COMMANDS.get(name ?? '')
  if (name === undefined) throw new UsageError('which command?')
  if (command === undefined)
    throw new UsageError(
      isFirstWord(name) ? `${name} is followed by another word:\n${helpOf(name)}` : `no such command: ${name}`,
    )
  const { args, options } = command
  if (rest.length > 0 || (args !== 'one or none' && (args === 1) !== (subject !== undefined)))
    throw new UsageError(`${name} takes ${ARGUMENTS[args]}:\n${helpOf(name)}`)
  const allowed: readonly string[] = [...COMMON, ...options]
  const foreign = Object.keys(values).find((option) => !allowed.includes(option))
  if (foreign !== undefined) throw new UsageError(`${name} does not take --${foreign}`)
  const oneself = ['of', 'mine'].find((option) => option in values)
  if (values['for-patient'] !== undefined && oneself !== undefined)
    throw new UsageError(`${name} takes --for-patient or --${oneself}`)
  return { name, command, subject: subject ?? '', options: values }
}
