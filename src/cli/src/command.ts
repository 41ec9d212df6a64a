import type { MedGuardClient, Network, WardInfo } from '@medguard/client'
import type { Arguments } from './arguments.ts'
import type { Identities } from './identities.ts'
import type { OptionName } from './options.ts'

/** What a command gives back: a value for `--json`, words for people, and whether something failed its verification. */
export interface Answer {
  readonly value: unknown
  readonly words: string
  /** Raw bytes for standard output instead of words (`show` without `--out`). */
  readonly bytes?: Uint8Array
  /** For people, beside the bytes: on standard error. */
  readonly aside?: string
  readonly verificationFailed?: boolean
  /** Something could be neither shown nor disproved. */
  readonly cannotTell?: boolean
  /** What it tells of does not work, or reaches nobody. */
  readonly isUnwell?: boolean
}

export interface Context {
  /** Made when it is first asked for, and with it the identity: what works offline leaves no key behind. */
  readonly client: MedGuardClient
  /** In whose place it acts (`--for-patient`). */
  readonly ward: WardInfo | null
  readonly network: Network
  /** Folder of what this machine keeps. */
  readonly stateDir: string
  readonly identities: Identities
  readonly args: Arguments
}

export interface Command {
  /** How many arguments it takes. */
  readonly args: 0 | 1 | 'one or none'
  /** Beyond those that every command takes. */
  readonly options: readonly OptionName[]
  /** It changes nothing, so that without an answer nothing can have happened. */
  readonly onlyAsks?: true
  run(context: Context): Promise<Answer>
}
/** The commands of one part of the product, and how `--help` tells of them. */
export interface CommandGroup {
  readonly usage: string
  readonly commands: Readonly<Record<string, Command>>
}
