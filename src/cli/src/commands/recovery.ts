import { createClient, identityOfKit, newKit } from '@medguard/client'
import { readFileSync } from 'node:fs'
import type { CommandGroup, Context } from '../command.ts'
import { UsageError, valueOf } from '../exit-code.ts'
import { toTime } from '../format.ts'
import { writeNewFile } from '../new-file.ts'

export const recoveryCommands: CommandGroup = {
  usage: `\
  recovery [--new-kit FILE] [--guardian WHO… --needed N]
                                    who may bring your account back, or with --for-patient that of a child of
                                    yours; changes count after 3 days
  recover --kit FILE --to WHO       start with the kit: WHO gets the account after 3 days
  vouch PATIENT --to WHO            as a guardian: say that WHO is the patient
  stop-recovery                     stop whoever is recovering your account
  complete-recovery PATIENT         as WHO, when the waiting time is over`,
  commands: {
    recovery: {
      args: 0,
      options: ['for-patient', 'new-kit', 'guardian', 'needed'],
      async run({ client, identities, args: { options } }) {
        const guardians = (options.guardian ?? []).map((who) => identities.resolve(who))
        const threshold = options.needed === undefined ? guardians.length : Number(options.needed)
        if (!Number.isInteger(threshold)) throw new UsageError('--needed is a number of guardians')
        const file = options['new-kit']
        if (file === undefined && guardians.length === 0)
          throw new UsageError('--new-kit FILE, --guardian WHO, or both')
        if (options['for-patient'] === undefined) valueOf(await client.enrol())
        const kit = file === undefined ? null : newKit()
        // The paper first: a kit that counts and that nobody has would be worse than none.
        if (file !== undefined && kit !== null) saveKit(file, kit.text)
        const settings = { kit: kit?.principal ?? null, guardians, threshold }
        const { fromNs } = valueOf(await client.setRecovery(settings))
        const printed = file === undefined ? '' : `\nPrint ${file}, keep it safe, and delete the file.`
        return { value: { ...settings, fromNs }, words: `counts from ${toTime(fromNs)} on${printed}` }
      },
    },
    recover: {
      args: 0,
      options: ['kit', 'to'],
      async run({ identities, network, args: { options } }) {
        if (options.kit === undefined || options.to === undefined) throw new UsageError('recover --kit FILE --to WHO')
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
        if (options.to === undefined) throw new UsageError('vouch PATIENT --to WHO')
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
