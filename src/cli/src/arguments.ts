import { parseArgs } from 'node:util'
import { UsageError } from './exit-code.ts'

export const USAGE = `medguard: a patient-owned health record from the command line

  medguard [--as NAME] [--network URL|FILE] [--state DIR] [--json] COMMAND

  whoami                            who you are here, and your share code
  add FILE [--kind KIND] [--title TITLE] [--type MEDIA/TYPE] [--date DATE]
                                    seal a file and store it (kinds: summary labs imaging
                                    medicines documents vitals sensitive other)
  list [--kind KIND…] [--of PATIENT]  your records, or those a patient shares with you
  show ID [--out FILE] [--of PATIENT] open one record; without --out it is printed
  share --with WHO (--kind KIND… | --record ID…) --for 30d [--purpose TREAT]
                                    let somebody read, for 15m, 12h or 30d
  shares                            what you share, and what is shared with you
  revoke GRANT                      stop sharing
  log [--verify] [--mine]           who did what with your records; --mine: what you did

  WHO and PATIENT: a share code, or the name of an identity on this machine.
  ID and GRANT: as printed; the first eight characters will do.
  --as NAME makes the identity on first use. Default: default.
  --network: default $MEDGUARD_NETWORK, else http://127.0.0.1:4943.
  --state: where identities are kept. Default: .medguard

  exit code: 0 done, 1 bug, 2 wrong usage, 3 refused, 4 network, 5 verification failed`

const OPTIONS = {
  as: { type: 'string' },
  network: { type: 'string' },
  state: { type: 'string' },
  json: { type: 'boolean' },
  of: { type: 'string' },
  kind: { type: 'string', multiple: true },
  title: { type: 'string' },
  type: { type: 'string' },
  date: { type: 'string' },
  out: { type: 'string' },
  with: { type: 'string' },
  record: { type: 'string', multiple: true },
  for: { type: 'string' },
  purpose: { type: 'string' },
  verify: { type: 'boolean' },
  mine: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

type OptionName = keyof typeof OPTIONS
const COMMON: readonly OptionName[] = ['as', 'network', 'state', 'json', 'help']

/** Command: how many arguments it takes, and which options beyond the common ones. */
const COMMANDS = {
  whoami: { args: 0, options: [] },
  add: { args: 1, options: ['kind', 'title', 'type', 'date'] },
  list: { args: 0, options: ['kind', 'of'] },
  show: { args: 1, options: ['out', 'of'] },
  share: { args: 0, options: ['with', 'kind', 'record', 'for', 'purpose'] },
  shares: { args: 0, options: [] },
  revoke: { args: 1, options: [] },
  log: { args: 0, options: ['verify', 'mine'] },
} as const satisfies Record<string, { args: 0 | 1; options: readonly OptionName[] }>
export type CommandName = keyof typeof COMMANDS

export interface Arguments {
  readonly command: CommandName
  /** The command's own argument, empty where it takes none. */
  readonly subject: string
  readonly options: ReturnType<typeof parse>['values']
}

function parse(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true })
}

/** @returns null when help was asked for. @throws UsageError for anything that is no command line of ours. */
export function parseCommandLine(argv: readonly string[]): Arguments | null {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(argv)
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'not understood', { cause: error })
  }
  const { positionals, values } = parsed
  const [name, subject, ...rest] = positionals
  if (values.help === true || (name === undefined && argv.length === 0)) return null
  if (name === undefined || !Object.hasOwn(COMMANDS, name)) throw new UsageError(`no such command: ${name ?? ''}`)
  const command = name as CommandName
  const { args, options } = COMMANDS[command]
  if (rest.length > 0 || (args === 1) !== (subject !== undefined))
    throw new UsageError(`${command} takes ${args === 1 ? 'one argument' : 'no argument'}`)
  const allowed: readonly string[] = [...COMMON, ...options]
  const foreign = Object.keys(values).find((option) => !allowed.includes(option))
  if (foreign !== undefined) throw new UsageError(`${command} does not take --${foreign}`)
  return { command, subject: subject ?? '', options: values }
}
