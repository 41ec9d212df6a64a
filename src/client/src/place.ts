import { decodeWrap, expectDecoded } from '@medguard/crypto'
import {
  type Account,
  type Category,
  categoryNumber,
  COMPARTMENT_KIND,
  type CompartmentRef,
  type GrantView,
} from '@medguard/protocol'
import { cryptoWork } from './crypto-fault.ts'

/** One compartment as the signed-in person reaches it: as its owner, or under a grant. */
export interface Reach {
  readonly patientId: Uint8Array
  readonly compartment: CompartmentRef
  /** Null for the owner. */
  readonly grantId: Uint8Array | null
  /** Number of the category whose compartment it is, as far as a canister said so. */
  readonly category?: number
  /** The epoch whose key whoever lists it is going to need; null or absent where that cannot be told beforehand. */
  readonly likelyEpoch?: number | null
}

/** Candid's `opt` of a value. */
export const optionOf = <T>(value: T | null): [] | [T] => (value === null ? [] : [value])

/** The fields by which every records method names a compartment. */
export const placeArg = ({ patientId, compartment, grantId }: Reach) => ({
  patientId,
  compartmentKind: compartment.compartmentKind,
  cid: compartment.cid,
  grantId: optionOf(grantId),
})

export const epochOf = ({ patientId, compartment }: Reach, epoch: number) => ({
  patientId,
  compartmentKind: compartment.compartmentKind,
  compartmentId: compartment.cid,
  epoch,
})

/** Which epoch's key a wrap needs. @throws Fault `Tampered` for bytes that are no wrap. */
export const epochOfWrap = (wrap: Uint8Array): Promise<number> =>
  cryptoWork(async () => expectDecoded(decodeWrap(wrap)).epoch)

/** Where others leave what the patient has not looked at; it bears the patient's id. */
export const inboxReach = (patientId: Uint8Array, grantId: Uint8Array | null): Reach => ({
  patientId,
  compartment: { compartmentKind: COMPARTMENT_KIND.inbox, cid: patientId },
  grantId,
})

/** One's own compartments of some categories. */
export function ownReaches(account: Account, categories: readonly Category[]): Reach[] {
  const wanted = new Set(categories.map(categoryNumber))
  return account.compartments
    .filter(({ category }) => wanted.has(category))
    .map(({ cid, category }) => ({
      patientId: new Uint8Array(account.patientId),
      compartment: { compartmentKind: COMPARTMENT_KIND.category, cid: new Uint8Array(cid) },
      grantId: null,
      category,
    }))
}

/**
 * The compartments of a grant, for whoever it is to. Where somebody was given the current key, something is likely to be stored under it; elsewhere a key that nobody
 * needs would cost its fee, a derivation of the hour's and a line in the patient's log.
 */
export function grantReaches(grant: GrantView): Reach[] {
  return grant.compartments.map(({ compartmentKind, cid, category, currentEpoch, isDerived }) => ({
    patientId: new Uint8Array(grant.patientId),
    compartment: { compartmentKind, cid: new Uint8Array(cid) },
    grantId: new Uint8Array(grant.grantId),
    category,
    likelyEpoch: isDerived[0] === true ? currentEpoch : null,
  }))
}

/** Whether records of some categories may lie there: what is of no category may hold any. */
export function mayHold({ category = 0 }: Reach, categories: readonly Category[]): boolean {
  return category === 0 || categories.some((each) => categoryNumber(each) === category)
}
