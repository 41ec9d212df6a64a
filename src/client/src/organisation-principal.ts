import { fromHex, ID_BYTES, orgIdOf, orgPrincipal, Principal, refusalOf, refuse, toHex } from '@medguard/protocol'
import { Refused } from './outcome.ts'

/** The principal that stands for an organisation where somebody is shared with or blocked. @param orgId hexadecimal. @throws Refused for no id. */
export function organisationPrincipal(orgId: string): string {
  const id = fromHex(orgId)
  if (id?.length !== ID_BYTES) throw new Refused(refusalOf(refuse.badInput('organisation', 'format')))
  return Principal.fromUint8Array(orgPrincipal(id)).toText()
}

/** The id, in hexadecimal, of the organisation that a share code stands for; null for any other text. */
export function organisationIdOf(shareCode: string): string | null {
  try {
    const orgId = orgIdOf(Principal.fromText(shareCode).toUint8Array())
    return orgId === null ? null : toHex(orgId)
  } catch {
    return null
  }
}
