import type { RecordSummary, Signature } from '@medguard/client'
import { toTime } from './format.ts'
import type { Identities } from './identities.ts'

/** What a signature says of whose a record is; null where there is nothing to say. */
export function signatureWords(signature: Signature | undefined, identities: Identities): string | null {
  if (signature === undefined) return null
  const nameOf = (principal: string) => identities.nameOf(principal) ?? principal
  switch (signature.kind) {
    case 'signed':
      return `signed by ${nameOf(signature.by)}, whose key is registered since ${toTime(signature.keyFromNs)}`
    case 'keyEnded':
      return `signed with a key that ${nameOf(signature.by)} had ended at ${toTime(signature.keyUntilNs)}: it may be somebody else's`
    case 'unsigned':
      return signature.isExpected ? 'not signed, though it came through an organisation that signs' : null
    case 'wrong':
      return 'signed by nobody, though it says so'
    case 'unchecked':
      return `said to be signed by ${nameOf(signature.by)}; this machine cannot check that kind of key`
    default:
      return signature satisfies never
  }
}

/** The same in a word, for a table. */
export function signatureMark({ signature }: RecordSummary): string {
  switch (signature?.kind) {
    case undefined:
      return ''
    case 'signed':
      return 'signed'
    case 'keyEnded':
      return 'key ended'
    case 'unsigned':
      return signature.isExpected ? 'unsigned' : ''
    case 'wrong':
      return 'forged'
    case 'unchecked':
      return 'unchecked'
    default:
      return signature satisfies never
  }
}
