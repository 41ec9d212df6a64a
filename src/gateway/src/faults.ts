import type { Fault, FaultCode, Refusal } from '@medguard/client'
import { type OperationOutcome, OperationOutcomeError } from './medplum.ts'

// What goes wrong, as FHIR says it. Words here are for developers of the institution: ids, codes and limits, never content of a record.

/** Ids by which FHIR's router knows the status of an outcome, also inside a batch. */
const OUTCOME_ID: Readonly<Record<number, string>> = {
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  410: 'gone',
  412: 'precondition-failed',
  413: 'content-too-large',
  415: 'unsupported-media-type',
  422: 'business-rule',
  429: 'too-many-requests',
  503: 'server-timeout',
}
type IssueCode = OperationOutcome['issue'][number]['code']

/** An answer that is an OperationOutcome. */
export class Refuse extends OperationOutcomeError {
  readonly status: number
  /** For 429 and 503: when to try again. */
  readonly retryAfterSeconds: number | null
  constructor(
    status: number,
    code: IssueCode,
    words: string,
    {
      retryAfterSeconds = null,
      issues = [],
    }: Partial<{ retryAfterSeconds: number | null; issues: OperationOutcome['issue'] }> = {},
  ) {
    super(outcomeOf(status, [{ severity: 'error', code, details: { text: words } }, ...issues]))
    this.status = status
    this.retryAfterSeconds = retryAfterSeconds
  }
}
export function outcomeOf(status: number, issue: OperationOutcome['issue']): OperationOutcome {
  const id = OUTCOME_ID[status]
  return { resourceType: 'OperationOutcome', ...(id === undefined ? {} : { id }), issue }
}

export const badInput = (words: string): Refuse => new Refuse(400, 'invalid', words)
export const notFound = (): Refuse =>
  new Refuse(404, 'not-found', 'nothing of this type and id is shared with this gateway now')
export const forbidden = (words: string): Refuse => new Refuse(403, 'forbidden', words)
export const unprocessable = (words: string): Refuse => new Refuse(422, 'business-rule', words)

/** A canister's refusal. */
export function refusalAnswer(refusal: Refusal): Refuse {
  switch (refusal.kind) {
    case 'NotSignedIn':
    case 'NotPermitted':
    case 'Unverified':
    case 'Paused':
    case 'ConsentEnded':
    case 'NotYet':
    case 'Expired':
      return forbidden(`refused: ${refusal.kind}`)
    case 'Busy':
      return new Refuse(429, 'throttled', 'the vault is busy', {
        retryAfterSeconds: Math.max(1, Math.ceil(refusal.retryAfterMs / 1000)),
      })
    case 'TooLarge':
      return new Refuse(413, 'too-long', `at most ${refusal.maxBytes} bytes`)
    case 'BadInput':
      return unprocessable(`refused: ${refusal.field} (${refusal.code})`)
    case 'Stale':
    case 'StaleEpoch':
      return new Refuse(412, 'conflict', 'somebody else stored a newer version: read it first')
    case 'AlreadyDone':
    case 'IdConflict':
      return new Refuse(409, 'conflict', `refused: ${refusal.kind}`)
    case 'Full':
      return unprocessable('the vault is full')
    case 'LogUnavailable':
    case 'NotReady':
    case 'LowCycles':
    case 'KeysUnavailable':
      return away(`the vault cannot act at the moment: ${refusal.kind}`)
  }
}

const FAULT_WORDS: Readonly<Record<FaultCode, string | null>> = {
  Unreachable: null,
  Uncertain: null,
  SessionEnded: null,
  BadReply: 'an answer of the network has a wrong shape',
  BadCertificate: 'an answer was not signed by the pinned network',
  Tampered: 'a record fails its checks',
  TooNew: 'a record was stored by a newer version of MedGuard than this gateway: update it',
  WrongKey: 'a key fails its check',
  ListIncomplete: 'a list fails its checks',
  LogBroken: 'the log fails its checks',
  UnknownLog: 'the network file lacks a canister of the log',
}

/** A broken world. What was asked for was not done, except where it says that it may have been. */
export function faultAnswer({ code }: Fault): Refuse {
  const words = FAULT_WORDS[code]
  if (words !== null) return new Refuse(502, 'exception', words)
  return away(
    code === 'Uncertain'
      ? 'no answer came: it may have been done; ask with If-None-Exist before sending again'
      : 'the network does not answer: nothing is given out that may not be shared any more',
  )
}
const AWAY_SECONDS = 5
const away = (words: string): Refuse => new Refuse(503, 'transient', words, { retryAfterSeconds: AWAY_SECONDS })
