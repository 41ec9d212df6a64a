import { request as httpRequest } from 'node:http'
import type { CanisterName, Clinic } from './clinic.ts'

// A plain HTTP client, as curl is one: it knows nothing of canisters.

export interface HttpAnswer {
  readonly status: number
  readonly text: string
  /** Null where the answer is none. */
  readonly json: unknown
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}
interface HttpQuestion {
  readonly method: string
  readonly path: string
  readonly body: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

/** @returns `authority`: the host under which the gateway has that canister. Names under `localhost` lead to this machine whatever a resolver says. */
export function gatewayOf({ localnet, ids }: Pick<Clinic, 'localnet' | 'ids'>, canister: CanisterName) {
  const authority = `${ids[canister].toText()}.localhost:${localnet.port}`
  const send = ({ method, path, body, headers = {} }: HttpQuestion): Promise<HttpAnswer> =>
    new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: localnet.port, method, path, headers: { host: authority, ...headers } }
      const asked = httpRequest(options, (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('error', reject)
        response.on('end', () => {
          const text = Buffer.concat(parts).toString()
          const isJson = /json/.test(response.headers['content-type'] ?? '')
          const json: unknown = isJson ? JSON.parse(text) : null
          resolve({ status: response.statusCode ?? 0, text, json, headers: response.headers })
        })
      })
      asked.on('error', reject)
      asked.end(body)
    })
  return { authority, send }
}
