import type { Outcome } from './api.ts'

/** What the signed-in person calls somebody. */
export interface NamedPerson {
  /** Share code. */
  readonly code: string
  readonly name: string
}

/** Names for others stay on this device, sealed under the vault's own key: no canister has them, and nobody that a record is shared with. */
export interface NameMethods {
  /** The latest named first. Not logged. */
  names(): Promise<Outcome<readonly NamedPerson[]>>
  /** Gives the name, or takes it back where it is empty. Answers as `names`. `BadInput` for a name of over 80 characters, or of more than one line. */
  nameSomebody(person: NamedPerson): Promise<Outcome<readonly NamedPerson[]>>
}
