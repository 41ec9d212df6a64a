/**
 * In which role an entry point runs; the System API allows a function in some of them only.
 * interface specification, "Overview of imports". Values are bits, so that a set of modes is one number.
 */
export const MODE = {
  start: 1,
  init: 2,
  preUpgrade: 4,
  update: 8,
  replicatedQuery: 16,
  query: 32,
  compositeQuery: 64,
  replyCallback: 128,
  rejectCallback: 256,
  compositeReplyCallback: 512,
  compositeRejectCallback: 1024,
  cleanup: 2048,
  compositeCleanup: 4096,
  inspect: 8192,
  task: 16384,
  transform: 32768,
} as const

export type Mode = (typeof MODE)[keyof typeof MODE]

/** A set of modes. */
export type Modes = number

/** The replica's words, used in the text of IC0504. */
const MODE_NAMES: Record<Mode, string> = {
  [MODE.start]: 'start',
  [MODE.init]: 'init',
  [MODE.preUpgrade]: 'pre upgrade',
  [MODE.update]: 'update',
  [MODE.replicatedQuery]: 'replicated query',
  [MODE.query]: 'non replicated query',
  [MODE.compositeQuery]: 'composite query',
  [MODE.replyCallback]: 'reply callback',
  [MODE.rejectCallback]: 'reject callback',
  [MODE.compositeReplyCallback]: 'composite reply callback',
  [MODE.compositeRejectCallback]: 'composite reject callback',
  [MODE.cleanup]: 'cleanup',
  [MODE.compositeCleanup]: 'composite cleanup',
  [MODE.inspect]: 'inspect message',
  [MODE.task]: 'system task',
  [MODE.transform]: 'canister http outcall transform',
}

export const modeName = (mode: Mode): string => MODE_NAMES[mode]

export const ALL_MODES: Modes = (1 << 16) - 1
/** The `*` of the specification's table: everything but the start function. */
export const ANY_MODE: Modes = ALL_MODES & ~MODE.start

export const REPLIED_OR_REJECTED: Modes = MODE.replyCallback | MODE.rejectCallback
export const COMPOSITE_CALLBACKS: Modes = MODE.compositeReplyCallback | MODE.compositeRejectCallback
const QUERIES: Modes = MODE.replicatedQuery | MODE.query | MODE.compositeQuery

/** Where there is an argument, or a reply that stands in its place. */
export const WITH_ARGUMENT: Modes =
  MODE.init | MODE.update | QUERIES | MODE.replyCallback | MODE.compositeReplyCallback | MODE.inspect | MODE.transform
/** Where the call may be answered. */
const CALLED: Modes = MODE.update | QUERIES | REPLIED_OR_REJECTED | COMPOSITE_CALLBACKS
export const ANSWERING: Modes = CALLED | MODE.transform
/** Where calls may be made. */
export const CALLING: Modes = MODE.update | MODE.compositeQuery | REPLIED_OR_REJECTED | COMPOSITE_CALLBACKS | MODE.task
/** Where calls may carry cycles. */
export const PAYING: Modes = MODE.update | REPLIED_OR_REJECTED | MODE.task
/** Where cycles that came with the call may be taken. */
export const EARNING: Modes = MODE.update | MODE.replicatedQuery | REPLIED_OR_REJECTED
export const REFUNDED: Modes = REPLIED_OR_REJECTED
export const BURNING: Modes =
  MODE.init | MODE.preUpgrade | MODE.update | MODE.replicatedQuery | REPLIED_OR_REJECTED | MODE.cleanup | MODE.task
export const CERTIFYING: Modes = MODE.init | MODE.preUpgrade | MODE.update | REPLIED_OR_REJECTED | MODE.task
export const SETTING_TIMER: Modes = CERTIFYING | MODE.cleanup
export const ROOT_KEY: Modes = BURNING
export const WITH_CERTIFICATE: Modes = MODE.query | MODE.compositeQuery
export const WITH_REJECT_CODE: Modes = REPLIED_OR_REJECTED | COMPOSITE_CALLBACKS | MODE.cleanup
export const WITH_REJECT_MESSAGE: Modes = MODE.rejectCallback | MODE.compositeRejectCallback
export const WITH_DEADLINE: Modes = CALLED
export const WITH_CALLER_INFO: Modes = CALLED | MODE.cleanup | MODE.compositeCleanup | MODE.inspect

/** Modes whose effects every replica agrees on. */
export const REPLICATED: Modes =
  MODE.start |
  MODE.init |
  MODE.preUpgrade |
  MODE.update |
  MODE.replicatedQuery |
  REPLIED_OR_REJECTED |
  MODE.cleanup |
  MODE.task
