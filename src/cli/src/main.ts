import { createClient, Fault, type MedGuardClient, printable } from '@medguard/client'
import { authorKeyFile } from './author-key-file.ts'
import { parseCommandLine } from './arguments.ts'
import type { Answer } from './command.ts'
import { helpOf, USAGE } from './commands/index.ts'
import { EXIT, exitCodeOf, type ExitCode, RefusedError, UsageError } from './exit-code.ts'
import { toJson } from './format.ts'
import { fileHeadMemory } from './heads.ts'
import { openIdentities } from './identities.ts'
import { resolveNetwork } from './network.ts'
import { recoveriesOf, recoveryWarning } from './recovery-watch.ts'
import { wardOf } from './wards.ts'
import { faultText, refusalText } from './words.ts'

/** Runs one command line. Answers go to standard output, everything else to standard error. */
export async function main(argv: readonly string[]): Promise<ExitCode> {
  // Errors follow `--json` too, even when the command line itself is what is wrong.
  const wantsJson = argv.includes('--json')
  let onlyAsks = false
  let seeAlso = '--help'
  try {
    if (argv[0] === 'help') {
      process.stdout.write(`${helpOf(argv.slice(1).join(' '))}\n`)
      return EXIT.done
    }
    const args = parseCommandLine(argv)
    if (args === null) {
      process.stdout.write(`${USAGE}\n`)
      return EXIT.done
    }
    onlyAsks = args.command.onlyAsks === true
    seeAlso = `help ${args.name}`
    const stateDir = args.options.state ?? '.medguard'
    const identities = openIdentities(stateDir)
    const network = resolveNetwork(args.options.network, stateDir)
    let client: MedGuardClient | null = null
    const signIn = (): MedGuardClient => {
      const identity = identities.open(args.options.as ?? 'default')
      const headMemory = fileHeadMemory(stateDir, identity.getPrincipal().toText())
      const authors = authorKeyFile(stateDir, args.options.as ?? 'default')
      return createClient({ identity, network, headMemory, authors })
    }
    const who = args.options['for-patient']
    const ward = who === undefined ? null : await wardOf(signIn(), identities, who)
    if (ward !== null) client = signIn().actingFor(ward.patientId)
    // Asked beside the command, and only where that asks the network too.
    const underWay: ReturnType<typeof recoveriesOf>[] = []
    const context = {
      get client() {
        if (underWay.length === 0)
          underWay.push(recoveriesOf(args.name, client === null ? [signIn()] : [signIn(), client]))
        return (client ??= signIn())
      },
      ward,
      network,
      stateDir,
      identities,
      args,
    }
    let answer: Answer
    try {
      answer = await args.command.run(context)
    } finally {
      for (const each of (await Promise.all(underWay)).flat())
        process.stderr.write(`${recoveryWarning(each, wantsJson)}\n`)
    }
    if (wantsJson) process.stdout.write(`${toJson(answer.value)}\n`)
    else if (answer.bytes === undefined) process.stdout.write(`${printable(answer.words, '\n')}\n`)
    else process.stdout.write(process.stdout.isTTY ? forTerminal(answer.bytes) : answer.bytes)
    if (answer.aside !== undefined && !wantsJson) process.stderr.write(`${printable(answer.aside)}\n`)
    if (answer.verificationFailed === true) return EXIT.verification
    if (answer.isUnwell === true) return EXIT.network
    return answer.cannotTell === true ? EXIT.unproven : EXIT.done
  } catch (error) {
    report(error, { wantsJson, onlyAsks, seeAlso })
    return exitCodeOf(error)
  }
}

/** A record that somebody else wrote, as text that cannot command the terminal. Elsewhere its bytes go through as they are. */
function forTerminal(bytes: Uint8Array): string {
  try {
    return printable(new TextDecoder('utf-8', { fatal: true }).decode(bytes).replaceAll('\r\n', '\n'), '\n\t')
  } catch {
    throw new UsageError('this record is no text: use --out FILE, or send it to another program')
  }
}

interface Said {
  readonly wantsJson: boolean
  readonly onlyAsks: boolean
  /** What of `medguard` tells how it is used. */
  readonly seeAlso: string
}

function report(error: unknown, { wantsJson, onlyAsks, seeAlso }: Said): void {
  const { kind, words } = explain(error, onlyAsks, seeAlso)
  process.stderr.write(
    wantsJson ? `${toJson({ error: kind, message: words })}\n` : `medguard: ${printable(words, '\n\t')}\n`,
  )
}

function explain(error: unknown, onlyAsks: boolean, seeAlso: string): { kind: string; words: string } {
  if (error instanceof UsageError) return { kind: 'usage', words: `${error.message}\nSee: medguard ${seeAlso}` }
  if (error instanceof RefusedError) return { kind: error.refusal.kind, words: refusalText(error.refusal) }
  if (error instanceof Fault) return { kind: error.code, words: faultText(error, onlyAsks) }
  // The stack holds places in our code, never content of a record.
  return { kind: 'bug', words: `a bug, please report it:\n${error instanceof Error ? error.stack : String(error)}` }
}
