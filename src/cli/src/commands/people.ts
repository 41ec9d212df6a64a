import { type PeopleInfo, POWER, type Power } from '@medguard/client'
import type { Answer, Command, CommandGroup, Context } from '../command.ts'
import { UsageError, valueOf } from '../exit-code.ts'
import { durationNs, table, toTime } from '../format.ts'
import type { Identities } from '../identities.ts'
import { recoveryText } from '../recovery-words.ts'
import { short } from './lookup.ts'

export const peopleCommands: CommandGroup = {
  usage: `\
  people                            your sign-ins, your carers, for whom you act, and recovery
  link WHO                          offer WHO to be another sign-in of yours; within 10 minutes WHO says:
  join WHO                          become another sign-in of WHO
  unlink WHO                        end a sign-in; it never acts again
  appoint WHO --may POWER… [--for 30d]
                                    let WHO act in your place (powers: read write share manage)
  accept PATIENT                    agree to act in the place of a patient who named you
  dismiss WHO                       end what WHO may do in your place
  resign PATIENT                    hand back what you may do in the place of a patient
  child                             an account for somebody who cannot sign in, which you see to`,
  commands: {
    people: {
      args: 0,
      options: ['for-patient'],
      onlyAsks: true,
      async run({ client, identities }) {
        const value = valueOf(await client.people())
        return { value, words: peopleWords(value, identities) }
      },
    },
    link: ofVault(async ({ client, ward }, who) => {
      valueOf(await client.offerLink(who))
      return `offered for 10 minutes; the other sign-in says: medguard join ${ward?.patient ?? client.principal}`
    }),
    join: named(async ({ client }, home) => {
      valueOf(await client.acceptLink(home))
      return `this sign-in is one of ${home} now`
    }),
    unlink: ofVault(async ({ client }, who) => {
      valueOf(await client.unlink(who))
      return `${who} signs in no more`
    }),
    appoint: {
      args: 1,
      options: ['for-patient', 'may', 'for'],
      async run({ client, identities, args: { subject, options } }) {
        const representative = identities.resolve(subject)
        const powers = powersOf(options.may)
        const forNs = options.for === undefined ? null : durationNs(options.for)
        if (options.for !== undefined && forNs === null) throw new UsageError('--for a time such as 12h or 30d')
        const startNs = BigInt(Date.now()) * 1_000_000n
        const endNs = forNs === null ? null : startNs + forNs
        if (options['for-patient'] === undefined) valueOf(await client.enrol())
        valueOf(await client.appoint({ representative, powers, startNs, endNs }))
        const words = `named; ${subject} agrees with: medguard accept, and your share code`
        return { value: { representative, powers, startNs, endNs }, words }
      },
    },
    accept: named(async ({ client }, patient) => {
      valueOf(await client.enrol())
      const { patientId } = valueOf(await client.acceptAppointment(patient))
      return `you act for ${patientId}: add --for-patient ${short(patientId)} to a command`
    }),
    dismiss: ofVault(async ({ client }, who) => {
      valueOf(await client.dismiss(who))
      return `${who} acts in your place no more`
    }),
    resign: {
      args: 1,
      options: [],
      async run({ client, identities, args: { subject } }) {
        const { wards } = valueOf(await client.people())
        const isId = /^[0-9a-f]{8,32}$/i.test(subject)
        const patient = isId ? null : identities.resolve(subject)
        const ward = wards.find((each) => (isId ? each.patientId.startsWith(subject) : each.patient === patient))
        if (ward === undefined) throw new UsageError(`you do not act for ${subject}`)
        valueOf(await client.resign(ward.patientId))
        return { value: { patientId: ward.patientId }, words: `you act for ${ward.patientId} no more` }
      },
    },
    child: {
      args: 0,
      options: [],
      async run({ client }) {
        valueOf(await client.enrol())
        const value = valueOf(await client.enrolDependant())
        const words = `patient ${value.patientId}\nshare code ${value.patient}\nadd --for-patient ${short(value.patientId)} to a command`
        return { value, words }
      },
    },
  },
}

type Act = (context: Context, principal: string) => Promise<string>
/** A command about one other person, in whosever vault. */
function ofVault(act: Act): Command {
  return named(act, ['for-patient'])
}
/** A command about one other person, by share code or local name. */
function named(act: Act, options: Command['options'] = []): Command {
  return {
    args: 1,
    options,
    async run(context): Promise<Answer> {
      const principal = context.identities.resolve(context.args.subject)
      return { words: await act(context, principal), value: { principal } }
    },
  }
}

function powersOf(words: readonly string[] | undefined): Power[] {
  const all = Object.keys(POWER) as Power[]
  const powers = all.filter((power) => words?.includes(power) === true)
  if (words === undefined || powers.length < new Set(words).size)
    throw new UsageError(`--may is one of ${all.join(', ')}`)
  return powers
}

function peopleWords(people: PeopleInfo, identities: Identities): string {
  const nameOf = (principal: string) => identities.nameOf(principal) ?? principal
  const until = (endNs: bigint | null) => (endNs === null ? 'until ended' : `until ${toTime(endNs)}`)
  const rows = [
    ...people.principals.map((each) => [each.isActive ? 'sign-in' : 'ended sign-in', nameOf(each.principal), '', '']),
    ...people.representatives.map((each) => [
      each.isAccepted ? 'carer' : 'carer, not agreed yet',
      nameOf(each.principal),
      each.powers.join(','),
      until(each.endNs),
    ]),
    ...people.wards.map((each) => [
      each.isDependant ? 'you see to' : 'you act for',
      short(each.patientId),
      each.powers.join(','),
      until(each.endNs),
    ]),
  ]
  const notices = people.waiting.map(
    (each) =>
      `RECOVERY UNDER WAY: ${nameOf(each.newPrincipal)} gets this account at ${toTime(each.readyNs)}. Stop it with: medguard stop-recovery`,
  )
  if (people.erasure !== null)
    notices.push(
      `ERASURE ANNOUNCED: from ${toTime(people.erasure.readyNs)} on this vault may be erased. Stop it with: medguard stop-erasure`,
    )
  const half = people.isWhole
    ? []
    : ['Some of this is known to one of two services only and counts for nothing: do it again, or end it.']
  return [...notices, table(rows), recoveryText(people, identities), ...half].join('\n')
}
