import type { FaultCode, Refusal } from '@medguard/client'
import { momentText, msOf, sizeText } from './dates.ts'
import { unreachable } from './unreachable.ts'

// The one place where refusals and faults become words. A new arm stops the build here.

export interface Words {
  readonly title: string
  /** What it means and what to do now. */
  readonly text: string
  /** Whether asking again may help. */
  readonly again: boolean
}

export function refusalText(refusal: Refusal, nowMs = Date.now()): Words {
  switch (refusal.kind) {
    case 'NotSignedIn':
      return { title: 'You are signed out', text: 'Sign in again to go on.', again: false }
    case 'NotPermitted':
      return {
        title: 'Not shared with you',
        text: 'There is nothing here that you can open. If somebody meant to share it with you, ask them to check the share code they used.',
        again: false,
      }
    case 'ConsentEnded':
      return {
        title: 'Access ended',
        text: `Access ended at ${momentText(msOf(refusal.endNs), nowMs)}. The person can share with you again.`,
        again: false,
      }
    case 'LogUnavailable':
      return {
        title: 'Nothing was opened',
        text: 'Every access is written down before anything opens, and the access log could not be reached. Try again in a moment.',
        again: true,
      }
    case 'NotReady':
      return { title: 'Not ready yet', text: 'MedGuard is still being set up. Try again in a minute.', again: true }
    case 'Busy':
      return {
        title: 'Too many requests at once',
        text: `MedGuard limits how often this can be done. Try again in ${waitText(refusal.retryAfterMs)}.`,
        again: true,
      }
    case 'AlreadyDone':
      return { title: 'Already answered', text: 'This request had been answered before. Ask again.', again: true }
    case 'StaleEpoch':
      return {
        title: 'Updating protection',
        text: 'The protection of these records has just been renewed. Try again, and they open with the new one.',
        again: true,
      }
    case 'Stale':
      return {
        title: 'Changed somewhere else',
        text: `Version ${refusal.current} was saved before yours. Look at it, then save again.`,
        again: false,
      }
    case 'IdConflict':
      return {
        title: 'Not saved',
        text: 'Something else was saved under the same number. Try again, and it gets a new one.',
        again: true,
      }
    case 'Full':
      return {
        title: 'No room left',
        text: 'A limit is reached: too many records, uploads or shares at once. End or finish one first.',
        again: false,
      }
    case 'TooLarge':
      return {
        title: 'Too large',
        text: `The most that can be saved in one go is ${sizeText(refusal.maxBytes)}.`,
        again: false,
      }
    case 'BadInput':
      return {
        title: 'Not accepted',
        text: `Something in the form was not accepted (${refusal.field}: ${refusal.code}). Change it and try again.`,
        again: false,
      }
    case 'KeysUnavailable':
      return {
        title: 'Could not unlock',
        text: 'The service that unlocks records did not answer. It is us, not you. Your records are safe; try again in a minute.',
        again: true,
      }
    case 'Unverified':
      return {
        title: 'Not verified',
        text: 'Records can be shared for care only with practitioners and organisations that have been verified, and this one is not, or no longer.',
        again: false,
      }
    case 'Paused':
      return {
        title: 'Sharing is paused',
        text: 'The person has paused all sharing for now. Ask them when you need it.',
        again: true,
      }
    case 'NotYet':
      return {
        title: 'Not possible yet',
        text: `This can be done from ${momentText(msOf(refusal.atNs), nowMs)} on.`,
        again: true,
      }
    case 'LowCycles':
      return {
        title: 'Only the most important works',
        text: 'MedGuard is short of what it pays its network with. You can still stop sharing, read the access log and export.',
        again: true,
      }
    default:
      return unreachable(refusal)
  }
}

export function faultText(code: FaultCode): Words {
  switch (code) {
    case 'Unreachable':
      return {
        title: 'No connection to MedGuard',
        text: 'Nothing was changed. Check your connection and try again.',
        again: true,
      }
    case 'Uncertain':
      return {
        title: 'No answer came back',
        text: 'It was sent and may have gone through. Look whether it did before you try again.',
        again: true,
      }
    case 'SessionEnded':
      return { title: 'Your session has ended', text: 'Sign in again to go on where you were.', again: false }
    case 'BadCertificate':
      return {
        title: 'The answer was not genuine',
        text: 'It was not signed by the network MedGuard runs on, so it was thrown away. Do not use this connection for health records.',
        again: true,
      }
    case 'BadReply':
      return {
        title: 'The answer made no sense',
        text: 'MedGuard and this page do not understand each other. Reload the page; if it stays, the page is out of date.',
        again: true,
      }
    case 'Tampered':
      return {
        title: 'This is not what was stored',
        text: 'The content fails its check, so it is not shown. Somebody or something has changed it after it was saved.',
        again: true,
      }
    case 'WrongKey':
      return {
        title: 'Unlocking failed its check',
        text: 'The service that unlocks records gave a wrong answer, so nothing was opened. Try again later.',
        again: true,
      }
    case 'ListIncomplete':
      return {
        title: 'This list is not complete',
        text: 'Records are hidden, added or moved compared with what was stored, so the list is not shown.',
        again: true,
      }
    case 'LogBroken':
      return {
        title: 'The access log fails its check',
        text: 'Entries are missing or were changed. Do not rely on the log until this is explained.',
        again: true,
      }
    default:
      return unreachable(code)
  }
}

function waitText(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000))
  if (seconds < 60) return seconds === 1 ? 'a second' : `${seconds} seconds`
  const minutes = Math.ceil(seconds / 60)
  return minutes === 1 ? 'a minute' : `${minutes} minutes`
}
