import type { Command } from '../command.ts'
import { UsageError } from '../exit-code.ts'
import { authorCommands } from './authors.ts'
import { archiveCommands } from './archive.ts'
import { changeCommands } from './changes.ts'
import { consentCommands } from './consent.ts'
import { deviceCommands } from './devices.ts'
import { evidenceCommands } from './evidence.ts'
import { fhirCommands } from './fhir.ts'
import { fileCommands } from './files.ts'
import { inboxCommands } from './inbox.ts'
import { keyCommands } from './keys.ts'
import { linkCommands } from './links.ts'
import { logCommands } from './log.ts'
import { networkCommands } from './network.ts'
import { peopleCommands } from './people.ts'
import { recordCommands } from './records.ts'
import { recoveryCommands } from './recovery.ts'
import { sharingCommands } from './sharing.ts'
import { trustCommands } from './trust.ts'
import { watchCommands } from './watch.ts'
import { witnessCommands } from './witness.ts'

/** In the order of `--help`. */
const GROUPS = [
  recordCommands,
  fileCommands,
  changeCommands,
  authorCommands,
  archiveCommands,
  fhirCommands,
  sharingCommands,
  linkCommands,
  consentCommands,
  trustCommands,
  peopleCommands,
  recoveryCommands,
  keyCommands,
  deviceCommands,
  watchCommands,
  inboxCommands,
  logCommands,
  evidenceCommands,
  witnessCommands,
  networkCommands,
]

export const COMMANDS: ReadonlyMap<string, Command> = new Map(
  GROUPS.flatMap(({ commands }) => Object.entries(commands)),
)

export const USAGE = `medguard: a patient-owned health record from the command line

  medguard [--as NAME] [--for-patient PATIENT] [--network URL|FILE] [--state DIR] [--json] COMMAND

${GROUPS.map(({ usage }) => usage).join('\n')}

  help COMMAND                      what is said here of one command

  WHO and PATIENT: a share code, or the name of an identity on this machine.
  ID and GRANT: as printed; the first eight characters will do.
  --as NAME makes the identity on first use. Default: default.
  --for-patient PATIENT: in the place of a patient who named you, or of your child; where a command is
                         about a vault, and not where it is about yourself.
  --network: default $MEDGUARD_NETWORK, else http://127.0.0.1:4943.
  --state: where identities are kept. Default: .medguard

  exit code: 0 done, 1 bug, 2 wrong usage, 3 refused, 4 network, 5 verification failed,
             6 neither verified nor failed: cannot tell`

/** Whether this is the first word of commands that are two words, such as `org`. */
export const isFirstWord = (word: string): boolean => [...COMMANDS.keys()].some((name) => name.startsWith(`${word} `))

/** What `--help` says of one command, of all that share a first word, or all of it. @throws UsageError for a command that is none. */
export function helpOf(name: string): string {
  if (name === '') return USAGE
  // A command begins a line after two spaces; what belongs to it is further in.
  const parts = GROUPS.flatMap(({ usage }) => usage.split(/\n(?= {2}\S)/))
  if (isFirstWord(name)) return parts.filter((part) => part.startsWith(`  ${name} `)).join('\n')
  if (!COMMANDS.has(name)) throw new UsageError(`no such command: ${name}`)
  const isOf = new RegExp(`^ {2}(\\S.*(, | \\| ))?${name}(,| |$)`)
  return parts.filter((part) => isOf.test(part)).join('\n')
}
