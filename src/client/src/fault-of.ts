import {
  AgentError,
  CertificateOutdatedErrorCode,
  CertifiedRejectErrorCode,
  ErrorKindEnum,
  HttpErrorCode,
  MissingSignatureErrorCode,
  ReplicaRejectCode,
  TimeoutWaitingForResponseErrorCode,
  UncertifiedRejectErrorCode,
  UncertifiedRejectUpdateErrorCode,
} from '@dfinity/agent'
import { Fault, type FaultCode } from './api.ts'

type Mode = 'update' | 'query'

/**
 * Sorts whatever the agent throws. An update without an answer is `Uncertain`, never "failed": it may have happened, and asking again with
 * the same ids settles it (I27).
 */
export function faultOf(error: unknown, mode: Mode): Fault {
  if (error instanceof Fault) return error
  return new Fault(codeOf(error, mode), error instanceof Error ? error.message : 'the call failed', { cause: error })
}

function codeOf(error: unknown, mode: Mode): FaultCode {
  const unanswered = mode === 'update' ? 'Uncertain' : 'Unreachable'
  if (!(error instanceof AgentError)) return error instanceof TypeError ? unanswered : 'BadReply'
  if (error.hasCode(TimeoutWaitingForResponseErrorCode) || error.hasCode(CertificateOutdatedErrorCode))
    return unanswered
  // The agent has no keys to check an answer with. Where one came all the same, `askQuery` has said so.
  if (error.hasCode(MissingSignatureErrorCode)) return unanswered
  if (error.hasCode(HttpErrorCode)) return isExpiredSession(error.message) ? 'SessionEnded' : unanswered
  switch (error.kind) {
    case ErrorKindEnum.Trust:
      return 'BadCertificate'
    case ErrorKindEnum.Transport:
    case ErrorKindEnum.Limit:
      return unanswered
    case ErrorKindEnum.Reject:
      return codeOfReject(error, mode)
    case ErrorKindEnum.Unknown: // such as: the network did it and has forgotten the answer
      return mode === 'update' ? 'Uncertain' : 'BadReply'
    case ErrorKindEnum.Protocol:
    case ErrorKindEnum.External:
    case ErrorKindEnum.Input:
    default:
      return 'BadReply'
  }
}

/** The network did not get as far as running the message (interface specification, "Reject codes"). */
const NEVER_RAN: ReadonlySet<ReplicaRejectCode> = new Set([
  ReplicaRejectCode.SysFatal,
  ReplicaRejectCode.SysTransient,
  ReplicaRejectCode.DestinationInvalid,
])
/** Error codes that share CANISTER_ERROR with traps: out of cycles, stopped, stopping, without a module. */
const NOT_SERVING: ReadonlySet<string> = new Set(['IC0207', 'IC0508', 'IC0509', 'IC0537'])

/**
 * A trap is no "nothing happened": it undoes a message back to its last `await` only, so an update that trapped may have left a leaf or a lock
 * behind. A query that trapped is a canister that fails over a question, which no retry over another road mends.
 */
function codeOfReject(error: AgentError, mode: Mode): FaultCode {
  const { code } = error
  const isReject =
    code instanceof CertifiedRejectErrorCode ||
    code instanceof UncertifiedRejectErrorCode ||
    code instanceof UncertifiedRejectUpdateErrorCode
  if (!isReject) return mode === 'update' ? 'Uncertain' : 'BadReply'
  if (NEVER_RAN.has(code.rejectCode) || NOT_SERVING.has(code.rejectErrorCode ?? '')) return 'Unreachable'
  if (code.rejectCode === ReplicaRejectCode.CanisterReject) return 'BadReply' // its own refusal to look at the message
  return mode === 'update' ? 'Uncertain' : 'BadReply'
}

function isExpiredSession(message: string): boolean {
  return /delegation has expired|Invalid delegation expiry/i.test(message)
}
