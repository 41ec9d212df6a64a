import { createClient, identityOfKit, newKit, type PeopleInfo, type RecoveryInfo } from '@medguard/client'
import { readFileSync } from 'node:fs'
import type { CommandGroup, Context } from '../command.ts'
import { UsageError, valueOf } from '../exit-code.ts'
import { toTime } from '../format.ts'
import { writeNewFile } from '../new-file.ts'
import { recoveryText, recoveryWords } from '../recovery-words.ts'

export const recoveryCommands: CommandGroup = {
  usage: `\
  recovery                          who may bring your account back, or with --for-patient that of a child of yours
  recovery [--new-kit FILE | --no-kit] [--guardian WHO…] [--no-guardian WHO…] [--needed N]
                                    change that and leave the rest as it is; counts after 3 days
  recover --kit FILE --to WHO       start with the kit: WHO, a new identity of yours, gets the account after 3 days
  vouch PATIENT --to WHO            as a guardian: say that WHO is the patient
  stop-recovery                     stop whoever is recovering your account
  complete-recovery PATIENT         as WHO, when the waiting time is over`,
  commands: {
    recovery: {
      args: 0,
      options: ['for-patient', 'new-kit', 'no-kit', 'guardian', 'no-guardian', 'needed'],
      async run(context) {
        const { client, args } = context
        const { 'new-kit': file, 'no-kit': noKit, guardian, 'no-guardian': notGuardian, needed } = args.options
        if (file !== undefined && noKit === true) throw new UsageError('--new-kit or --no-kit')
        if (context.ward === null) valueOf(await client.enrol())
        const people = valueOf(await client.people())
        if ([file, noKit, guardian, notGuardian, needed].every((each) => each === undefined)) {
          const { recovery, comingRecovery } = people
          return { value: { recovery, comingRecovery }, words: recoveryText(people, context.identities) }
        }
        const wanted = changed(context, people)
        const kit = file === undefined ? null : newKit()
        // The paper first: a kit that counts and that nobody has would be worse than none.
        if (file !== undefined && kit !== null) saveKit(file, kit.text)
        const settings = kit === null ? wanted : { ...wanted, kit: kit.principal }
        const { fromNs } = valueOf(await client.setRecovery(settings))
        const printed = file === undefined ? '' : `\nPrint ${file}, keep it safe, and delete the file.`
        const words = recoveryWords(`From ${toTime(fromNs)} on`, settings, context.identities)
        return { value: { ...settings, fromNs }, words: `${words}${printed}` }
      },
    },
    recover: {
      args: 0,
      options: ['kit', 'to'],
      async run({ identities, network, args: { options } }) {
        if (options.kit === undefined || options.to === undefined)
          throw new UsageError('--kit FILE, the recovery kit, and --to WHO, who gets the account, are needed')
        const identity = identityOfKit(readKitFile(options.kit))
        if (identity === null)
          throw new UsageError('this is no recovery kit: compare it with the paper, letter by letter')
        const value = valueOf(await createClient({ identity, network }).startRecovery(identities.resolve(options.to)))
        const words = `waiting until ${toTime(value.readyNs)}; then: medguard --as ${options.to} complete-recovery ${value.home}`
        return { value, words }
      },
    },
    vouch: {
      args: 1,
      options: ['to'],
      async run({ client, identities, args: { subject, options } }) {
        if (options.to === undefined) throw new UsageError('--to WHO, who says to be that patient, is needed')
        const ward = identities.resolve(subject)
        const value = valueOf(await client.approveRecovery(ward, identities.resolve(options.to)))
        const { approvals, threshold, readyNs } = value
        const then = readyNs === null ? '' : `; waiting until ${toTime(readyNs)}`
        return { value, words: `${approvals} of ${threshold} guardians say so${then}` }
      },
    },
    'stop-recovery': {
      args: 0,
      options: ['for-patient'],
      async run({ client }) {
        valueOf(await client.vetoRecovery())
        return { value: {}, words: 'stopped; who started it can start again: change who may with medguard recovery' }
      },
    },
    'complete-recovery': {
      args: 1,
      options: [],
      async run({ client, identities, args: { subject } }: Context) {
        valueOf(await client.completeRecovery(identities.resolve(subject)))
        const words = 'the account is yours; say anew who may bring it back: medguard recovery'
        return { value: { principal: client.principal }, words }
      },
    },
  },
}

/** The settings that hold or will, with what is asked for changed and the rest as it was. @throws UsageError where they do not go together. */
function changed({ identities, args: { options } }: Context, people: PeopleInfo): RecoveryInfo {
  const { recovery, comingRecovery, isRecoveryWhole } = people
  // What one canister alone says may be its own invention: it must not get into the other by being kept.
  if (!isRecoveryWhole && options['new-kit'] === undefined && options['no-kit'] !== true)
    throw new UsageError(
      'the two services differ: say all of it, with --new-kit FILE or --no-kit, and every --guardian',
    )
  const before = (isRecoveryWhole ? (comingRecovery ?? recovery) : null) ?? { kit: null, guardians: [], threshold: 0 }
  const gone = new Set((options['no-guardian'] ?? []).map((who) => identities.resolve(who)))
  const stranger = [...gone].find((who) => !before.guardians.includes(who))
  if (stranger !== undefined) throw new UsageError(`not a guardian of yours: ${stranger}`)
  const kept = before.guardians.filter((who) => !gone.has(who))
  const guardians = [...new Set([...kept, ...(options.guardian ?? []).map((who) => identities.resolve(who))])]
  // None before: all of them, unless told. None any more: nobody has to say so.
  const usual = before.guardians.length === 0 ? guardians.length : guardians.length === 0 ? 0 : before.threshold
  const threshold = options.needed === undefined ? usual : Number(options.needed)
  const isSound = guardians.length === 0 ? threshold === 0 : threshold >= 1 && threshold <= guardians.length
  if (!Number.isInteger(threshold) || !isSound)
    throw new UsageError(`--needed is a number of the ${guardians.length} guardians`)
  return { kit: options['no-kit'] === true ? null : before.kit, guardians, threshold }
}

function saveKit(path: string, text: string): void {
  try {
    writeNewFile(path, Buffer.from(`${text}\n`))
  } catch (error) {
    throw new UsageError(`cannot write ${path}, or it is there already`, { cause: error })
  }
}
function readKitFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`cannot read ${path}`, { cause: error })
  }
}
