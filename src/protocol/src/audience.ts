import { blob, type Infer, named, nat32, nat8, opt, principal, record, vec } from './candid.ts'
import { ofPatient } from './shared-types.ts'

/** Which compartment is meant. With `grantId`, the members of the organisation that this grant is to. */
export const AudienceArg = named(
  'AudienceArg',
  record({
    patientId: ofPatient,
    compartmentKind: nat8,
    cid: blob,
    grantId: opt(blob),
    from: nat32,
    count: nat32,
  }),
)
/** Somebody to whom the compartment's key would be given at this moment. */
export const AudienceMember = named(
  'AudienceMember',
  record({
    principal,
    /** Empty for the patient and whoever acts in their place. */
    grantId: opt(blob),
    /** What they may do there, as bits of `RIGHT`. */
    rights: nat8,
  }),
)
export type AudienceMember = Infer<typeof AudienceMember>

export const Audience = named(
  'Audience',
  record({
    /** How many candidates there are: live grants of the patient, or people the organisation ever made members. Ask for pages up to it. */
    total: nat32,
    /** The first page of grants begins with the patient and whoever acts in their place. */
    members: vec(AudienceMember),
    /** Grants of the page that are to organisations: ask for their members one by one. */
    organisations: vec(named('AudienceOrganisation', record({ grantId: blob, organisation: principal }))),
  }),
)
export type Audience = Infer<typeof Audience>
