import type { Outcome } from './api.ts'

/** A word by which somebody finds records of one's own again. */
export interface Tag {
  /** 8 hexadecimal digits, of this device alone: for addresses, in which the word itself has no place. */
  readonly id: string
  readonly name: string
  /** Ids of the records that have it. */
  readonly records: readonly string[]
}

/** Tags stay on this device, sealed under the vault's own key: no canister has them or learns on which record they are, and nobody that a record is shared with. */
export interface TagMethods {
  /** The latest given first. Not logged. */
  tags(): Promise<Outcome<readonly Tag[]>>
  /**
   * Gives records a tag, or takes it off them; one that is on no record any more is gone. Answers as `tags`. `BadInput` for a name of over 40 characters or of
   * more than one line, and for one tag too many.
   */
  tagRecords(change: {
    readonly name: string
    readonly recordIds: readonly string[]
    readonly isOn: boolean
  }): Promise<Outcome<readonly Tag[]>>
}
