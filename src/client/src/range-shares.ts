import { type GrantView, toHex } from '@medguard/protocol'
import type { RecordSummary, ShareRange } from './api.ts'
import type { Canisters } from './canisters.ts'
import { idOf, okOf } from './outcome.ts'
import { optionOf } from './place.ts'
import { isWithin, rangeOf } from './record-days.ts'
import type { GrantPair } from './share-list.ts'
import type { FillShare } from './share.ts'

type Found = Pick<RecordSummary, 'recordId' | 'version' | 'category' | 'clinicalDate'>

/**
 * Puts records into the live shares that take in their days and categories. The canister learns no dates: this client picks. What a share holds
 * already is asked first, so that it may be done again at any time.
 */
export function rangeFiller(from: {
  readonly canisters: Canisters
  /** Of the vault whose shares they are; null for the caller's own. */
  readonly patientId: Uint8Array | null
  readonly given: () => Promise<GrantPair[]>
  readonly within: (range: ShareRange) => Promise<readonly Found[]>
  readonly fillShare: FillShare
}) {
  const { canisters, given, within, fillShare } = from
  const patientId = optionOf(from.patientId)
  const nowNs = () => BigInt(Date.now()) * 1_000_000n

  /** Asked anew when everything is gone through; for one record more, what was known then will do: `fillShares` makes the rest good. */
  let known: Promise<GrantPair[]> | null = null
  const fill = async (only: Found | null): Promise<number> => {
    let added = 0
    if (known === null || only === null) {
      known = given()
      known.catch(() => (known = null))
    }
    for (const { grantId, range } of (await known).flatMap((pair) => liveRange(pair, nowNs()))) {
      const wanted = only === null ? await within(range) : [only].filter((record) => isWithin(record, range))
      const missing: Found[] = []
      for (const record of wanted) {
        const id = { patientId, recordId: idOf(record.recordId), version: record.version }
        const holding = okOf(await canisters.records.sharesHolding(id)).map(toHex)
        if (!holding.includes(toHex(grantId))) missing.push(record)
      }
      if (missing.length > 0) await fillShare(new Uint8Array(grantId), missing)
      added += missing.length
    }
    return added
  }
  return { fill, forget: () => void (known = null) }
}

/** Only of what both canisters have: what one says alone may be its own invention. */
function liveRange({ consent, records }: GrantPair, nowNs: bigint): { grantId: Uint8Array; range: ShareRange }[] {
  if (consent === null || records === null || !isLive(consent, nowNs) || !isLive(records, nowNs)) return []
  const [one, other] = [consent, records].map(({ terms: [terms] }) => (terms === undefined ? null : rangeOf(terms)))
  const isSame = JSON.stringify(one) === JSON.stringify(other)
  return one === null || one === undefined || !isSame ? [] : [{ grantId: consent.grantId, range: one }]
}
/** Also one that has not begun: by then it is to be whole. */
const isLive = ({ status, endNs }: GrantView, nowNs: bigint): boolean => 'active' in status && nowNs < endNs
