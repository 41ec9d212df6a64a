/**
 * The text a patient confirms when sharing, and whose SHA-256 both canisters keep with the grant. Fixed wording and order, in English and
 * with machine-readable values, so that the hash can be checked years later; screens show the same facts in the reader's language.
 */
export function agreementText(terms: {
  grantee: string
  scope: readonly string[]
  rights: readonly string[]
  purpose: string
  startsAt: string
  endsAt: string
  /** Which members of an organisation, and whom not, where that is said. */
  members?: string
  excluded?: readonly string[]
}): string {
  return [
    'MedGuard sharing agreement 1',
    `recipient: ${terms.grantee}`,
    ...(terms.members === undefined || terms.members === '' ? [] : [`members: ${terms.members}`]),
    ...(terms.excluded === undefined || terms.excluded.length === 0 ? [] : [`but not: ${terms.excluded.join(', ')}`]),
    `shared: ${terms.scope.join(', ')}`,
    `may: ${terms.rights.join(', ')}`,
    `purpose: ${terms.purpose}`,
    `from: ${terms.startsAt}`,
    `until: ${terms.endsAt}`,
    'The recipient may read what is shared during this time. Every opening is recorded. Sharing can be stopped at any time;',
    'what was opened before cannot be taken back.',
    '',
  ].join('\n')
}
