import { blob, type Infer, named, nat32, nat64, nat8, nul, opt, principal, record, variant, vec } from './candid.ts'

/** Somebody asks a patient to share. The patient is named by share code: that nobody has it, or does not want to be asked, shows nowhere. */
export const AskArg = named(
  'AskArg',
  record({
    /** Client-random name of the request. */
    askId: blob,
    patient: principal,
    /** Ask for an organisation of one's own instead of for oneself. */
    forOrg: opt(blob),
    /** One bit each from the lowest. What is sensitive has to be named by its own bit. */
    categories: nat8,
    rights: nat8,
    purpose: nat8,
    /** How long the share is to last. */
    periodNs: nat64,
    /** Until when the patient can answer; 30 days from now at most. */
    expiresNs: nat64,
    requestId: blob,
  }),
)
export type AskArg = Infer<typeof AskArg>

export const AccessRequest = named(
  'AccessRequest',
  record({
    askId: blob,
    requester: principal,
    /** The requester, or the organisation they ask for. */
    grantee: principal,
    patient: principal,
    categories: nat8,
    rights: nat8,
    purpose: nat8,
    periodNs: nat64,
    askedNs: nat64,
    expiresNs: nat64,
    /** For the requester, `pending` also where nobody was reached. */
    state: named(
      'AccessRequestState',
      variant({ pending: nul, approved: nul, narrowed: nul, denied: nul, withdrawn: nul, expired: nul }),
    ),
    /** The grant that answers it. */
    grantId: opt(blob),
    decidedNs: opt(nat64),
  }),
)
export type AccessRequest = Infer<typeof AccessRequest>
/** Newest first. */
export const AccessRequestPage = named('AccessRequestPage', record({ total: nat32, requests: vec(AccessRequest) }))
export const NamedRequestArg = named('NamedRequestArg', record({ askId: blob, requestId: blob }))
