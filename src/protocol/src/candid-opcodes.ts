/** Words and numbers that the guard and those who read a wire by themselves share. */

/** Why bytes are refused; a fixed word, never with data in it. */
export type GuardCode =
  | 'magic'
  | 'truncated'
  | 'trailing'
  | 'arguments'
  | 'types'
  | 'fields'
  | 'index'
  | 'kind'
  | 'order'
  | 'cycle'
  | 'zeroSize'
  | 'number'
  | 'length'
  | 'text'
  | 'value'
  | 'depth'
  | 'steps'

/** Opcodes of the types (Candid specification, "Types"), for those who read a wire by themselves. */
export const WIRE = {
  null: -1,
  bool: -2,
  nat8: -5,
  nat32: -7,
  nat64: -8,
  text: -15,
  reserved: -16,
  opt: -18,
  vec: -19,
  record: -20,
  variant: -21,
  principal: -24,
} as const
