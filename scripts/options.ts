import { parseArgs, type ParseArgsConfig } from 'node:util'

import { UsageError } from './project.ts'

/**
 * Reads the options of a command that takes nothing else.
 * @throws UsageError with what is wrong and `usage`, for anything that is none of them.
 */
export function readOptions<const Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
  usage: string,
) {
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : 'unknown option'}\n\n${usage}`)
  }
}
