import { blob, type Infer, named, nat8, nul, opt, principal, record, variant, vec, nat64 } from './candid.ts'

/** What a patient has laid down for all sharing. Consent and records have a copy each; the stricter of the two holds. */
export const PatientRules = named(
  'PatientRules',
  record({
    /** Since when all sharing is paused: every grant gives nothing in the meantime. */
    pausedNs: opt(nat64),
    /** Categories that no grant covers unless it names what is sensitive, one bit each from the lowest. Category 7 is always among them. */
    sensitive: nat8,
    /** Position in `REQUESTS_FROM`. */
    requestsFrom: nat8,
    /** People and organisations whom no grant reaches, also as members of an organisation that has one. */
    blocked: vec(principal),
  }),
)
export type PatientRules = Infer<typeof PatientRules>

export const RulesChange = named(
  'RulesChange',
  variant({ pause: nul, resume: nul, block: principal, unblock: principal, sensitive: nat8, requestsFrom: nat8 }),
)
export type RulesChange = Infer<typeof RulesChange>

/** `patientId` is empty for the caller's own vault. */
export const RulesArg = named('RulesArg', record({ patientId: opt(blob) }))
export const ChangeRulesArg = named(
  'ChangeRulesArg',
  record({ patientId: opt(blob), change: RulesChange, requestId: blob }),
)
