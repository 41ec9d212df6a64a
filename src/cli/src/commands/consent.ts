import {
  type AccessRequestInfo,
  CATEGORIES,
  type Category,
  fhirConsent,
  type MyRules,
  type MyRulesChange,
  organisationPrincipal,
  type Organisation,
  REQUESTS_FROM,
  type RequestsFrom,
} from '@medguard/client'
import type { Command, CommandGroup, Context } from '../command.ts'
import { UsageError, valueOf } from '../exit-code.ts'
import { durationNs, table, toJson, toTime } from '../format.ts'
import type { Identities } from '../identities.ts'
import { standingText } from '../organisation-words.ts'
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

/** What a patient can be asked of at once, without naming what is sensitive. */
const USUAL = CATEGORIES.filter((category) => category !== 'sensitive')
const DAY_NS = 86_400_000_000_000n

export const consentCommands: CommandGroup = {
  usage: `\
  rules [--mark KIND…] [--unmark KIND…] [--requests-from nobody|known|verified]
                                    what holds for all your sharing; everything in it with --json
  pause, resume                     stop all sharing at once, and go on
  block (WHO | --org ID), unblock (WHO | --org ID)
                                    share nothing with a person or an organisation, whatever was granted
  who-can-open ID                   everybody who can open one of your records now
  consent GRANT --fhir              a share as a FHIR R4 Consent
  agreement GRANT                   the text that was confirmed with a share
  request WHO [--kind KIND…] --for 30d [--right list|open|write…] [--purpose TREAT] [--org ID]
                                    ask a patient to share (all kinds but sensitive, unless said)
  requests                          what you asked of others, and others of you
  approve ASK [--kind KIND… | --record ID…] [--right …] [--for 7d] [--from DAY] [--until DAY] [--sensitive]
                                    share what was asked for, or less: records of some days alone,
                                    or those you pick, of the kinds that were asked for
  deny ASK, withdraw ASK            say no; take back`,
  commands: {
    rules: {
      args: 0,
      options: ['for-patient', 'mark', 'unmark', 'requests-from'],
      async run({ client, args: { options } }) {
        valueOf(await client.enrol())
        const marked = categoriesOf(options.mark)
        const unmarked = categoriesOf(options.unmark)
        if (unmarked.includes('sensitive')) throw new UsageError('what is filed as sensitive stays so')
        if (unmarked.some((kind) => marked.includes(kind))) throw new UsageError('--mark or --unmark a kind')
        if (marked.length > 0 || unmarked.length > 0) {
          const { sensitive } = valueOf(await client.rules())
          const kept = [...sensitive, ...marked].filter((kind) => !unmarked.includes(kind))
          valueOf(await client.changeRules({ kind: 'sensitive', categories: [...new Set(kept)] }))
        }
        const who = options['requests-from']
        if (who !== undefined) {
          if (!(REQUESTS_FROM as readonly string[]).includes(who))
            throw new UsageError(`--requests-from is one of ${REQUESTS_FROM.join(', ')}`)
          valueOf(await client.changeRules({ kind: 'requestsFrom', who: who as RequestsFrom }))
        }
        const document = valueOf(await client.myRules())
        return { value: document, words: rulesText(document.rules) }
      },
    },
    pause: change(() => ({ kind: 'pause' })),
    resume: change(() => ({ kind: 'resume' })),
    block: change((context) => ({ kind: 'block', whom: personOrOrganisation(context) }), 'one or none'),
    unblock: change((context) => ({ kind: 'unblock', whom: personOrOrganisation(context) }), 'one or none'),
    'who-can-open': {
      args: 1,
      options: ['for-patient'],
      async run({ client, identities, args: { subject } }) {
        expectPrefix(subject, 'record')
        const own = await recordsOf({ client, identities, of: undefined, categories: [] })
        const { recordId, version, category } = byPrefix(own, subject, (each) => each.recordId, 'record')
        if (category === 'shared') throw new UsageError('only of your own records')
        const readers = valueOf(await client.whoCanOpen({ recordId, version, category }))
        const organisations = new Map<string, Organisation>()
        for (const orgId of new Set(readers.flatMap(({ organisation }) => organisation ?? []))) {
          const found = await client.organisation(orgId)
          if (found.kind === 'done') organisations.set(orgId, found.value.organisation)
        }
        const named = readers.map((reader) => {
          const found = reader.organisation === null ? undefined : organisations.get(reader.organisation)
          return { ...reader, organisationName: found?.name ?? null, organisationVerified: found?.verified ?? null }
        })
        const rows = named.map(({ principal, grantId, organisation, organisationName, rights }) => [
          identities.nameOf(principal) ?? principal,
          grantId === null ? 'you, or who acts for you' : `by share ${short(grantId)}`,
          organisation === null ? '' : `of ${organisationName ?? 'organisation'} (${short(organisation)})`,
          rights.join(','),
        ])
        const standings = [...organisations.values()].map(
          (each) => `${each.name} (${short(each.orgId)}): ${standingText(each)}`,
        )
        return { value: named, words: [table(rows), ...standings].join('\n') }
      },
    },
    consent: {
      args: 1,
      options: ['for-patient', 'fhir'],
      onlyAsks: true,
      async run({ client, ward, args: { subject } }) {
        expectPrefix(subject, 'share')
        const shares = await sharesOf(client, ward)
        const share = byPrefix(shares, subject, (each) => each.grantId, 'share')
        const text = await client.agreement(share.grantId)
        const consent = fhirConsent(share, text.kind === 'done' ? text.value : null)
        return { value: consent, words: toJson(consent) }
      },
    },
    agreement: {
      args: 1,
      options: ['for-patient'],
      onlyAsks: true,
      async run({ client, ward, args: { subject } }) {
        expectPrefix(subject, 'share')
        const shares = await sharesOf(client, ward)
        const { grantId } = byPrefix(shares, subject, (each) => each.grantId, 'share')
        const agreement = valueOf(await client.agreement(grantId))
        return { value: { grantId, agreement }, words: agreement }
      },
    },
    request: {
      args: 1,
      options: ['kind', 'for', 'right', 'purpose', 'org'],
      async run({ client, identities, args: { subject, options } }) {
        const periodNs = periodOf(options.for)
        if (periodNs === null) throw new UsageError('request --for a time such as 15m, 12h or 30d')
        const categories = categoriesOf(options.kind)
        const wanted = {
          patient: identities.resolve(subject),
          categories: categories.length === 0 ? USUAL : categories,
          rights: rightsOf(options.right),
          purpose: purposeOf(options.purpose),
          periodNs,
          expiresNs: BigInt(Date.now()) * 1_000_000n + 14n * DAY_NS,
          ...(options.org === undefined ? {} : { forOrganisation: options.org }),
        }
        valueOf(await client.enrol())
        const { askId } = valueOf(await client.requestAccess(wanted))
        return { value: { askId, ...wanted }, words: `asked; take back with: medguard withdraw ${askId}` }
      },
    },
    requests: {
      args: 0,
      options: ['for-patient'],
      onlyAsks: true,
      async run({ client, identities, ward }) {
        const sent = ward === null ? valueOf(await client.requests('sent')) : []
        const requests = [...valueOf(await client.requests('received')), ...sent]
        const words = requests.length === 0 ? 'No requests.' : requestTable(requests, identities)
        return { value: requests, words }
      },
    },
    approve: {
      args: 1,
      options: ['for-patient', 'kind', 'record', 'right', 'for', 'sensitive', 'from', 'until'],
      async run({ client, identities, args: { subject, options } }) {
        const isRange = options.from !== undefined || options.until !== undefined
        const { askId } = await requestBy(client, 'received', subject)
        const categories: Category[] = categoriesOf(options.kind)
        const periodNs = periodOf(options.for)
        const ids = options.record ?? []
        for (const id of ids) expectPrefix(id, 'record')
        if (ids.length > 0 && (isRange || categories.length > 0))
          throw new UsageError('approve with --record, or with --kind and days')
        const own = ids.length === 0 ? [] : await recordsOf({ client, identities, of: undefined, categories: [] })
        const records = ids.flatMap((id) => {
          const { recordId, version, category } = byPrefix(own, id, (each) => each.recordId, 'record')
          return category === 'shared' ? [] : [{ recordId, version, category }]
        })
        const share = valueOf(
          await client.approveRequest(askId, {
            ...(categories.length === 0 ? {} : { categories }),
            ...(options.right === undefined ? {} : { rights: rightsOf(options.right) }),
            ...(periodNs === null ? {} : { periodNs }),
            ...(isRange ? { days: { from: dayOf(options.from), until: dayOf(options.until) } } : {}),
            ...(records.length === 0 ? {} : { records }),
            namesSensitive: options.sensitive === true,
          }),
        )
        return {
          value: share,
          words: `shared until ${toTime(share.endNs)}; stop with: medguard revoke ${share.grantId}`,
        }
      },
    },
    deny: {
      args: 1,
      options: ['for-patient'],
      async run({ client, args: { subject } }) {
        const { askId } = await requestBy(client, 'received', subject)
        valueOf(await client.denyRequest(askId))
        return { value: { askId }, words: 'denied' }
      },
    },
    withdraw: {
      args: 1,
      options: [],
      async run({ client, args: { subject } }) {
        const { askId } = await requestBy(client, 'sent', subject)
        valueOf(await client.withdrawRequest(askId))
        return { value: { askId }, words: 'taken back' }
      },
    },
  },
}

/** @throws UsageError unless it is one of the two. */
function personOrOrganisation({ args: { name, subject, options }, identities }: Context): string {
  if ((subject === '') === (options.org === undefined)) throw new UsageError(`${name} WHO or --org ID, one of the two`)
  return options.org === undefined ? identities.resolve(subject) : organisationPrincipal(options.org)
}

function change(of: (context: Context) => MyRulesChange, args: Command['args'] = 0): Command {
  return {
    args,
    options: args === 0 ? ['for-patient'] : ['for-patient', 'org'],
    async run(context) {
      const { client } = context
      const wanted = of(context)
      valueOf(await client.enrol())
      const rules = valueOf(await client.changeRules(wanted))
      return { value: rules, words: rulesText(rules) }
    },
  }
}

async function requestBy(client: Context['client'], direction: 'sent' | 'received', prefix: string) {
  expectPrefix(prefix, 'request')
  return byPrefix(valueOf(await client.requests(direction)), prefix, (each) => each.askId, 'request')
}

function periodOf(text: string | undefined): bigint | null {
  if (text === undefined) return null
  const periodNs = durationNs(text)
  if (periodNs === null) throw new UsageError('--for is a time such as 15m, 12h or 30d')
  return periodNs
}

function rulesText({ pausedNs, sensitive, requestsFrom, blocked, isSettled }: MyRules): string {
  return [
    pausedNs === null ? 'sharing     as granted' : `sharing     paused since ${toTime(pausedNs)}`,
    `sensitive   ${sensitive.join(', ')}: shared only where a share names it (--sensitive)`,
    `may ask     ${requestsFrom}`,
    `blocked     ${blocked.length === 0 ? 'nobody' : blocked.join('\n            ')}`,
    ...(isSettled ? [] : ['not settled: the two canisters differ, and the stricter one holds; say it again']),
  ].join('\n')
}

function requestTable(requests: readonly AccessRequestInfo[], identities: Identities): string {
  return table(
    requests.map(({ askId, direction, state, patient, requester, categories, purpose, expiresNs }) => {
      const other = direction === 'sent' ? patient : requester
      const name = identities.nameOf(other) ?? other
      const who = direction === 'sent' ? `to ${name}` : `from ${name}`
      return [short(askId), state, who, categories.join(','), purpose, `until ${toTime(expiresNs)}`]
    }),
  )
}
