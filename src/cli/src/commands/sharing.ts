import {
  type MedGuardClient,
  organisationPrincipal,
  type Progress,
  type Rewrapped,
  type Role,
  ROLE,
  ROLES,
  type Share,
  type ShareChange,
} from '@medguard/client'
import type { CommandGroup } from '../command.ts'
import { UsageError, valueOf } from '../exit-code.ts'
import { durationNs, table, toTime } from '../format.ts'
import type { Identities } from '../identities.ts'
import { createProgress } from '../progress.ts'
import { rewrapWords } from './keys.ts'
import {
  byPrefix,
  categoriesOf,
  dayOf,
  expectPrefix,
  purposeOf,
  recordsOf,
  rightsOf,
  sharesOf,
  short,
} from './lookup.ts'
import { recipientText } from './trust.ts'

export const sharingCommands: CommandGroup = {
  usage: `\
  share (--with WHO | --org ID [--role ROLE…] [--except WHO…])
        (--kind KIND… | --kind inbox --right write | --kind KIND… [--from DAY] [--until DAY] | --record ID…) --for 30d
        [--start TIME] [--purpose TREAT] [--right list|open|write…] [--sensitive] [--answering ASK]
                                    let somebody, or those who work somewhere, read for 15m, 12h or
                                    30d; with days also what you add later that is dated so; what is
                                    sensitive has to be named (--sensitive); from now on, or from a later --start
  shares                            what you share, and what is shared with you
  change SHARE [--kind KIND… [--from DAY] [--until DAY] | --record ID…] [--sensitive]
         [--for 30d] [--right list|open|write…] [--no-rewrap]
                                    another share with the same recipient in its place: what it reaches, how long from
                                    now on, what they may; what is not named stays, the old one ends
  revoke GRANT [--no-rewrap]        stop sharing, and change the keys of what could be read`,
  commands: {
    share: {
      args: 0,
      options: [
        'for-patient',
        'with',
        'kind',
        'record',
        'for',
        'purpose',
        'right',
        'sensitive',
        'except',
        'answering',
        'org',
        'role',
        'from',
        'until',
        'start',
      ],
      async run({ client, identities, args: { options } }) {
        if ((options.with === undefined) === (options.org === undefined))
          throw new UsageError('share --with WHO or --org ID, one of the two')
        const forNs = options.for === undefined ? null : durationNs(options.for)
        if (forNs === null) throw new UsageError('share --for a time such as 15m, 12h or 30d')
        const later = laterOf(options.start)
        const hasInbox = options.kind?.includes('inbox') === true
        const categories = categoriesOf(options.kind?.filter((kind) => kind !== 'inbox'))
        const ids = options.record ?? []
        for (const id of ids) expectPrefix(id, 'record')
        if ((categories.length === 0 && !hasInbox) === (ids.length === 0))
          throw new UsageError('share --kind KIND… or --record ID…, one of the two')
        const purpose = purposeOf(options.purpose)
        const rights = rightsOf(options.right)
        if (hasInbox && rights.join() !== 'write') throw new UsageError('the inbox is read by you alone: --right write')
        const excluded = (options.except ?? []).map((who) => identities.resolve(who))
        const terms = { namesSensitive: options.sensitive === true, excluded, roles: roleBits(options.role) }
        const hasTerms = options.org !== undefined || terms.namesSensitive || terms.roles > 0 || excluded.length > 0
        const grantee =
          options.org === undefined ? identities.resolve(options.with ?? '') : organisationPrincipal(options.org)
        const isRange = options.from !== undefined || options.until !== undefined
        if (isRange && hasInbox) throw new UsageError('--from and --until go with kinds of records, not with the inbox')
        if (isRange && ids.length > 0) throw new UsageError('--from and --until go with --kind, not with --record')
        const range = { categories, from: dayOf(options.from), until: dayOf(options.until) }
        valueOf(await client.enrol())
        const answering = options.answering === undefined ? null : await askedBy(client, options.answering)
        const progress = createProgress(options.json === true)
        const all = { client, identities, of: undefined, categories: [], progress }
        const own = ids.length === 0 ? [] : await recordsOf(all)
        const startNs = later ?? BigInt(Date.now()) * 1_000_000n
        const share = valueOf(
          await client.share(
            {
              grantee,
              scope:
                ids.length === 0
                  ? isRange
                    ? { range }
                    : { categories, ...(hasInbox ? { inbox: true as const } : {}) }
                  : { records: ids.map((id) => byPrefix(own, id, (each) => each.recordId, 'record')) },
              rights,
              purpose,
              startNs,
              endNs: startNs + forNs,
              ...(hasTerms ? { terms } : {}),
              ...(answering === null ? {} : { answering }),
            },
            progress,
          ),
        )
        // Sharing is done, whether or not it can be told with whom.
        const recipient = await client.recipient(grantee)
        const whom = recipient.kind === 'done' ? `${recipientText(recipient.value)}\n` : ''
        return {
          value: recipient.kind === 'done' ? { ...share, recipient: recipient.value } : share,
          words: `${whom}shared ${options.start === undefined ? '' : `from ${toTime(share.startNs)} `}until ${toTime(share.endNs)}; stop with: medguard revoke ${share.grantId}`,
        }
      },
    },
    shares: {
      args: 0,
      options: ['for-patient'],
      onlyAsks: true,
      async run({ client, identities, ward }) {
        const shares = await sharesOf(client, ward)
        const words = shares.length === 0 ? 'Nothing is shared.' : shareTable(shares, identities)
        const isUnsure = shares.some(({ isUnconfirmed }) => isUnconfirmed === true)
        return { value: shares, words: isUnsure ? `${words}\n${UNCONFIRMED}` : words }
      },
    },
    change: {
      args: 1,
      options: ['for-patient', 'kind', 'from', 'until', 'record', 'sensitive', 'for', 'right', 'no-rewrap'],
      async run({ client, identities, args: { subject, options } }) {
        expectPrefix(subject, 'share')
        const ids = options.record ?? []
        for (const id of ids) expectPrefix(id, 'record')
        const forNs = options.for === undefined ? undefined : durationNs(options.for)
        if (forNs === null) throw new UsageError('change --for a time such as 15m, 12h or 30d')
        const categories = categoriesOf(options.kind)
        if (categories.length > 0 && ids.length > 0) throw new UsageError('--kind or --record, one of the two')
        const isRange = options.from !== undefined || options.until !== undefined
        if (isRange && categories.length === 0) throw new UsageError('--from and --until go with --kind')
        const range = { categories, from: dayOf(options.from), until: dayOf(options.until) }
        const progress = createProgress(options.json === true)
        const own =
          ids.length === 0 ? [] : await recordsOf({ client, identities, of: undefined, categories: [], progress })
        const records = ids.map((id) => byPrefix(own, id, (each) => each.recordId, 'record'))
        const change: ShareChange = {
          ...(categories.length > 0 && { scope: isRange ? { range } : { categories } }),
          ...(records.length > 0 && { scope: { records } }),
          ...(options.sensitive === true && { namesSensitive: true }),
          ...(options.right !== undefined && { rights: rightsOf(options.right) }),
          ...(forNs !== undefined && { endNs: BigInt(Date.now()) * 1_000_000n + forNs }),
        }
        if (Object.keys(change).length === 0)
          throw new UsageError('change SHARE with what is to be different: --kind, --record, --for or --right')
        const old = byPrefix(valueOf(await client.sharesGiven()), subject, (each) => each.grantId, 'share')
        const share = valueOf(await client.changeShare(old.grantId, change, progress))
        const words = `changed: shared until ${toTime(share.endNs)}; stop with: medguard revoke ${share.grantId}`
        const keys = await afterEnd(client, options)
        return { value: { ...share, ...keys.value }, words: [words, ...keys.words].join('\n') }
      },
    },
    revoke: {
      args: 1,
      options: ['for-patient', 'no-rewrap'],
      async run({ client, args: { subject, options } }) {
        expectPrefix(subject, 'share')
        const share = byPrefix(valueOf(await client.sharesGiven()), subject, (each) => each.grantId, 'share')
        const ended = valueOf(await client.revoke(share.grantId))
        const words = `sharing ended at ${toTime(ended.endNs)}`
        const value = { grantId: share.grantId, ...ended }
        // Keys are changed where the records are.
        if (ended.isInConsentOnly === true)
          return { value: { ...value, needsRewrap: true }, words: `${words}\n${NOT_TOLD}` }
        const keys = await afterEnd(client, options)
        return { value: { ...value, ...keys.value }, words: [words, ...keys.words].join('\n') }
      },
    },
  },
}

const UNCONFIRMED = 'The records do not answer: this is what the service for consent says alone.'
const NOT_TOLD =
  'Nothing opens any more. The records do not answer and were not told; do the same again later, which also changes the keys.'

/** Whoever had a key of what a share no longer reaches keeps it: the keys are changed, unless that is put off. What was ended has ended, whatever becomes of this. */
async function afterEnd(client: MedGuardClient, options: { 'no-rewrap'?: boolean; json?: boolean }) {
  const left = 'They had a key. Change it with: medguard rewrap'
  if (!(await isKeyKnown(client))) return { value: { needsRewrap: false }, words: [] }
  if (options['no-rewrap'] === true) return { value: { needsRewrap: true }, words: [left] }
  const rewrapped = await rewrap(client, createProgress(options.json === true))
  const needsRewrap = rewrapped === null || (await isKeyKnown(client))
  const done = rewrapped === null ? null : rewrapWords(rewrapped)
  return { value: { needsRewrap, ...(rewrapped === null ? {} : { rewrapped }) }, words: [done ?? left] }
}

/** Taken to be so where it cannot be told: to change keys once more does no harm. */
async function isKeyKnown(client: MedGuardClient): Promise<boolean> {
  try {
    const needs = await client.needsRewrap()
    return needs.kind !== 'done' || needs.value
  } catch {
    return true
  }
}
async function rewrap(client: MedGuardClient, progress: Progress): Promise<Rewrapped | null> {
  try {
    const outcome = await client.rewrap(progress)
    return outcome.kind === 'done' ? outcome.value : null
  } catch {
    return null
  }
}

function roleBits(words: readonly string[] = []): number {
  return words.reduce((bits, word) => {
    if (!(ROLES as readonly string[]).includes(word)) throw new UsageError(`--role is one of ${ROLES.join(', ')}`)
    return bits | ROLE[word as Role]
  }, 0)
}

/** When a share begins; null for now. @throws UsageError for what is no time, or one that is over. */
function laterOf(text: string | undefined): bigint | null {
  if (text === undefined) return null
  const ms = /^\d{4}-\d{2}-\d{2}(T[0-9:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms) || ms < Date.now())
    throw new UsageError('--start is a later day or time, for instance 2030-03-14 or 2030-03-14T08:00:00Z')
  return BigInt(ms) * 1_000_000n
}

async function askedBy(client: MedGuardClient, prefix: string): Promise<string> {
  expectPrefix(prefix, 'request')
  return byPrefix(valueOf(await client.requests('received')), prefix, (each) => each.askId, 'request').askId
}

function shareTable(shares: readonly Share[], identities: Identities): string {
  return table(
    shares.map((share) => {
      const other = share.direction === 'given' ? share.grantee : share.patient
      const name = identities.nameOf(other) ?? other
      const end = share.endedNs ?? share.endNs
      const who = share.direction === 'given' ? `with ${name}` : `by ${name}`
      const state = share.bar === null ? share.state : `${share.state} (${share.bar})`
      return [short(share.grantId), state, who, share.scope.join(','), `until ${toTime(end)}`]
    }),
  )
}
