import { Fault, type FaultCode, type Refusal } from '@medguard/client'
import { toTime } from './format.ts'

/** A refusal in the words of this edge. A new arm stops the build here. */
export function refusalText(refusal: Refusal): string {
  switch (refusal.kind) {
    case 'NotSignedIn':
      return 'This needs an identity: use --as NAME.'
    case 'NotPermitted':
      return 'Not permitted: it does not exist, or it is not shared with you.'
    case 'ConsentEnded':
      return `The patient's consent ended at ${toTime(refusal.endNs)}.`
    case 'LogUnavailable':
      return 'The access log could not be written, so nothing was opened. Try again.'
    case 'NotReady':
      return 'The service is still starting. Try again in a moment.'
    case 'Busy':
      return `Too much at once, or in one hour. Try again in ${Math.ceil(refusal.retryAfterMs / 1000)} s.`
    case 'AlreadyDone':
      return 'This very request was answered before. Ask again.'
    case 'StaleEpoch':
      return 'The key of this compartment has changed meanwhile. Try again.'
    case 'Stale':
      return `Somebody stored version ${refusal.current} meanwhile.`
    case 'IdConflict':
      return 'This id is taken by something else.'
    case 'Full':
      return 'A limit is reached. Remove or end something first.'
    case 'TooLarge':
      return `Too large: at most ${refusal.maxBytes} bytes.`
    case 'BadInput':
      if (refusal.field === 'author')
        return refusal.code === 'missing'
          ? 'This organisation signs what it stores. First: medguard author sign'
          : 'The key on this machine is not registered, or has ended. First: medguard author sign'
      return `Not accepted: ${refusal.field} (${refusal.code}).`
    case 'KeysUnavailable':
      return `The key service did not answer (code ${refusal.code}). Try again.`
    case 'Unverified':
      return 'Not a verified practitioner or organisation, or no longer: records are shared for care with verified ones only.'
    case 'Paused':
      return 'The patient has paused all sharing.'
    case 'NotYet':
      return `A waiting time is not over: from ${toTime(refusal.atNs)} on.`
    case 'LowCycles':
      return 'The service is short of cycles: stopping a share, reading the log and export still work.'
    case 'Expired':
      return 'Too old: whether it was stored is not known any more, so it was not stored again.'
    default:
      return refusal satisfies never
  }
}

const FAULT_TEXT: Record<FaultCode, string> = {
  Unreachable: 'The network could not be reached, or serves nobody at the moment. Nothing was done.',
  Uncertain: 'No answer came: the change may have happened. Run the command again to find out.',
  SessionEnded: 'The session has ended.',
  BadCertificate: 'An answer was not signed by the expected network. Nothing was shown.',
  BadReply: 'An answer had an unexpected shape, or the service failed over the question. Nothing was shown.',
  Tampered: 'The content is not what was stored. It is not shown.',
  TooNew: 'A newer version of MedGuard stored this, in a way that this one does not read. Update, then open it again.',
  WrongKey: 'The key service gave a key that fails its check. Nothing was opened.',
  ListIncomplete: 'The list hides or adds records. It is not shown.',
  LogBroken: 'The access log fails its own proofs.',
  UnknownLog: 'These lines are in a part of the log that the network file does not name. Ask for the present file.',
}
const NOBODY_THERE = 'Nothing answers at its address: is the network running, and is that what --network names?'

/** A fault in the words of this edge. An earlier try may have got through even where nobody listens now, so that adds to the words only. */
export function faultText(fault: Fault, onlyAsks = false): string {
  // Questions go as updates too, so that their answers are certified; without an answer they changed nothing.
  const words = FAULT_TEXT[onlyAsks && fault.code === 'Uncertain' ? 'Unreachable' : fault.code]
  return isConnectionRefused(fault) ? `${words}\n${NOBODY_THERE}` : words
}

/** Agents put the system's own error several causes deep, some of them under a code. */
function isConnectionRefused(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown }
  if (code === 'ECONNREFUSED') return true
  const below = typeof code === 'object' && code !== null && 'error' in code ? code.error : undefined
  return isConnectionRefused(cause) || isConnectionRefused(below)
}
