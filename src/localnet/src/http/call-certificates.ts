// Answers of calls that become ready together share one signature of their subnet: a signature costs more than most messages.
import { type Certifier, hex, type Path, requestLeaves, utf8 } from '../certificates/index.ts'
import type { RangesForm, StoredRequest } from '../contracts.ts'

interface Waiting {
  readonly requestId: Uint8Array
  readonly request: StoredRequest
  readonly askers: { readonly resolve: (certificate: Uint8Array) => void; readonly reject: (error: unknown) => void }[]
}

export type CertifyCall = (requestId: Uint8Array, request: StoredRequest) => Promise<Uint8Array>

/** For requests that are replied or rejected: those never change again, so askers of one request can share an answer. */
export function createCallCertificates(
  certifier: Certifier,
  rangesForm: RangesForm,
  timeNs: () => Promise<bigint>,
): CertifyCall {
  let waiting = new Map<string, Waiting>()

  async function flush(): Promise<void> {
    const batch = [...waiting.values()]
    waiting = new Map()
    try {
      const made = certifier.certificates(
        batch.flatMap(({ requestId, request }) => requestLeaves(requestId, request)),
        batch.map(({ requestId }): Path => [utf8('request_status'), requestId]),
        await timeNs(),
        rangesForm,
      )
      for (const [index, { askers }] of batch.entries()) {
        const certificate = made[index]
        if (certificate !== undefined) for (const { resolve } of askers) resolve(certificate)
      }
    } catch (error) {
      for (const { askers } of batch) for (const { reject } of askers) reject(error)
    }
  }

  return (requestId, request) =>
    new Promise((resolve, reject) => {
      const key = hex(requestId)
      const known = waiting.get(key)
      if (known !== undefined) known.askers.push({ resolve, reject })
      else {
        waiting.set(key, { requestId, request, askers: [{ resolve, reject }] })
        // After the I/O of this turn, so that answers which arrived with it join in.
        if (waiting.size === 1) setImmediate(() => void flush())
      }
    })
}
