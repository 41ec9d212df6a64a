const RESERVED_ID_TAG = [0x02, 0x7f]

/** The principal that stands for a dependant: of the network's reserved form, so that nobody can ever sign as it. */
export function dependantPrincipal(accountId: Uint8Array): Uint8Array {
  const principal = new Uint8Array(accountId.length + RESERVED_ID_TAG.length)
  principal.set(accountId)
  principal.set(RESERVED_ID_TAG, accountId.length)
  return principal
}
/** Whether a raw principal is one of those. */
export const isDependantPrincipal = (principal: Uint8Array): boolean =>
  principal.length === 18 && principal[16] === RESERVED_ID_TAG[0] && principal[17] === RESERVED_ID_TAG[1]
