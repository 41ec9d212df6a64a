export * from './alerts-api.ts'
export { alertsSaid } from './alerts.ts'
export * from './api-files.ts'
export * from './api-records.ts'
export * from './api.ts'
export * from './author-api.ts'
export * from './device-api.ts'
export * from './devices-api.ts'
export { connectDevice, type DeviceIdentity } from './device-calls.ts'
export { boundedFetch } from './bounded-fetch.ts'
export { looksOf } from './look-alike.ts'
export { seenHeadOf } from './certified-head.ts'
export {
  archiveKeyFromText,
  archiveKeyToText,
  type AuthorSigner,
  authorSignerOf,
  exportAuthorKeys,
  importAuthorKeys,
  newArchiveKey,
  newAuthorKeys,
} from '@medguard/crypto'
export { createClient } from './client.ts'
export { MEASURED } from './measured.ts'
export { DEVELOPMENT_CANISTERS, developmentNetwork } from './development.ts'
export { fitsLink } from './link-bundle.ts'
export { linkText, type LinkFault, readLink, type SmartLink } from './link-format.ts'
export * from './links-api.ts'
export { openLinkByCall, openLinkByHttps } from './link-opening.ts'
export { itemOf } from './log-item.ts'
export * from './doubts-api.ts'
export * from './fhir-api.ts'
export { fitsSummary } from './fhir/summary-media.ts'
export * from './names-api.ts'
export { isFitName } from './names.ts'
export * from './notices-api.ts'
export { isUnreadable } from './outcome.ts'
export { canisterIds, logIds, type Network, parseNetwork } from './network.ts'
export * from './profile.ts'
export * from './people-api.ts'
export { printable } from './printable.ts'
export { wrongRecord } from './record-input.ts'
export { isWithin } from './record-days.ts'
export { organisationIdOf, organisationPrincipal } from './organisation-principal.ts'
export { fhirConsent, type FhirConsent } from './fhir-consent.ts'
export { identityOfKit, newKit, readKit, type RecoveryKit } from './recovery-kit.ts'
export * from './rules-api.ts'
export { endOfChain, exchangeableIdentity, identityOfKey, narrowedKey, type SessionKey } from './session-key.ts'
export type { DepositClient } from './depositing.ts'
export type { KeepUpClient, KeptUp } from './keeping-up.ts'
export type { RewrapClient, Rewrapped } from './rewrapping.ts'
export * from './record-places.ts'
export * from './search-api.ts'
export * from './tags-api.ts'
export { isFitTag, TAG_CHARS_MAX } from './tags.ts'
export * from './trust-api.ts'
export type { UntoldCode, Verification } from './verification.ts'
// Edges see the protocol through here, and only the parts they speak.
export {
  CATEGORIES,
  type Category,
  categoryNumber,
  EVENT,
  GRANT_PERIOD_MAX_NS,
  LINK_ATTEMPTS_DEFAULT,
  LINK_ATTEMPTS_MAX,
  LINK_BYTES_MAX,
  LINK_LABEL_CHARS_MAX,
  LINK_PASSCODE_CHARS_MAX,
  LINK_RECIPIENT_CHARS_MAX,
  type LinkContentType,
  type LinkEndName,
  LISTS_WATCHED_MAX,
  NS_PER_DAY,
  NS_PER_HOUR,
  NS_PER_MINUTE,
  NS_PER_MS,
  NS_PER_SECOND,
  ORG_KINDS,
  type OrgKind,
  Principal,
  POWER,
  type Power,
  PURPOSES,
  type Purpose,
  RECORD_BYTES_MAX,
  REQUESTS_FROM,
  type RequestsFrom,
  RIGHT,
  ROLE,
  SHARE_RECORDS_MAX,
  type Refusal,
  type RefusalKind,
  type Right,
  type Role,
  ROLES,
  TITLE_CHARS_MAX,
} from '@medguard/protocol'
