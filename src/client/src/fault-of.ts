import {
  AgentError,
  CertificateOutdatedErrorCode,
  ErrorKindEnum,
  HttpErrorCode,
  TimeoutWaitingForResponseErrorCode,
} from '@dfinity/agent'
import { Fault, type FaultCode } from './api.ts'

/**
 * Sorts whatever the agent throws. An update without an answer is `Uncertain`, never "failed": it may have happened, and asking again with
 * the same ids settles it (I27).
 */
export function faultOf(error: unknown, mode: 'update' | 'query'): Fault {
  if (error instanceof Fault) return error
  return new Fault(codeOf(error, mode), error instanceof Error ? error.message : 'the call failed', { cause: error })
}

function codeOf(error: unknown, mode: 'update' | 'query'): FaultCode {
  const unanswered = mode === 'update' ? 'Uncertain' : 'Unreachable'
  if (!(error instanceof AgentError)) return error instanceof TypeError ? unanswered : 'BadReply'
  if (error.hasCode(TimeoutWaitingForResponseErrorCode) || error.hasCode(CertificateOutdatedErrorCode))
    return unanswered
  if (error.hasCode(HttpErrorCode)) return isExpiredSession(error.message) ? 'SessionEnded' : unanswered
  switch (error.kind) {
    case ErrorKindEnum.Trust:
      return 'BadCertificate'
    case ErrorKindEnum.Transport:
    case ErrorKindEnum.Limit:
      return unanswered
    case ErrorKindEnum.Reject: // the canister is stopped, upgraded or trapped: nothing of this message was kept
      return 'Unreachable'
    case ErrorKindEnum.Protocol:
    case ErrorKindEnum.External:
    case ErrorKindEnum.Input:
    case ErrorKindEnum.Unknown:
    default:
      return 'BadReply'
  }
}

function isExpiredSession(message: string): boolean {
  return /delegation has expired|Invalid delegation expiry/i.test(message)
}
