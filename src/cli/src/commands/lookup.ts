import {
  CATEGORIES,
  categoryNumber,
  type Category,
  type MedGuardClient,
  type Progress,
  PURPOSES,
  type Purpose,
  type RecordSummary,
  RIGHT,
  type Right,
  type Share,
  type Vault,
  type WardInfo,
} from '@medguard/client'
import { UsageError, valueOf } from '../exit-code.ts'
import type { Identities } from '../identities.ts'

// How words of the command line become records, shares and kinds.

export async function recordsOf(args: {
  client: MedGuardClient
  identities: Identities
  of: string | undefined
  categories: readonly Category[]
  progress?: Progress
}): Promise<RecordSummary[]> {
  const { client, identities, of, categories, progress } = args
  const listed = categories.length === 0 ? CATEGORIES : categories
  if (of === undefined) {
    if (valueOf(await client.account()) === null) return []
    return [...valueOf(await client.list({ of: 'me' }, listed, progress))]
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
    for (const record of valueOf(await client.list(vault, wanted, progress))) found.set(record.recordId, record)
  }
  return [...found.values()]
}

/** Those of the vault, and those with the signed-in person, unless they act for somebody. */
export async function sharesOf(client: MedGuardClient, ward: WardInfo | null): Promise<Share[]> {
  const received = ward === null ? valueOf(await client.sharesReceived()) : []
  return [...valueOf(await client.sharesGiven()), ...received]
}

/** Checked before anything is asked of the network: a misspelt id must not leave a trace in somebody's log. */
export function expectPrefix(prefix: string, what: string): void {
  if (!/^[0-9a-f]{8,32}$/i.test(prefix))
    throw new UsageError(
      `the id of ${/^[aeiou]/.test(what) ? 'an' : 'a'} ${what} has at least 8 hexadecimal digits: ${prefix}`,
    )
}

export function byPrefix<T>(all: readonly T[], prefix: string, idOf: (each: T) => string, what: string): T {
  const found = all.filter((each) => idOf(each).startsWith(prefix.toLowerCase()))
  if (found.length > 1) throw new UsageError(`several begin with ${prefix}: give more of the id`)
  if (found[0] === undefined) throw new UsageError(`no ${what} ${prefix} here`)
  return found[0]
}

export function categoriesOf(kinds: readonly string[] | undefined): Category[] {
  return (kinds ?? []).map((kind) => {
    if (categoryNumber(kind) === null) throw new UsageError(`--kind is one of ${CATEGORIES.join(', ')}`)
    return kind as Category
  })
}

/** Day or instant that a record is about. @throws UsageError */
export function clinicalDateOf(date: string | undefined): string | null {
  if (date === undefined) return null
  if (!/^\d{4}-\d{2}-\d{2}(T[0-9:.]+(Z|[+-]\d{2}:\d{2}))?$/.test(date) || Number.isNaN(Date.parse(date)))
    throw new UsageError('--date is a day or a time, for instance 2026-03-14')
  return date
}

export const short = (id: string): string => id.slice(0, 8)

const RIGHTS = Object.keys(RIGHT) as Right[]
/** To list and to open, unless told. */
export function rightsOf(words: readonly string[] | undefined): Right[] {
  if (words === undefined) return ['list', 'open']
  return words.map((word) => {
    if (!(RIGHTS as string[]).includes(word)) throw new UsageError(`--right is one of ${RIGHTS.join(', ')}`)
    return word as Right
  })
}

export function purposeOf(word = 'TREAT'): Purpose {
  if (!(PURPOSES as readonly string[]).includes(word))
    throw new UsageError(`--purpose is one of ${PURPOSES.join(', ')}`)
  return word as Purpose
}

/** A day as it was given, null without one. @throws UsageError */
export function dayOf(day: string | undefined): string | null {
  if (day === undefined) return null
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || Number.isNaN(Date.parse(day)))
    throw new UsageError('--from and --until are days, for instance 2026-03-14')
  return day
}
