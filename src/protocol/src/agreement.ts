import type { Right } from './compartments.ts'
import { rolesIn } from './organisation.ts'

/**
 * The text a patient confirms when sharing, and whose SHA-256 both canisters keep with the grant. Fixed wording and order, in English and
 * with machine-readable values, so that the hash can be checked years later; screens show the same facts in the reader's language. Nothing reads it back, so
 * texts of format 1 stand as they are.
 */
export function agreementText(terms: {
  grantee: string
  scope: readonly string[]
  rights: readonly Right[]
  purpose: string
  startsAt: string
  endsAt: string
  /** Of an organisation: which members, bits of `ROLE`; and whom not. */
  roles?: number
  excluded?: readonly string[]
  /** Id of the share that it is a change of. */
  inPlaceOf?: string
}): string {
  const { roles = 0, excluded = [] } = terms
  return [
    'MedGuard sharing agreement 2',
    `recipient: ${terms.grantee}`,
    ...(roles === 0 ? [] : [`members: ${rolesIn(roles).join(', ')}`]),
    ...(excluded.length === 0 ? [] : [`but not: ${excluded.join(', ')}`]),
    `shared: ${terms.scope.join(', ')}`,
    `may: ${terms.rights.join(', ')}`,
    `purpose: ${terms.purpose}`,
    `from: ${terms.startsAt}`,
    `until: ${terms.endsAt}`,
    ...(terms.inPlaceOf === undefined ? [] : [`in place of: ${terms.inPlaceOf}`]),
    ...sentencesOf(new Set(terms.rights)),
    '',
  ].join('\n')
}

/** What the rights allow, in words. */
function sentencesOf(may: ReadonlySet<Right>): string[] {
  const said: string[] = []
  const seesOnly = may.has('list') && !may.has('open')
  if (may.has('open')) said.push('The recipient may read what is shared. Every opening is recorded.')
  if (seesOnly) said.push('The recipient may see what there is, and can open none of it. Every look is recorded.')
  const readsNothing = may.has('list') || may.has('open') ? '' : ', and can read nothing'
  if (may.has('write')) said.push(`The recipient may add records and new versions${readsNothing}.`)
  if (may.has('rewrap')) said.push('The recipient may change the keys under which records are kept.')
  const after = ['Sharing can be stopped at any time.']
  if (may.has('open')) after.push('What was opened before cannot be taken back.')
  if (seesOnly) after.push('What was seen before cannot be taken back.')
  if (may.has('write')) after.push('What was added stays.')
  return [...said, after.join(' ')]
}
