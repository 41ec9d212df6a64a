import { fromHex, ID_BYTES, orgPrincipal, Principal, refusalOf, refuse } from '@medguard/protocol'
import { Refused } from './outcome.ts'

/** The principal that stands for an organisation where somebody is shared with or blocked. @param orgId hexadecimal. @throws Refused for no id. */
export function organisationPrincipal(orgId: string): string {
  const id = fromHex(orgId)
  if (id?.length !== ID_BYTES) throw new Refused(refusalOf(refuse.badInput('organisation', 'format')))
  return Principal.fromUint8Array(orgPrincipal(id)).toText()
}
