import {
  CATEGORIES,
  decodeProfile,
  isProfile,
  isUnreadable,
  type MedGuardClient,
  type Profile,
  type RecordSummary,
  type Share,
} from '@medguard/client'
import { readJson } from '@medguard/fhir'
import { isObject, type JsonObject, textAt } from '../json.ts'
import { isType } from '../search/definitions.ts'
import { valueOf } from './outcomes.ts'
import { isFhir, type KnownRecord } from './record-resources.ts'

type Reads = Pick<MedGuardClient, 'list' | 'open' | 'news'>

/** Openings at a time: each is an update of the network, and is in the patient's log before its key comes. */
const OPENED_AT_ONCE = 6
/** Larger ones are documents, whatever they call themselves: opened when somebody asks for them. */
const RESOURCE_BYTES_MAX = 10 * 1024 * 1024
/** Of one grant: what is beyond stays a document too, so that nobody fills the gateway's memory. */
const GRANT_BYTES_MAX = 256 * 1024 * 1024

/** What one grant gives, opened as far as it is FHIR. In memory only. */
export interface GrantedRecords {
  readonly share: Share
  /** By record id, newest versions. */
  readonly records: Map<string, KnownRecord>
  profile: { readonly profile: Profile; readonly summary: RecordSummary } | null
  /** Ids of records that fail their checks. */
  readonly damaged: Set<string>
  /** Since the grant was first looked at. */
  openedBytes: number
  /** Another one whenever something in it changed, and never one that another had. */
  revision: number
}

export const mayRead = ({ rights }: Share): boolean => rights.includes('list') && rights.includes('open')
export const mayWrite = ({ rights }: Share): boolean => rights.includes('write')
export const reaches = ({ scope }: Share, category: string): boolean => (scope as readonly string[]).includes(category)

/**
 * Of what one patient shares, the share under which most of these kinds may be stored; the newest of several. Undefined where none takes any.
 *
 * @param kinds categories, or `inbox`.
 */
export function shareToWrite(
  shares: readonly Share[],
  patientId: string | null,
  kinds: readonly string[],
): Share | undefined {
  const taken = (share: Share): number => kinds.filter((kind) => reaches(share, kind)).length
  const [best] = shares
    .filter((share) => share.patientId === patientId && mayWrite(share) && taken(share) > 0)
    .toSorted((a, b) => taken(b) - taken(a) || Number(b.startNs - a.startNs))
  return best
}

let revisions = 0
/** Also of a grant that is read once more: what was made of it before is not it. */
export const newRevision = (): number => ++revisions

/** Of a grant that lets nothing be read: that it is there. */
export const nothingOf = (share: Share): GrantedRecords => ({
  share,
  records: new Map(),
  profile: null,
  damaged: new Set(),
  openedBytes: 0,
  revision: newRevision(),
})

/** Lists what a grant gives and opens it. @throws Refuse, Fault. */
export async function readGranted(client: Reads, share: Share): Promise<GrantedRecords> {
  const granted = nothingOf(share)
  await relist(client, granted)
  return granted
}

/** Everything anew: also what was deleted shows. What is open already is not opened again. */
export async function relist(client: Reads, granted: GrantedRecords): Promise<void> {
  const listed = valueOf(await client.list({ of: 'grant', grantId: granted.share.grantId }, CATEGORIES))
  const there = new Set(listed.map(({ recordId }) => recordId))
  for (const recordId of granted.records.keys()) if (!there.has(recordId)) granted.records.delete(recordId)
  if (granted.profile !== null && !there.has(granted.profile.summary.recordId)) granted.profile = null
  for (const recordId of granted.damaged) if (!there.has(recordId)) granted.damaged.delete(recordId)
  await take(client, granted, listed)
}

/** What joined a list since. */
export async function take(client: Reads, granted: GrantedRecords, listed: readonly RecordSummary[]): Promise<void> {
  for (const { recordId, isDamaged } of listed) if (isDamaged === true) granted.damaged.add(recordId)
  const fresh = listed.filter((summary) => summary.isDamaged !== true && isNewer(granted, summary))
  // Of what is open already the list may say more than before: who signed it, for instance.
  for (const summary of listed) {
    const known = granted.records.get(summary.recordId)
    if (known?.summary.version === summary.version) granted.records.set(summary.recordId, { ...known, summary })
  }
  const waiting = fresh.values()
  const work = async (): Promise<void> => {
    for (const summary of waiting)
      try {
        await takeOne(client, granted, summary)
      } catch (error) {
        // Whoever may write to a vault may store rubbish there: the rest stays readable.
        if (!isUnreadable(error)) throw error
        granted.damaged.add(summary.recordId)
      }
  }
  await Promise.all(Array.from({ length: OPENED_AT_ONCE }, work))
  granted.revision = newRevision()
}

function isNewer(granted: GrantedRecords, { recordId, version }: RecordSummary): boolean {
  const known = granted.records.get(recordId)?.summary ?? granted.profile?.summary
  return known?.recordId !== recordId || known.version < version
}

async function takeOne(client: Reads, granted: GrantedRecords, summary: RecordSummary): Promise<void> {
  if (isProfile(summary)) {
    granted.profile = { profile: decodeProfile(await opened(client, summary)), summary }
    return
  }
  const isResource =
    isFhir(summary) &&
    summary.sizeBytes <= RESOURCE_BYTES_MAX &&
    granted.openedBytes + summary.sizeBytes <= GRANT_BYTES_MAX
  if (isResource) granted.openedBytes += summary.sizeBytes
  const content = isResource ? resourceIn(await opened(client, summary)) : null
  granted.records.set(summary.recordId, { summary, content })
}

export const opened = async (client: Pick<MedGuardClient, 'open'>, summary: RecordSummary): Promise<Uint8Array> =>
  valueOf(await client.open(summary)).bytes

/** A resource of a type that is served; anything else stays a document that can be fetched as it is. */
export function resourceIn(bytes: Uint8Array): JsonObject | null {
  const read = readJson(bytes, RESOURCE_BYTES_MAX)
  if (read.kind === 'unreadable' || !isObject(read.value)) return null
  const type = textAt(read.value, 'resourceType')
  return type !== null && isType(type) && type !== 'Binary' ? read.value : null
}
