import { randomInt } from 'node:crypto'
import {
  CATEGORIES,
  Fault,
  LINK_ATTEMPTS_DEFAULT,
  LINK_ATTEMPTS_MAX,
  type LinkInfo,
  type LinkOpened,
  type MedGuardClient,
  openLinkByCall,
  openLinkByHttps,
  readLink,
} from '@medguard/client'
import type { Answer, CommandGroup } from '../command.ts'
import { RefusedError, UsageError, valueOf } from '../exit-code.ts'
import { durationNs, table, toTime } from '../format.ts'
import { createProgress } from '../progress.ts'
import { byPrefix, categoriesOf, clinicalDateOf, expectPrefix, recordsOf, short } from './lookup.ts'

export const linkCommands: CommandGroup = {
  usage: `\
  link make (--summary [--sensitive] | --record ID…) --for 7d [--label TEXT] [--passcode CODE | --no-passcode]
        [--attempts 10]             a link by which somebody without an account opens an International Patient
                                    Summary or a copy of these records (SMART Health Link); it and its passcode are
                                    shown this once. What you hold for sensitive is in the summary with --sensitive
  link list                         your links, and who says that they opened them
  link end LINK                     stop one: it opens nothing more
  link open URL [--name WHO] [--passcode CODE] [--kind KIND --title TEXT]
                                    open a link that somebody gave you, of whatever service: print what it holds,
                                    or store it among your records; --name is how you are in their log`,
  commands: {
    'link make': {
      args: 0,
      options: ['summary', 'sensitive', 'record', 'for', 'label', 'passcode', 'no-passcode', 'attempts', 'for-patient'],
      async run({ client, identities, args: { options } }) {
        const ids = options.record ?? []
        const forNs = options.for === undefined ? null : durationNs(options.for)
        if ((ids.length === 0) === (options.summary !== true) || forNs === null)
          throw new UsageError('link make --summary or --record ID…, one of the two, --for a time such as 12h or 7d')
        for (const id of ids) expectPrefix(id, 'record')
        if (options.passcode !== undefined && options['no-passcode'] === true)
          throw new UsageError('--passcode or --no-passcode, one of the two')
        const attempts = Number(options.attempts ?? LINK_ATTEMPTS_DEFAULT)
        if (!Number.isInteger(attempts) || attempts < 1 || attempts > LINK_ATTEMPTS_MAX)
          throw new UsageError(`--attempts is 1 to ${LINK_ATTEMPTS_MAX}`)
        const drawn = String(randomInt(1_000_000)).padStart(6, '0')
        const passcode = options['no-passcode'] === true ? null : (options.passcode ?? drawn)
        const progress = createProgress(options.json === true)
        const chosen = async () => {
          const own = await recordsOf({ client, identities, of: undefined, categories: [], progress })
          return { records: ids.map((id) => byPrefix(own, id, (each) => each.recordId, 'record')) }
        }
        const summarised = async () => {
          const { sensitive } = valueOf(await client.rules())
          return { summaryOf: CATEGORIES.filter((each) => options.sensitive === true || !sensitive.includes(each)) }
        }
        const content = options.summary === true ? await summarised() : await chosen()
        const endNs = BigInt(Date.now()) * 1_000_000n + forNs
        const link = { label: options.label ?? '', content, endNs, passcode, attempts }
        const made = valueOf(await client.makeLink(link, progress))
        const missing = made.leftOut === 0 ? '' : `\n${made.leftOut} records do not open, and are not in it`
        const code = passcode === null ? 'it opens without a passcode' : `passcode, to be told another way: ${passcode}`
        return {
          value: { ...made, passcode },
          words: `${made.link}\n${code}\nuntil ${toTime(endNs)}; stop with: medguard link end ${short(made.linkId)}${missing}`,
        }
      },
    },
    'link list': {
      args: 0,
      options: ['for-patient'],
      onlyAsks: true,
      async run({ client }) {
        const links = valueOf(await client.links())
        return { value: links, words: links.length === 0 ? 'You have no links.' : links.map(linkWords).join('\n') }
      },
    },
    'link end': {
      args: 1,
      options: ['for-patient'],
      async run({ client, args: { subject } }) {
        expectPrefix(subject, 'link')
        const { linkId } = byPrefix(valueOf(await client.links()), subject, (each) => each.linkId, 'link')
        valueOf(await client.endLink(linkId))
        return { value: { linkId }, words: `link ${short(linkId)} opens nothing more` }
      },
    },
    'link open': {
      args: 1,
      options: ['name', 'passcode', 'kind', 'title', 'date', 'for-patient'],
      async run(context) {
        const { subject, options } = context.args
        const link = readLink(subject)
        if (typeof link === 'string') throw new UsageError(FAULTS[link])
        const [category, ...others] = categoriesOf(options.kind)
        if (others.length > 0) throw new UsageError('link open URL [--kind KIND]')
        const clinicalDate = clinicalDateOf(options.date)
        const asking = { recipient: options.name ?? 'MedGuard', passcode: options.passcode ?? null }
        // Our own service is asked by a call, whose answer the network signs; every other over HTTPS.
        const own = await openLinkByCall(context.network, link, asking)
        const opened = own.kind === 'elsewhere' ? await openLinkByHttps(link, asking) : own
        if (opened.kind !== 'opened') return notOpened(opened)
        if (category === undefined) return printed(opened)
        const title = options.title ?? opened.label ?? new URL(link.url).host
        return stored(context.client, opened, { category, title, clinicalDate })
      },
    },
  },
}

const FAULTS = {
  none: 'a link begins with shlink:/, or has that behind a #',
  damaged: 'part of this link is missing: copy all of it',
  newer: 'this link is of a kind that is not known here',
} as const

type Opened = Extract<LinkOpened, { kind: 'opened' }>

/** @throws what says best why, and with it the exit code. */
function notOpened(opened: Exclude<LinkOpened, Opened>): never {
  switch (opened.kind) {
    case 'passcode': {
      const left = opened.attemptsLeft === null ? '' : ` (${opened.attemptsLeft} wrong tries are left)`
      throw new UsageError(`it opens with its passcode: --passcode CODE${left}`)
    }
    case 'over':
      throw new RefusedError({ kind: 'NotPermitted' })
    case 'damaged':
      throw new Fault('Tampered', 'what a link leads to is not what it should be')
    default:
      throw new Fault('Unreachable', 'the service of a link does not answer')
  }
}

function printed({ label, files }: Opened): Answer {
  const texts = files.map(({ bytes }) => new TextDecoder().decode(bytes))
  const value = {
    kind: 'opened',
    label,
    files: files.map(({ contentType }, i) => ({ contentType, content: texts[i] ?? '' })),
  }
  return { value, words: texts.join('\n') }
}

async function stored(
  client: MedGuardClient,
  { files }: Opened,
  { category, title, clinicalDate }: Pick<Parameters<MedGuardClient['add']>[0], 'category' | 'title' | 'clinicalDate'>,
): Promise<Answer> {
  valueOf(await client.enrol())
  const records = []
  for (const { contentType, bytes } of files) {
    const record = { bytes, title, fileName: null, mediaType: contentType, category, clinicalDate }
    records.push(valueOf(await client.add(record)))
  }
  return { value: records, words: records.map(({ recordId }) => `stored ${short(recordId)} ${title}`).join('\n') }
}

function linkWords({
  linkId,
  label,
  endNs,
  ended,
  hasPasscode,
  attemptsLeft,
  openings,
  lastOpenings,
}: LinkInfo): string {
  const state = ended === null ? `until ${toTime(endNs)}` : `ended ${toTime(ended.atNs)} (${ended.why})`
  const tries = ended === null && hasPasscode ? `${attemptsLeft} wrong passcodes left` : ''
  const head = table([[short(linkId), label ?? '', state, `opened ${openings} times`, tries]])
  const openers = lastOpenings.map(({ atNs, saysTheyAre }) => `  ${toTime(atNs)} says they are: ${saysTheyAre}`)
  return [head, ...openers].join('\n')
}
