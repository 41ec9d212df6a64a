import {
  CATEGORIES,
  categoryNumber,
  type Category,
  type LogReport,
  type MedGuardClient,
  printable,
  PURPOSES,
  type Purpose,
  type RecordSummary,
  type Share,
  type Vault,
} from '@medguard/client'
import { accessSync, constants, lstatSync, readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Arguments, CommandName } from './arguments.ts'
import { UsageError, valueOf } from './exit-code.ts'
import { durationNs, table, toTime } from './format.ts'
import type { Identities } from './identities.ts'
import { mediaTypeOf } from './media-type.ts'
import { errorCodeOf, writeNewFile } from './new-file.ts'

/** What a command gives back: a value for `--json`, words for people, and whether something failed its verification. */
export interface Answer {
  readonly value: unknown
  readonly words: string
  /** Raw bytes for standard output instead of words (`show` without `--out`). */
  readonly bytes?: Uint8Array
  readonly verificationFailed?: boolean
}

interface Context {
  readonly client: MedGuardClient
  readonly identities: Identities
  readonly args: Arguments
}

export const commands: Record<CommandName, (context: Context) => Promise<Answer>> = {
  async whoami({ client }) {
    const account = valueOf(await client.account())
    const value = { principal: client.principal, enrolled: account !== null, patientId: account?.patientId ?? null }
    const state = account === null ? 'no records yet: add one, and your vault is opened' : `vault ${account.patientId}`
    return { value, words: `share code  ${client.principal}\n${state}` }
  },

  async add({ client, args: { subject, options } }) {
    const bytes = readFile(subject)
    const category = categoriesOf(options.kind)
    if (category.length > 1) throw new UsageError('a record has one --kind')
    valueOf(await client.enrol())
    const fileName = basename(subject)
    const record = valueOf(
      await client.add({
        bytes,
        fileName,
        title: options.title ?? fileName,
        mediaType: options.type ?? mediaTypeOf(fileName, bytes),
        category: category[0] ?? 'documents',
        clinicalDate: clinicalDate(options.date),
        subject: options.as ?? null,
      }),
    )
    return { value: record, words: `stored ${printable(record.title)} as ${record.recordId}` }
  },

  async list({ client, identities, args: { options } }) {
    const records = await recordsOf({ client, identities, of: options.of, categories: categoriesOf(options.kind) })
    return { value: records, words: records.length === 0 ? 'No records.' : recordTable(records) }
  },

  async show({ client, identities, args: { subject, options } }) {
    expectPrefix(subject, 'record')
    if (options.out !== undefined) expectFree(options.out)
    const records = await recordsOf({ client, identities, of: options.of, categories: [] })
    const record = byPrefix(records, subject, (each) => each.recordId, 'record')
    const opened = valueOf(await client.open(record))
    const value = { ...opened.summary, leafIndex: opened.leafIndex, verified: opened.verified }
    if (options.out !== undefined) {
      save(options.out, opened.bytes)
      return { value: { ...value, out: options.out }, words: `wrote ${opened.bytes.length} bytes to ${options.out}` }
    }
    return options.json === true
      ? { value: { ...value, base64: Buffer.from(opened.bytes).toString('base64') }, words: '' }
      : { value, words: '', bytes: opened.bytes }
  },

  async share({ client, identities, args: { options } }) {
    if (options.with === undefined) throw new UsageError('share --with WHO')
    const forNs = options.for === undefined ? null : durationNs(options.for)
    if (forNs === null) throw new UsageError('share --for a time such as 15m, 12h or 30d')
    const categories = categoriesOf(options.kind)
    const ids = options.record ?? []
    for (const id of ids) expectPrefix(id, 'record')
    if ((categories.length === 0) === (ids.length === 0))
      throw new UsageError('share --kind KIND… or --record ID…, one of the two')
    const purpose = options.purpose ?? 'TREAT'
    if (!(PURPOSES as readonly string[]).includes(purpose))
      throw new UsageError(`--purpose is one of ${PURPOSES.join(', ')}`)
    const grantee = identities.resolve(options.with)
    valueOf(await client.enrol())
    const own = ids.length === 0 ? [] : await recordsOf({ client, identities, of: undefined, categories: [] })
    const startNs = BigInt(Date.now()) * 1_000_000n
    const share = valueOf(
      await client.share({
        grantee,
        scope:
          ids.length === 0
            ? { categories }
            : { records: ids.map((id) => byPrefix(own, id, (each) => each.recordId, 'record')) },
        rights: ['list', 'open'],
        purpose: purpose as Purpose,
        startNs,
        endNs: startNs + forNs,
      }),
    )
    return { value: share, words: `shared until ${toTime(share.endNs)}; stop with: medguard revoke ${share.grantId}` }
  },

  async shares({ client, identities }) {
    const shares = [...valueOf(await client.sharesGiven()), ...valueOf(await client.sharesReceived())]
    return { value: shares, words: shares.length === 0 ? 'Nothing is shared.' : shareTable(shares, identities) }
  },

  async revoke({ client, args: { subject } }) {
    expectPrefix(subject, 'share')
    const share = byPrefix(valueOf(await client.sharesGiven()), subject, (each) => each.grantId, 'share')
    const ended = valueOf(await client.revoke(share.grantId))
    return { value: { grantId: share.grantId, ...ended }, words: `sharing ended at ${toTime(ended.endNs)}` }
  },

  async log({ client, identities, args: { options } }) {
    const report = valueOf(await client.log(options.mine === true ? 'actor' : 'patient'))
    const { kind } = report.verification
    return {
      value: report,
      words: logWords(report, identities),
      verificationFailed: kind === 'failed' || (options.verify === true && kind !== 'verified'),
    }
  },
}

async function recordsOf(args: {
  client: MedGuardClient
  identities: Identities
  of: string | undefined
  categories: readonly Category[]
}): Promise<RecordSummary[]> {
  const { client, identities, of, categories } = args
  const listed = categories.length === 0 ? CATEGORIES : categories
  if (of === undefined) {
    if (valueOf(await client.account()) === null) return []
    return [...valueOf(await client.list({ of: 'me' }, listed))]
  }
  const patient = identities.resolve(of)
  valueOf(await client.enrol())
  const vaults = valueOf(await client.sharesReceived()).filter((share) => share.patient === patient)
  // A refusal of the newest share is the answer when no share is live: the canister decides, not this machine's clock.
  const live = vaults.filter((share) => share.state === 'live')
  const asked = live.length > 0 ? live : vaults.slice(-1)
  if (asked.length === 0) throw new UsageError(`nothing is shared with you by ${of}`)
  const found = new Map<string, RecordSummary>()
  for (const { grantId } of asked) {
    const vault: Vault = { of: 'grant', grantId }
    const wanted = categories.length === 0 ? undefined : categories
    for (const record of valueOf(await client.list(vault, wanted))) found.set(record.recordId, record)
  }
  return [...found.values()]
}

/** Checked before anything is asked of the network: a misspelt id must not leave a trace in somebody's log. */
function expectPrefix(prefix: string, what: string): void {
  if (!/^[0-9a-f]{8,32}$/i.test(prefix))
    throw new UsageError(`the id of a ${what} has at least 8 hexadecimal digits: ${prefix}`)
}

function byPrefix<T>(all: readonly T[], prefix: string, idOf: (each: T) => string, what: string): T {
  const found = all.filter((each) => idOf(each).startsWith(prefix.toLowerCase()))
  if (found.length > 1) throw new UsageError(`several begin with ${prefix}: give more of the id`)
  if (found[0] === undefined) throw new UsageError(`no ${what} ${prefix} here`)
  return found[0]
}

function categoriesOf(kinds: readonly string[] | undefined): Category[] {
  return (kinds ?? []).map((kind) => {
    if (categoryNumber(kind) === null) throw new UsageError(`--kind is one of ${CATEGORIES.join(', ')}`)
    return kind as Category
  })
}

function clinicalDate(date: string | undefined): string | null {
  if (date === undefined) return null
  if (!/^\d{4}-\d{2}-\d{2}(T[0-9:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(date) || Number.isNaN(Date.parse(date)))
    throw new UsageError('--date is a day or a time, for instance 2026-03-14')
  return date
}

/** Before anything is opened: an opening is in somebody's log for good. */
function expectFree(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw new UsageError(`${path} is there already`)
  try {
    accessSync(dirname(path), constants.W_OK)
  } catch (error) {
    throw new UsageError(`cannot write ${path}`, { cause: error })
  }
}

function save(path: string, bytes: Uint8Array): void {
  try {
    writeNewFile(path, bytes)
  } catch (error) {
    const isTaken = errorCodeOf(error) === 'EEXIST'
    throw new UsageError(isTaken ? `${path} is there already` : `cannot write ${path}`, { cause: error })
  }
}

function readFile(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path))
  } catch (error) {
    throw new UsageError(`cannot read ${path}`, { cause: error })
  }
}

const short = (id: string): string => id.slice(0, 8)

function recordTable(records: readonly RecordSummary[]): string {
  return table(records.map((r) => [short(r.recordId), r.category, r.clinicalDate ?? '', `${r.sizeBytes} B`, r.title]))
}

function shareTable(shares: readonly Share[], identities: Identities): string {
  return table(
    shares.map((share) => {
      const other = share.direction === 'given' ? share.grantee : share.patient
      const name = identities.nameOf(other) ?? other
      const end = share.endedNs ?? share.endNs
      const who = share.direction === 'given' ? `with ${name}` : `by ${name}`
      return [short(share.grantId), share.state, who, share.scope.join(','), `until ${toTime(end)}`]
    }),
  )
}

function logWords(report: LogReport, identities: Identities): string {
  const rows = report.items.map((item) => [
    toTime(item.timeNs),
    identities.nameOf(item.actor) ?? item.actor,
    item.failedOrWithheld ? `${item.event} (not given)` : item.event,
    item.category ?? '',
    short(item.objectId),
  ])
  const { verification } = report
  const verdict =
    verification.kind === 'verified'
      ? `Verified: ${verification.checked.includes('complete') ? 'complete and unaltered' : 'unaltered'}, in a log of ${verification.treeSize} entries certified at ${toTime(verification.certifiedNs)}.`
      : verification.kind === 'failed'
        ? `NOT VERIFIED: ${verification.what} (${verification.code}).`
        : `Could not be checked: ${verification.why}.`
  return `${table(rows)}\n${verdict}`
}
