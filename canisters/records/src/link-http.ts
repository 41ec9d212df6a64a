import {
  ascii,
  concatBytes,
  CYCLES_RESERVE,
  detailFields,
  encodeFields,
  equalBytes,
  EVENT,
  fromBase64Url,
  isCleanName,
  LEAF_FLAG,
  LINK_CONTENT_TYPES,
  LINK_END,
  LINK_FILE_LIFE_NS,
  LINK_OPENINGS_IN_ALL_PER_HOUR,
  LINK_OPENINGS_PER_HOUR,
  LINK_PASSCODE_CHARS_MAX,
  LINK_PASSCODE_ROUNDS,
  LINK_RECIPIENT_CHARS_MAX,
  LINK_REQUEST_BYTES_MAX,
  NS_PER_SECOND,
  toBase64Url,
} from '@medguard/protocol'
import {
  BUDGET_TAG,
  budgetKey,
  cycleBalance,
  decodeUtf8,
  encodeUtf8,
  hmac,
  type HttpHandlers,
  type HttpRequest,
  type HttpResponse,
  nowNs,
  pbkdf2,
  problem,
  type ProblemStatus,
  sameSecret,
  sha256,
  takeFromAll,
} from '@medguard/shared'
import { type Context, ZERO_ID } from './context.ts'
import type { Link, LinkContent } from './link-book.ts'
import { end, linkIdOf, standing, standingOf } from './links.ts'

/**
 * The road of whoever has a link and no account (SMART Health Links, "SHLink Manifest Request"): plain HTTPS from any page. One answer, 404, for a link that never was, one that is
 * over and one whose patient has paused all sharing. The content leaves after the log has acknowledged its line, and only if the link still lives then.
 */

const ROUTE = /^\/links\/([A-Za-z0-9_-]{43})(?:\/(\d)-(\d{10,12})-([A-Za-z0-9_-]{43}))?(?:\?.*)?$/
export const isLinkPath = ({ url }: HttpRequest): boolean => url.startsWith('/links/')

/** From any page: a viewer has no cookies of ours, and the token is in the address. */
const OPEN_TO_ALL = [['access-control-allow-origin', '*']] as const
const PREFLIGHT: HttpResponse = {
  status: 204,
  fields: [
    ...OPEN_TO_ALL,
    ['access-control-allow-methods', 'GET, POST, OPTIONS'],
    ['access-control-allow-headers', 'content-type'],
    ['access-control-max-age', '7200'],
  ],
  body: new Uint8Array(0),
}
const UPGRADE: HttpResponse = { status: 200, fields: [], body: new Uint8Array(0), upgrade: true }
const ALWAYS = [['cache-control', 'no-store'], ['x-content-type-options', 'nosniff'], ...OPEN_TO_ALL] as const

const refused = (
  status: ProblemStatus,
  code: string,
  more: readonly (readonly [string, string])[] = [],
): HttpResponse => problem(status, code, {}, [...OPEN_TO_ALL, ...more])
const NOT_FOUND = refused(404, 'link')
const UNAVAILABLE = refused(503, 'LogUnavailable', [['retry-after', '60']])
const answer = (status: number, type: string, body: Uint8Array): HttpResponse => ({
  status,
  fields: [['content-type', type], ...ALWAYS],
  body,
})
const wrongPasscode = (remainingAttempts: number): HttpResponse =>
  answer(401, 'application/json', ascii(JSON.stringify({ remainingAttempts })))

export function createLinkHttp(context: Context): Pick<HttpHandlers, 'query' | 'update'> {
  const respond = (request: HttpRequest, manifest: (token: string) => HttpResponse | Promise<HttpResponse>) => {
    const { method, url, body } = request
    const [, token, index, untilSeconds, mark] = ROUTE.exec(url) ?? []
    if (token === undefined) return refused(404, 'path')
    if (method === 'OPTIONS') return PREFLIGHT
    const isFile = index !== undefined && untilSeconds !== undefined && mark !== undefined
    const allow = isFile ? 'GET' : 'POST'
    if (method !== allow) return refused(405, 'method', [['allow', `${allow}, OPTIONS`]])
    if (isFile) return giveFile(context, token, { index, untilSeconds, mark })
    return body.length > LINK_REQUEST_BYTES_MAX ? refused(413, 'TooLarge') : manifest(token)
  }
  return {
    // A file is ciphertext under a key that the canister has not, and its address was given out after a line in the log: one replica may hand it over.
    query: (request) => {
      const response = respond(request, () => UPGRADE)
      if (response instanceof Promise) throw new Error('a query waits for nobody')
      return response
    },
    update: (request) => respond(request, (token) => giveManifest(context, token, request.body)),
  }
}

/** What the token of an address names; costs the same whether there is such a link. */
function linkIdIn({ store }: Context, token: string): Uint8Array | null {
  const bytes = fromBase64Url(token)
  if (bytes === null) return null
  const tokenHash = sha256(bytes)
  const linkId = linkIdOf(tokenHash)
  const link = store.links.get(linkId)
  return link !== undefined && sameSecret(link.tokenHash, tokenHash) ? linkId : null
}

interface Asking {
  readonly recipient: Uint8Array
  readonly passcode: string | null
  readonly embeddedBytesMax: number
}

async function giveManifest(context: Context, token: string, body: Uint8Array): Promise<HttpResponse> {
  const { store, outbox, budgets, configuration } = context
  if (configuration.get() === null || cycleBalance() < CYCLES_RESERVE) return UNAVAILABLE
  const linkId = linkIdIn(context, token)
  const before = linkId === null ? null : standing(context, linkId)
  if (linkId === null || before?.kind !== 'live') return NOT_FOUND
  // Looked at for who has a link alone: it costs more than all before it.
  const asking = readAsking(body)
  if (typeof asking === 'string') return refused(400, asking)
  if (outbox.isFull(before.link.patientId)) return UNAVAILABLE
  const wrong = checkPasscode(context, linkId, before.link, asking)
  if (wrong !== null) return wrong
  const waitMs = takeFromAll(
    budgets,
    [
      { key: budgetKey(BUDGET_TAG.linkOpening, linkId), perHour: LINK_OPENINGS_PER_HOUR },
      { key: budgetKey(BUDGET_TAG.linkOpening, NOBODY), perHour: LINK_OPENINGS_IN_ALL_PER_HOUR },
    ],
    nowNs(),
  )
  if (waitMs > 0) return refused(429, 'Busy', [['retry-after', String(Math.ceil(waitMs / 1000))]])
  const { patientId } = before.link
  const of = { actor: NOBODY, patientId, objectId: linkId }
  const fields = encodeFields('linkOpened', { recipientHash: sha256(asking.recipient) })
  const logged = await outbox.appendAcknowledged([{ ...of, event: EVENT.linkOpened, fields }])

  const after = standing(context, linkId)
  if (logged !== 'unavailable' && after.kind === 'live') {
    store.links.opened(linkId, after.link, { atNs: nowNs(), recipient: asking.recipient })
    return manifestOf(token, after.link, store.links.content(linkId, after.link), asking.embeddedBytesMax)
  }
  // The line is in the log, or on its way there: nothing was given out (I8).
  const [leafIndex = 0n] = logged === 'unavailable' ? [] : logged
  outbox.queue({
    ...of,
    event: EVENT.keyWithheld,
    flags: LEAF_FLAG.failedOrWithheld,
    fields: detailFields.outcome({ leafIndex, grantId: ZERO_ID, reason: 0, orgId: ZERO_ID }),
  })
  return logged === 'unavailable' ? UNAVAILABLE : NOT_FOUND
}

/** Counts, in one message, so that however many try at once each wrong one takes one. None at all is no try. */
function checkPasscode(
  context: Context,
  linkId: Uint8Array,
  link: Link,
  { passcode, recipient }: Asking,
): HttpResponse | null {
  if (!link.hasPasscode) return null
  if (passcode === null) return wrongPasscode(link.attemptsLeft)
  const tried = pbkdf2(encodeUtf8(passcode), link.salt, LINK_PASSCODE_ROUNDS)
  if (sameSecret(tried, link.verifier)) return null
  const { store, outbox } = context
  const now = store.links.tried(linkId, link)
  const { patientId, attemptsLeft } = now
  outbox.queue({
    event: EVENT.linkPasscodeWrong,
    actor: NOBODY,
    patientId,
    objectId: linkId,
    fields: encodeFields('linkPasscodeWrong', { attempts: attemptsLeft, recipientHash: sha256(recipient) }),
  })
  if (attemptsLeft === 0)
    end(context, { linkId, link: now, why: LINK_END.wrongPasscodes, actor: NOBODY, requestId: ZERO_ID })
  return wrongPasscode(attemptsLeft)
}

function giveFile(
  context: Context,
  token: string,
  { index, untilSeconds, mark }: { index: string; untilSeconds: string; mark: string },
): HttpResponse {
  const { store } = context
  const linkId = linkIdIn(context, token)
  const link = linkId === null ? undefined : store.links.get(linkId)
  if (linkId === null || link === undefined || standingOf(context, link) !== 'live') return NOT_FOUND
  const isOurs = equalBytes(ascii(mark), ascii(markOf(link, index, untilSeconds)))
  if (!isOurs || nowNs() >= BigInt(untilSeconds) * NS_PER_SECOND) return NOT_FOUND
  const file = store.links.content(linkId, link).files[Number(index)]
  return file === undefined ? NOT_FOUND : answer(200, 'application/jose', file.jwe)
}

/** What only this canister can have put into an address: nobody without it finds the file, and nobody changes until when. */
const markOf = ({ fileKey }: Link, index: string, untilSeconds: string): string =>
  toBase64Url(hmac(fileKey, ascii(`${index}-${untilSeconds}`)))

function manifestOf(token: string, link: Link, { origin, files }: LinkContent, embeddedBytesMax: number): HttpResponse {
  const until = String((nowNs() + LINK_FILE_LIFE_NS) / NS_PER_SECOND)
  const parts: Uint8Array[] = [ascii('{"files":[')]
  for (const [i, { contentType, jwe }] of files.entries()) {
    const head = `${i === 0 ? '' : ','}{"contentType":"${LINK_CONTENT_TYPES[contentType] ?? ''}",`
    if (jwe.length <= embeddedBytesMax) parts.push(ascii(`${head}"embedded":"`), jwe, END)
    else {
      const path = `/links/${token}/${i}-${until}-${markOf(link, String(i), until)}`
      parts.push(ascii(`${head}"location":"`), origin, ascii(path), END)
    }
  }
  parts.push(ascii(']}'))
  return answer(200, 'application/json', concatBytes(...parts))
}
const END = ascii('"}')
const NOBODY = new Uint8Array(0)

/** The engine reads JSON by going into it: what is deeper than a request has no business here. */
const BRACKETS_MAX = 16

/** Of a name, before it is looked at: room for letters of two parts each. */
const READ_CHARS = 2 * LINK_RECIPIENT_CHARS_MAX

/** @returns the name of what is wrong. */
function readAsking(body: Uint8Array): Asking | string {
  let value: unknown
  try {
    const text = decodeUtf8(body, { fatal: true })
    if (text.split('[').length + text.split('{').length - 2 > BRACKETS_MAX) return 'body'
    value = JSON.parse(text)
  } catch {
    return 'body'
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'body'
  const given = new Map<string, unknown>(Object.entries(value))
  const recipient = given.get('recipient')
  if (typeof recipient !== 'string') return 'recipient'
  const name = Array.from(recipient.slice(0, READ_CHARS).trim().replaceAll(/\s+/g, ' '))
    .slice(0, LINK_RECIPIENT_CHARS_MAX)
    .join('')
    .trim()
  if (!isCleanName(name)) return 'recipient'
  const passcode = given.get('passcode') ?? null
  const isPasscode = passcode === null || (typeof passcode === 'string' && passcode.length <= LINK_PASSCODE_CHARS_MAX)
  if (!isPasscode) return 'passcode'
  const most = given.get('embeddedLengthMax') ?? Infinity
  if (typeof most !== 'number' || !(most >= 0)) return 'embeddedLengthMax'
  return { recipient: encodeUtf8(name), passcode, embeddedBytesMax: most }
}
