import { refusalOf, refuse } from '@medguard/protocol'
import type { NewShare, Share, ShareChange, ShareRange } from './api.ts'
import type { Canisters } from './canisters.ts'
import type { RecordVersionRef } from './following.ts'
import { Refused } from './outcome.ts'
import { latestOf, linked } from './share-chain.ts'
import { isRunning } from './share-list.ts'
import { endReplaced, revoke } from './share.ts'

/**
 * A new share in place of one that runs, and the end of that one: in this order, so that a road broken off leaves the old one, or both of which everybody can tell that the old one
 * is to end ([Note: a share in place of another]). A further try goes on from wherever an earlier one came to.
 */
export async function changeShare(
  parts: {
    readonly canisters: Canisters
    /** All that is given, as both canisters say now. */
    readonly given: () => Promise<readonly Share[]>
    readonly give: (wanted: NewShare, inPlaceOf: string) => Promise<Share>
    readonly recordsIn: (grantId: string) => Promise<readonly RecordVersionRef[]>
    readonly onEnding: () => void
    readonly nowNs: bigint
  },
  grantId: string,
  change: ShareChange,
): Promise<Share> {
  const { canisters, given, give, recordsIn, onEnding, nowNs } = parts
  const shares = await given()
  const old = shares.find((share) => share.grantId === grantId)
  const now = latestOf(shares, grantId)
  if (old === undefined || now === undefined) throw new Refused(refusalOf(refuse.notPermitted))
  if (now !== old) {
    onEnding()
    await endReplaced(canisters, shares)
    if (await isAsWanted(now, old, change, recordsIn)) return now
    // Somebody else was quicker, and what they made of it was not looked at.
    if (!isRunning(old)) throw new Refused(refusalOf(refuse.alreadyDone))
  }
  if (!isRunning(now)) throw new Refused(refusalOf(refuse.consentEnded(now.endedNs ?? now.endNs)))
  await withdrawHalves(canisters, shares, now)
  const scope = change.scope ?? (await scopeOf(old, recordsIn))
  const wanted: NewShare = {
    grantee: old.grantee,
    scope,
    rights: change.rights ?? old.rights,
    purpose: old.purpose,
    startNs: old.startNs > nowNs ? old.startNs : nowNs,
    endNs: change.endNs ?? old.endNs,
    ...termsOf(old, change),
  }
  const made = await give(wanted, now.grantId)
  onEnding()
  await revoke(canisters, now.grantId)
  return { ...made, inPlaceOf: now.grantId }
}

/** What an earlier try left in one canister only: it gives nothing, and what is wanted may be something else by now. */
async function withdrawHalves(canisters: Canisters, shares: readonly Share[], of: Share): Promise<void> {
  const halves = linked(shares, () => true).filter(
    ({ inPlaceOf, state }) => inPlaceOf === of.grantId && state === 'notFinished',
  )
  for (const { grantId } of halves) await revoke(canisters, grantId)
}

async function scopeOf(
  { grantId, scope, terms = {} }: Share,
  recordsIn: (grantId: string) => Promise<readonly RecordVersionRef[]>,
): Promise<NewShare['scope']> {
  const { range, categories: heldTo } = terms
  if (range !== undefined) return { range }
  const categories = scope.filter((part) => part !== 'shared' && part !== 'inbox')
  if (!scope.includes('shared')) return { categories, ...(scope.includes('inbox') ? { inbox: true } : {}) }
  return { records: await recordsIn(grantId), ...(heldTo === undefined ? {} : { heldTo }) }
}

/** Whoever was reached there and whoever was not, as before; what is sensitive is named anew with what is chosen anew. */
function termsOf({ terms }: Share, { scope, namesSensitive }: ShareChange): Pick<NewShare, 'terms'> {
  const names = namesSensitive ?? (scope === undefined && terms?.namesSensitive === true)
  if (terms === undefined) return names ? { terms: { namesSensitive: true } } : {}
  const { roles = 0, excluded = [] } = terms
  return { terms: { roles, excluded, namesSensitive: names } }
}

/** Whether what stands in its place is already what the change asks for. */
async function isAsWanted(
  now: Share,
  old: Share,
  { scope, rights = old.rights, endNs = old.endNs }: ShareChange,
  recordsIn: (grantId: string) => Promise<readonly RecordVersionRef[]>,
): Promise<boolean> {
  if (!isRunning(now) || now.endNs !== endNs || !sameSet(now.rights, rights)) return false
  if (scope === undefined) return sameSet(now.scope, old.scope) && sameRange(now.terms?.range, old.terms?.range)
  if ('range' in scope) return sameRange(now.terms?.range, scope.range)
  if ('categories' in scope)
    return sameSet(now.scope, scope.inbox === true ? [...scope.categories, 'inbox'] : scope.categories)
  if (!now.scope.includes('shared') || now.terms?.range !== undefined) return false
  const held = await recordsIn(now.grantId)
  return sameSet(
    held.map(({ recordId }) => recordId),
    scope.records.map(({ recordId }) => recordId),
  )
}

const sameRange = (a: ShareRange | undefined, b: ShareRange | undefined): boolean =>
  a?.from === b?.from && a?.until === b?.until && sameSet(a?.categories ?? [], b?.categories ?? [])
const sameSet = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && new Set([...a, ...b]).size === a.length
