// The API as a function: for agents in the same thread as the network.
import { type ApiOptions, createApi, parseRoute } from './api.ts'
import { HttpProblem } from './problem.ts'

/**
 * Answers what a replica answers under `/api/`, and 404 for everything else.
 * A signal that aborts ends the wait for an answer, not what the message does.
 */
export function createFetch(options: ApiOptions): typeof fetch {
  const api = createApi(options)
  return async (input, init) => {
    const request = new Request(input, { ...init, signal: null })
    const path = new URL(request.url).pathname
    try {
      const route = parseRoute(path)
      if (path === '/api/v2/status') return responseOf(request.url, api.status())
      if (route === null) throw new HttpProblem(404, 'No such address of the Internet Computer interface.')
      return responseOf(request.url, await api.answer(route, new Uint8Array(await request.arrayBuffer())))
    } catch (error) {
      if (!(error instanceof HttpProblem)) throw error
      return withUrl(request.url, new Response(error.message, { status: error.status }))
    }
  }
}

function responseOf(url: string, { status, body }: { status: number; body: Uint8Array }): Response {
  return withUrl(
    url,
    new Response(status === 202 ? null : new Uint8Array(body), {
      status,
      headers: { 'content-type': 'application/cbor' },
    }),
  )
}

/** A response that nobody fetched has no address, and agents look at it. */
const withUrl = (url: string, response: Response): Response => Object.defineProperty(response, 'url', { value: url })
