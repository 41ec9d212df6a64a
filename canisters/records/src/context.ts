import {
  type ArgOf,
  equalBytes,
  LEAF_FLAG,
  orgIdOf,
  type RecordsConfiguration,
  type RecordsService,
  refuse,
  type RefusalArm,
  type Result,
} from '@medguard/protocol'
import {
  type Asked,
  type Buckets,
  type Call,
  callFor,
  type Configuration,
  type DeviceHost,
  type Encodable,
  type FactSource,
  type Outboxes,
  type PeopleHost,
  type RefusalLog,
  type RequestMemory,
} from '@medguard/shared'
import type { StoredAccount } from './codec.ts'
import type { Place } from './lists.ts'
import { wrongIds } from './rules.ts'
import type { RecordsStore } from './store.ts'

/** What every method of this canister works with. */
export interface Context {
  readonly store: RecordsStore
  readonly facts: FactSource<StoredAccount>
  readonly outbox: Outboxes
  readonly requests: RequestMemory
  readonly budgets: Buckets
  readonly refusals: RefusalLog
  /** Begins to remove the chunks of uploads that were given up. */
  readonly collect: () => void
  /** Takes away the content of links that are over, in time. */
  readonly sweepLinks: () => void
  /** Lets the marks of erased vaults go when their time is over. */
  readonly collectMarks: () => void
  /** What the methods about people work with. */
  readonly people: PeopleHost<StoredAccount>
  /** What the methods about devices work with. */
  readonly deviceHost: DeviceHost<StoredAccount>
  readonly configuration: Configuration<RecordsConfiguration>
}

export const ZERO_ID = new Uint8Array(16)

type PlaceArg = Pick<ArgOf<RecordsService['headers']>, 'patientId' | 'compartmentKind' | 'cid' | 'grantId'>

/** What a caller asks, or why their ids are none. */
export function askedOf(
  arg: PlaceArg,
  caller: Uint8Array,
  anyOf: number,
): { readonly asked: Asked } | { readonly refusal: RefusalArm } {
  const { patientId, compartmentKind, cid } = arg
  const grantId = arg.grantId[0] ?? null
  const wrong = wrongIds({ patientId, cid, grantId })
  return wrong === null ? { asked: { caller, patientId, compartmentKind, cid, grantId, anyOf } } : { refusal: wrong }
}

/** The purpose that leaves name: the grant's, or 0 for the owner. */
export function purposeOf({ store }: Context, grantId: Uint8Array | null): number {
  return grantId === null ? 0 : (store.grants.get(grantId)?.grant.purpose ?? 0)
}

/** The organisation through which somebody acts under a grant; zeros for who acts by themselves. */
export function orgOf({ store }: Context, grantId: Uint8Array | null): Uint8Array {
  const grantee = grantId === null ? undefined : store.grants.get(grantId)?.grant.grantee
  return (grantee === undefined ? null : orgIdOf(grantee)) ?? ZERO_ID
}
/** What a leaf's flags say of that. */
export const viaOrganisation = (orgId: Uint8Array): number =>
  equalBytes(orgId, ZERO_ID) ? 0 : LEAF_FLAG.viaOrganisation

export const placeOf = ({ patientId, compartmentKind, cid }: Asked): Place => ({ patientId, compartmentKind, cid })

/** Asks consent on behalf of whoever called; a refusal of consent is the answer, silence is `Busy`. */
export function askConsent<A, T>(
  { configuration }: Context,
  method: Call<A, Result<T>>,
  arg: NoInfer<Encodable<A>>,
): Promise<{ readonly ok: T } | { readonly refusal: RefusalArm }> {
  const consent = configuration.get()?.consent
  if (consent === undefined) return Promise.resolve({ refusal: refuse.notReady })
  return callFor(consent.toUint8Array(), method, arg, (outcome) => {
    if (outcome.kind !== 'reply') return { refusal: refuse.busy(2000) }
    return 'Err' in outcome.value ? { refusal: outcome.value.Err } : { ok: outcome.value.Ok }
  })
}
