/** A reply is at most 3 MiB on the Internet Computer, and a certificate comes with it. */
const ANSWER_BYTES_MAX = 4 * 1024 * 1024
/** A chunk of 1 MiB over a slow line; the network itself answers within ten seconds or says "later". */
const ANSWER_WAIT_MS = 120_000

/** How many answers came from each address. */
const answers = new Map<string, number>()

/** How many answers in the network's own words, true or not, came from this address so far; an error and a page of somebody in between are none. */
export const answersFrom = (url: string): number => answers.get(url) ?? 0

/** The network answers in CBOR: a map, which may have a tag before it. What begins otherwise the agent does not read either. */
const isAnswer = ([first = 0]: Uint8Array): boolean => first >= 0xa0 && first < 0xe0

/** The network answered with more than it can have to say. */
export class AnswerTooLarge extends Error {
  override readonly name = 'AnswerTooLarge'
}

/**
 * `fetch` for the agent, which reads whatever comes for as long as it comes: here an answer has an end in bytes and in time. Redirects are not
 * followed, since what is sent is signed, and no cookies go along.
 *
 * @throws AnswerTooLarge, or what `fetch` throws.
 */
export const boundedFetch: typeof fetch = async (input, init) => {
  const signal = AbortSignal.timeout(ANSWER_WAIT_MS)
  const response = await globalThis.fetch(input, { ...init, signal, redirect: 'error', credentials: 'omit' })
  const parts: Uint8Array<ArrayBuffer>[] = []
  let sizeBytes = 0
  const reader = response.body?.getReader()
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) {
    sizeBytes += part.value.length
    if (sizeBytes > ANSWER_BYTES_MAX) {
      await reader?.cancel()
      throw new AnswerTooLarge(`an answer of more than ${ANSWER_BYTES_MAX} bytes`)
    }
    parts.push(part.value)
  }
  const { status, statusText, headers, url } = response
  const bytes = joined(parts, sizeBytes)
  if (status === 200 && isAnswer(bytes)) answers.set(url, answersFrom(url) + 1)
  const whole = new Response(sizeBytes === 0 ? null : bytes, { status, statusText, headers })
  // The agent looks at it to tell an old replica from a wrong address.
  return Object.defineProperty(whole, 'url', { value: url })
}

function joined(parts: readonly Uint8Array[], sizeBytes: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(sizeBytes)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
