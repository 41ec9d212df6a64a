// Where records were, and what they have to do with others.

/** A record version in another deployment. */
export interface RecordOrigin {
  readonly recordId: string
  readonly version: number
  readonly manifestHash: string
  /** Principal that stored it there. */
  readonly storedBy?: string
  /** It was the patient's own there. */
  readonly isOwn?: true
  /** RFC 3339, by that network's clock. */
  readonly storedAt?: string
}

/** Another record, and what this one has to do with it; ids in lower-case hexadecimal. */
export interface RecordLink {
  readonly recordId: string
  readonly version: number
  readonly relation: string
}
