import {
  type ArgOf,
  BYTES_PER_ACCOUNT_MAX,
  BYTES_STORED_MAX,
  encodeFields,
  equalBytes,
  EVENT,
  HASH_BYTES,
  ID_BYTES,
  LINK_ATTEMPTS_MAX,
  LINK_BYTES_MAX,
  LINK_CONTENT_TYPES,
  LINK_END,
  LINK_FILES_MAX,
  LINK_LABEL_BYTES_MAX,
  LINK_PERIOD_MAX_NS,
  LINKS_LIVE_MAX,
  type LinkView,
  POWER,
  type RecordsService,
  refuse,
  type RefusalArm,
  type RetOf,
  RIGHT,
} from '@medguard/protocol'
import {
  BUDGET_TAG,
  budgetKey,
  changesOf,
  decodeUtf8,
  encodeUtf8,
  nowNs,
  payerOf,
  powersToGive,
  sameBytes,
  sameShort,
  vaultNamed,
} from '@medguard/shared'
import { type Context, ZERO_ID } from './context.ts'
import type { Link } from './link-book.ts'
import { wrongIds } from './rules.ts'

/** Links for people without an account: made, listed and ended by the patient and whoever shares in their place. What opens them is in `link-http.ts`. */

type Make = ArgOf<RecordsService['makeLink']>

/** What it takes to show others somebody's records. */
const TO_SHOW = powersToGive(RIGHT.open)
const ORIGIN = /^https?:\/\/[a-z0-9.-]{1,80}(:\d{1,5})?$/
const NO_PASSCODE = { salt: new Uint8Array(ID_BYTES), verifier: new Uint8Array(HASH_BYTES), attemptsMax: 0 }
const NOBODY = new Uint8Array(0)

/** The name of a link to everybody but those who open it: it tells nothing of the token. */
export const linkIdOf = (tokenHash: Uint8Array): Uint8Array => tokenHash.slice(0, ID_BYTES)

export function makeLink(context: Context, arg: Make, caller: Uint8Array): RetOf<RecordsService['makeLink']> {
  const { store, outbox, facts, budgets } = context
  const now = nowNs()
  const wrong = wrongLink(arg, now)
  if (wrong !== null) return { Err: wrong }
  const vault = vaultNamed(arg.patientId[0], caller, facts, TO_SHOW, now)
  if (vault === null) return { Err: refuse.notPermitted }
  const { patientId } = vault
  if (store.people.outlasts(patientId, caller, arg.endNs)) return { Err: refuse.badInput('endNs', 'range') }
  const { tokenHash, label, endNs } = arg
  const linkId = linkIdOf(tokenHash)
  const present = store.links.get(linkId)
  if (present !== undefined) {
    const isSame =
      equalBytes(present.tokenHash, tokenHash) &&
      equalBytes(present.patientId, patientId) &&
      equalBytes(store.links.label(linkId), label) &&
      present.endNs === endNs
    return isSame ? { Ok: { linkId } } : { Err: refuse.idConflict }
  }
  if (outbox.isFull(patientId)) return { Err: refuse.logUnavailable }
  const wrongFile = refuseFiles(arg.files)
  if (wrongFile !== null) return { Err: wrongFile }
  let live = 0
  for (const id of store.links.idsOf(patientId)) if (standing(context, id).kind === 'live') live++
  const sizeBytes = sizeOf(arg.files)
  const isFull =
    live >= LINKS_LIVE_MAX ||
    store.usage(patientId).sizeBytes + BigInt(sizeBytes) > BYTES_PER_ACCOUNT_MAX ||
    store.blobs.storedBytes() + BigInt(sizeBytes) > BYTES_STORED_MAX
  if (isFull) return { Err: refuse.full }
  const wait = changesOf(budgets, payerOf(arg.patientId[0], vault, caller, facts), now).take()
  if (wait !== null) return { Err: wait }
  const [passcode] = arg.passcode
  const { salt, verifier, attemptsMax } = passcode ?? NO_PASSCODE
  store.links.add(
    linkId,
    {
      patientId,
      giverId: facts.account(caller)?.patientId ?? patientId,
      tokenHash,
      madeNs: now,
      endNs,
      hasPasscode: passcode !== undefined,
      attemptsMax,
      attemptsLeft: attemptsMax,
      salt,
      verifier,
      fileKey: arg.fileKey,
    },
    { label, origin: encodeUtf8(arg.origin), files: arg.files },
  )
  outbox.queue({
    event: EVENT.linkMade,
    actor: caller,
    patientId,
    objectId: linkId,
    requestId: arg.requestId,
    fields: encodeFields('linkMade', { endNs, attempts: attemptsMax, sizeBytes }),
  })
  context.sweepLinks()
  return { Ok: { linkId } }
}

export function links(
  context: Context,
  arg: ArgOf<RecordsService['links']>,
  caller: Uint8Array,
): RetOf<RecordsService['links']> {
  const { store, facts } = context
  const wrong = wrongIds({ patientId: arg.patientId[0] ?? null })
  if (wrong !== null) return { Err: wrong }
  const vault = vaultNamed(arg.patientId[0], caller, facts, POWER.share, nowNs())
  if (vault === null) return { Err: refuse.notPermitted }
  return { Ok: store.links.idsOf(vault.patientId).map((linkId) => viewOf(context, linkId)) }
}

export function endLink(
  context: Context,
  { patientId: [named], linkId, requestId }: ArgOf<RecordsService['endLink']>,
  caller: Uint8Array,
): RetOf<RecordsService['endLink']> {
  const { store, facts } = context
  const wrong = wrongIds({ linkId, requestId, patientId: named ?? null })
  if (wrong !== null) return { Err: wrong }
  const vault = vaultNamed(named, caller, facts, POWER.share, nowNs())
  if (vault === null) return { Err: refuse.notPermitted }
  const link = store.links.get(linkId)
  if (link === undefined || !sameShort(link.patientId, vault.patientId)) return { Err: refuse.notPermitted }
  if (link.endedNs === 0n) end(context, { linkId, link, why: LINK_END.stopped, actor: caller, requestId })
  return { Ok: null }
}

/** Whether a link gives something now. Changes nothing: a query asks too. */
export function standingOf({ store, facts }: Pick<Context, 'store' | 'facts'>, link: Link): 'live' | 'paused' | number {
  const now = nowNs()
  if (link.endedNs !== 0n) return link.why
  if (store.erasures.has(link.patientId)) return LINK_END.stopped
  if (now >= link.endNs) return LINK_END.expired
  if (!equalBytes(link.giverId, link.patientId)) {
    const giver = store.vaultOf(link.giverId)
    const powers = giver === undefined ? 0 : store.people.powers(link.patientId, giver, now)
    if ((powers & TO_SHOW) !== TO_SHOW) return LINK_END.giverLeft
  }
  return facts.isPaused(link.patientId) ? 'paused' : 'live'
}

type Standing = { readonly kind: 'live'; readonly link: Link } | { readonly kind: 'paused' | 'over' }

/** The same, and from this message on a link that is over has ended. */
export function standing(
  context: Pick<Context, 'store' | 'facts' | 'outbox' | 'collect'>,
  linkId: Uint8Array,
): Standing {
  const link = context.store.links.get(linkId)
  if (link === undefined) return { kind: 'over' }
  const stands = standingOf(context, link)
  if (stands === 'live') return { kind: 'live', link }
  if (stands === 'paused') return { kind: 'paused' }
  if (link.endedNs === 0n && !context.store.erasures.has(link.patientId))
    end(context, { linkId, link, why: stands, actor: NOBODY, requestId: ZERO_ID })
  return { kind: 'over' }
}

/** Ends a link that lives: its content is gone from this message on. */
export function end(
  { store, outbox, collect }: Pick<Context, 'store' | 'outbox' | 'collect'>,
  {
    linkId,
    link,
    why,
    actor,
    requestId,
  }: { linkId: Uint8Array; link: Link; why: number; actor: Uint8Array; requestId: Uint8Array },
): void {
  store.links.end(linkId, link, { endedNs: nowNs(), why })
  forgetBudget({ store }, linkId)
  outbox.queue({
    event: EVENT.linkEnded,
    actor,
    patientId: link.patientId,
    objectId: linkId,
    requestId,
    fields: encodeFields('linkEnded', { why }),
  })
  collect()
}

export const forgetBudget = ({ store }: Pick<Context, 'store'>, linkId: Uint8Array): void =>
  store.budgetRows.delete(budgetKey(BUDGET_TAG.linkOpening, linkId))

/** What somebody showed in a patient's place ends when they may not any more. */
export function endLinksGivenBy(
  context: Pick<Context, 'store' | 'outbox' | 'collect'>,
  by: { patientId: Uint8Array; giverId: Uint8Array; actor: Uint8Array; requestId: Uint8Array },
): void {
  const { store } = context
  for (const linkId of store.links.idsOf(by.patientId)) {
    const link = store.links.get(linkId)
    if (link?.endedNs === 0n && equalBytes(link.giverId, by.giverId))
      end(context, { linkId, link, why: LINK_END.giverLeft, actor: by.actor, requestId: by.requestId })
  }
}

/** Links that one run of the sweeper ends. */
const SWEPT_AT_ONCE = 20
const SWEEP_SECONDS = 3600

/**
 * Takes the content of links away within two hours of their end, by a timer that is asked for when one is made and after an upgrade. A link that is over opens nothing in any
 * case: that is looked at when somebody tries.
 */
export function createLinkSweeper(
  context: Pick<Context, 'store' | 'facts' | 'outbox' | 'collect'>,
  schedule: (delaySeconds: number, job: () => void) => void,
): () => void {
  let isArmed = false
  return function arm() {
    if (isArmed || context.store.links.live() === 0n) return
    isArmed = true
    const run = () => {
      const { ids, isMore } = context.store.links.due(nowNs(), SWEPT_AT_ONCE)
      for (const linkId of ids) standing(context, linkId)
      if (isMore) return schedule(0, run)
      isArmed = false
      arm()
    }
    schedule(SWEEP_SECONDS, run)
  }
}

function viewOf(context: Context, linkId: Uint8Array): LinkView {
  const { store } = context
  standing(context, linkId)
  const link = store.links.get(linkId)
  if (link === undefined) throw new Error('a link that is listed is there')
  const { madeNs, endNs, endedNs, why, hasPasscode, attemptsMax, attemptsLeft, sizeBytes, openings } = link
  const ended: LinkView['ended'] = endedNs === 0n ? [] : [{ atNs: endedNs, why }]
  return {
    linkId,
    label: store.links.label(linkId),
    madeNs,
    endNs,
    ended,
    hasPasscode,
    attemptsMax,
    attemptsLeft,
    sizeBytes,
    openings,
    lastOpenings: store.links
      .openings(linkId)
      .map(({ atNs, recipient }) => ({ atNs, recipient: decodeUtf8(recipient) })),
  }
}

function refuseFiles(files: Make['files']): RefusalArm | null {
  if (files.some(({ jwe }, i) => files.slice(0, i).some((other) => sameBytes(other.jwe, jwe))))
    return refuse.badInput('files', 'duplicate')
  return files.every(({ jwe }) => isCompact(jwe)) ? null : refuse.badInput('files', 'format')
}

const sizeOf = (files: Make['files']): number => files.reduce((sum, { jwe }) => sum + jwe.length, 0)

/** What can be told without looking at content. */
function wrongLink(arg: Make, now: bigint): RefusalArm | null {
  const wrong = wrongIds({ requestId: arg.requestId, patientId: arg.patientId[0] ?? null })
  if (wrong !== null) return wrong
  if (arg.tokenHash.length !== HASH_BYTES) return refuse.badInput('tokenHash', 'length')
  if (arg.fileKey.length !== HASH_BYTES) return refuse.badInput('fileKey', 'length')
  if (arg.label.length > LINK_LABEL_BYTES_MAX) return refuse.badInput('label', 'length')
  if (!ORIGIN.test(arg.origin)) return refuse.badInput('origin', 'format')
  if (arg.endNs <= now) return refuse.badInput('endNs', 'past')
  if (arg.endNs > now + LINK_PERIOD_MAX_NS) return refuse.badInput('endNs', 'range')
  const [passcode] = arg.passcode
  if (passcode !== undefined) {
    if (passcode.salt.length !== ID_BYTES || passcode.verifier.length !== HASH_BYTES)
      return refuse.badInput('passcode', 'length')
    if (passcode.attemptsMax < 1 || passcode.attemptsMax > LINK_ATTEMPTS_MAX)
      return refuse.badInput('attemptsMax', 'range')
  }
  const { files } = arg
  if (files.length < 1 || files.length > LINK_FILES_MAX) return refuse.badInput('files', 'range')
  if (files.some(({ contentType }) => contentType >= LINK_CONTENT_TYPES.length))
    return refuse.badInput('contentType', 'range')
  return sizeOf(files) > LINK_BYTES_MAX ? refuse.tooLarge(LINK_BYTES_MAX) : null
}

const PIECE_BYTES = 4096

/**
 * Whether it looks like a JWE in compact form: it is put into JSON as it is. What addresses need not escape has nothing in it that JSON would, and a native function
 * that looks costs a sixth of a regular expression.
 */
function isCompact(jwe: Uint8Array): boolean {
  let dots = 0
  for (let at = 0; at < jwe.length; at += PIECE_BYTES) {
    const piece = String.fromCharCode.apply(null, jwe.subarray(at, at + PIECE_BYTES) as unknown as number[])
    if (encodeURIComponent(piece).length !== piece.length) return false
    for (let dot = piece.indexOf('.'); dot >= 0; dot = piece.indexOf('.', dot + 1)) dots++
    if (dots > 4) return false
  }
  return dots === 4
}
