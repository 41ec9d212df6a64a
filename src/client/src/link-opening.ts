import { AnonymousIdentity } from '@dfinity/agent'
import { openJwe } from '@medguard/crypto'
import { encodeArg, httpService, Principal, type RetOf } from '@medguard/protocol'
import { Fault } from './api.ts'
import { askUpdate } from './ask.ts'
import { boundedFetch } from './bounded-fetch.ts'
import { agentOf, replyOf } from './canisters.ts'
import { faultOf } from './fault-of.ts'
import { linkOrigin } from './link-origin.ts'
import type { LinkAsking, LinkOpened, OpenedLinkFile } from './links-api.ts'
import type { SmartLink } from './link-format.ts'
import type { Network } from './network.ts'

// What whoever got a link does with it: no account, no key but the one in the link.

const FILES_MAX = 100

interface Answer {
  readonly status: number
  readonly text: string
  readonly retryAfter: string | null
}
/** One HTTP exchange, by whichever road. @throws Fault where nobody answers. */
type Ask = (url: string, question: { readonly method: 'GET' | 'POST'; readonly body: string }) => Promise<Answer>

/**
 * Of a link to our own records canister, as a call: the network signs the answer, and a page needs to reach nothing else. One to another service is `elsewhere`.
 */
export async function openLinkByCall(network: Network, link: SmartLink, asking: LinkAsking): Promise<LinkOpened> {
  const origin = linkOrigin(network)
  if (new URL(link.url).origin !== origin) return { kind: 'elsewhere', host: new URL(link.url).host }
  const agent = agentOf(new AnonymousIdentity(), network)
  const canisterId = Principal.fromText(network.canisters.records)
  const method = httpService.http_request_update
  return openLink(link, asking, async (url, { method: verb, body }) => {
    if (new URL(url).origin !== origin) throw new Fault('BadReply', 'a file of a link is elsewhere')
    const { pathname } = new URL(url)
    const headers: [string, string][] = [['content-type', 'application/json']]
    const arg = encodeArg(method, { method: verb, url: pathname, headers, body: new TextEncoder().encode(body) })
    try {
      const question = { canisterId, methodName: 'http_request_update', arg }
      const { reply } = await askUpdate(agent, network, question)
      const answer = replyOf(method, reply) as RetOf<typeof method>
      const retryAfter = answer.headers.find(([name]) => name === 'retry-after')?.[1] ?? null
      return { status: answer.status_code, text: new TextDecoder().decode(answer.body), retryAfter }
    } catch (error) {
      throw faultOf(error, 'update')
    }
  })
}

/** Of any service, over HTTPS. */
export const openLinkByHttps = (link: SmartLink, asking: LinkAsking): Promise<LinkOpened> =>
  openLink(link, asking, async (url, { method, body }) => {
    try {
      const how = method === 'GET' ? {} : { body, headers: { 'content-type': 'application/json' } }
      const response = await boundedFetch(url, { method, ...how })
      return {
        status: response.status,
        text: await response.text(),
        retryAfter: response.headers.get('retry-after'),
      }
    } catch (cause) {
      throw new Fault('Unreachable', 'the service of a link does not answer', { cause })
    }
  })

async function openLink(link: SmartLink, { recipient, passcode }: LinkAsking, ask: Ask): Promise<LinkOpened> {
  try {
    if (link.exp !== null && link.exp * 1000 <= Date.now()) return { kind: 'over' }
    if (link.flag.includes('U')) {
      const url = new URL(link.url)
      url.searchParams.set('recipient', recipient)
      const answer = await ask(url.href, { method: 'GET', body: '' })
      return answer.status === 200
        ? { kind: 'opened', label: link.label, files: [await openFile(link, answer.text, null)] }
        : refusalOf(answer)
    }
    if (link.flag.includes('P') && passcode === null) return { kind: 'passcode', attemptsLeft: null }
    const body = JSON.stringify({ recipient, ...(passcode === null ? {} : { passcode }) })
    const answer = await ask(link.url, { method: 'POST', body })
    if (answer.status !== 200) return refusalOf(answer)
    const files: OpenedLinkFile[] = []
    for (const { contentType, embedded, location } of filesIn(answer.text)) {
      const jwe = embedded ?? (await fileAt(ask, location ?? ''))
      files.push(await openFile(link, jwe, contentType))
    }
    return { kind: 'opened', label: link.label, files }
  } catch (error) {
    if (error instanceof Fault) return { kind: error.code === 'BadReply' ? 'damaged' : 'unreachable' }
    throw error
  }
}

async function openFile(link: SmartLink, jwe: string, stated: string | null): Promise<OpenedLinkFile> {
  try {
    const { contentType, content } = await openJwe(link.key, jwe)
    return { contentType: contentType ?? stated ?? 'application/fhir+json', bytes: content }
  } catch (cause) {
    throw new Fault('BadReply', 'a file of a link does not open', { cause })
  }
}

async function fileAt(ask: Ask, location: string): Promise<string> {
  const { status, text } = await ask(location, { method: 'GET', body: '' })
  if (status !== 200) throw new Fault('BadReply', 'a file of a link is not there')
  return text
}

function refusalOf({ status, text, retryAfter }: Answer): LinkOpened {
  if (status === 401) {
    const left = parsed(text)?.['remainingAttempts']
    return { kind: 'passcode', attemptsLeft: typeof left === 'number' && left >= 0 ? Math.floor(left) : null }
  }
  if (status === 404) return { kind: 'over' }
  if (status === 429 || status === 503) return { kind: 'later', seconds: Math.min(3600, Number(retryAfter) || 60) }
  return { kind: 'damaged' }
}

interface ManifestFile {
  readonly contentType: string | null
  readonly embedded?: string
  readonly location?: string
}
/** @throws Fault `BadReply` for what is no manifest. */
function filesIn(text: string): readonly ManifestFile[] {
  const files = parsed(text)?.['files']
  if (!Array.isArray(files) || files.length > FILES_MAX) throw new Fault('BadReply', 'a link answers no manifest')
  return files.map((file: unknown): ManifestFile => {
    const { contentType, embedded, location } = (file ?? {}) as Partial<Record<string, unknown>>
    const type = typeof contentType === 'string' ? contentType : null
    if (typeof embedded === 'string') return { contentType: type, embedded }
    const isUrl = typeof location === 'string' && URL.canParse(location) && /^https?:/.test(location)
    if (!isUrl) throw new Fault('BadReply', 'a link answers a file that is nowhere')
    return { contentType: type, location }
  })
}

function parsed(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
