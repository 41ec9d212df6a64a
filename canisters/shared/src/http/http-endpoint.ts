import type { HostFunctions } from 'azle'
import { REPLY_BYTES_MAX } from '../answer.ts'
import { type BugPort, reportBug } from '../bug.ts'
import { beginMessage } from '../flow.ts'
import { dataCertificate } from '../host.ts'
import { type HttpRequest, type HttpResponse, httpResponseEncoder, readHttpRequest } from './http-codec.ts'
import { problem } from './problem.ts'
import { uncertified } from './uncertified.ts'

/** What a canister does with requests of the HTTP gateway, which is nobody in particular: who asks is said by the request itself, or not at all. */
export interface HttpHandlers {
  /** Lower-case names of the header fields that are read. */
  readonly fields: readonly string[]
  /** Largest Candid argument that is looked at. */
  readonly argBytesMax: number
  /** Answers by itself what needs no decision, and `upgrade` for all else: its answer is that of one replica. */
  readonly query: (request: HttpRequest) => HttpResponse
  readonly update: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>
}
export const HTTP_QUERY = 'http_request'
export const HTTP_UPDATE = 'http_request_update'

type HttpPort = BugPort & Pick<HostFunctions, 'msgArgData' | 'msgReply'>

/** As `createEndpoint`, for whoever speaks HTTP: size, shape, handler; every refusal is a response. */
export function createHttpEndpoint(
  { fields, argBytesMax }: HttpHandlers,
  name: string,
  handler: HttpHandlers['update'],
  port: HttpPort,
): () => void {
  const names = new Set(fields)
  const isQuery = name === HTTP_QUERY
  const reply = (response: HttpResponse): void => {
    const proven = isQuery && response.upgrade !== true ? uncertified(response, dataCertificate()) : response
    const bytes = httpResponseEncoder.encodeBriefly(proven)
    if (bytes.length > REPLY_BYTES_MAX) throw new Error('a reply is larger than the network takes')
    port.msgReply(bytes)
  }
  const bug = (error: unknown) => reportBug(error, name, port)
  const replyLater = (response: HttpResponse) => {
    try {
      reply(response)
    } catch (error) {
      bug(error)
    }
  }
  return () => {
    beginMessage()
    try {
      const bytes = port.msgArgData()
      if (bytes.length > argBytesMax) return reply(problem(413, 'TooLarge'))
      const request = readHttpRequest(bytes, names)
      if (request === null) return reply(problem(400, 'request'))
      const response = handler(request)
      if (response instanceof Promise) response.then(replyLater, bug)
      else reply(response)
    } catch (error) {
      bug(error)
    }
  }
}
