import {
  blob,
  bool,
  named,
  nat32,
  nat64,
  nat8,
  opt,
  principal,
  record,
  variant,
  vec,
  nul,
  type Infer,
} from './candid.ts'

export const Compartment = named('Compartment', record({ compartmentKind: nat8, cid: blob }))

/** What the second form of a grant says beyond the first, field by field as `GrantTerms`. None of them is optional: what is lost on the way must not widen. */
export const GrantTermsArg = named(
  'GrantTerms',
  record({
    roles: nat8,
    namesSensitive: bool,
    categories: nat8,
    fromDay: nat32,
    untilDay: nat32,
    excluded: vec(principal),
  }),
)
export type GrantTermsArg = Infer<typeof GrantTermsArg>

/** A grant as its parties see it. */
/**
 * What keeps a grant that is in force from giving anything now, by the rule that decides. `blocked` is told to the patient; whoever is blocked reads
 * `closed`, which is all that opening something would tell them.
 */
export const GRANT_BARS = ['paused', 'blocked', 'unverified', 'closed'] as const
export type GrantBar = (typeof GRANT_BARS)[number]

export const GrantView = named(
  'GrantView',
  record({
    grantId: blob,
    patientId: blob,
    patient: principal,
    grantee: principal,
    rights: nat8,
    purpose: nat8,
    startNs: nat64,
    /** When it ends by itself. */
    endNs: nat64,
    agreementHash: blob,
    /** `inactive` once revoked or withdrawn; a period that ran out stays `active` and is compared with the clock. */
    status: named('GrantStatus', variant({ active: nul, inactive: nul })),
    /** When it was revoked or withdrawn. */
    endedNs: opt(nat64),
    /**
     * `category` tells the recipient which of the eight it is, 0 for a share by record. Epochs are 1 where the canister keeps none (records). `isDerived`: whether
     * anybody was given the current key, without which only who may add and not read stored anything under it. For a recipient, of a grant that is in force; in records
     * always empty.
     */
    compartments: vec(
      named(
        'GrantCompartment',
        record({
          compartmentKind: nat8,
          cid: blob,
          category: nat8,
          minEpoch: nat32,
          currentEpoch: nat32,
          isDerived: opt(bool),
        }),
      ),
    ),
    /** Empty for a grant of the first form. */
    terms: opt(GrantTermsArg),
    /** Empty where nothing does, for a grant that is over, and always in records. */
    bar: opt(named('GrantBar', variant({ paused: nul, blocked: nul, unverified: nul, closed: nul }))),
  }),
)
export type GrantView = Infer<typeof GrantView>

/** Whose vault is meant: empty for the caller's own, else that of a patient who gave the caller powers. */
export const ofPatient = opt(blob)

const GrantFields = {
  patientId: ofPatient,
  /** Client-random; repeats with the same bytes get the first answer. */
  grantId: blob,
  grantee: principal,
  rights: nat8,
  purpose: nat8,
  startNs: nat64,
  endNs: nat64,
  /** SHA-256 of the text the patient confirmed. */
  agreementHash: blob,
  /** Sorted by kind, then id; a share compartment is kind 2 with the grant's own id. */
  compartments: vec(Compartment),
  /** Needed for a grant to an organisation, for one that covers what is sensitive, and for a share that goes on taking records in. */
  terms: opt(GrantTermsArg),
  requestId: blob,
}
/** The argument of `grant`: the fields of decision 19. */
export const GrantArg = named('GrantArg', record(GrantFields))
export type GrantArg = Infer<typeof GrantArg>
/**
 * Consent also keeps the text itself, at most 2 kB of UTF-8, whose hash has to be `agreementHash`; it names what is shared by category or by number,
 * never by title. Empty from clients of before texts were kept.
 */
export const AgreedGrantArg = named(
  'AgreedGrantArg',
  record({
    ...GrantFields,
    agreement: opt(blob),
    /** The request for access that this answers; what it does not ask for is refused. */
    answering: opt(blob),
  }),
)
export type AgreedGrantArg = Infer<typeof AgreedGrantArg>

export const RevokeArg = named('RevokeArg', record({ grantId: blob, requestId: blob }))
/** A page of what a patient gave. */
export const GivenArg = named('GivenArg', record({ patientId: ofPatient, from: nat32, count: nat32 }))
export const PageArg = named('PageArg', record({ from: nat32, count: nat32 }))
/** `grants` in the order they were made, from position `from` of `total`. */
export const GrantPage = named('GrantPage', record({ total: nat32, grants: vec(GrantView) }))
