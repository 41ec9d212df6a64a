import { Fault, type FaultCode } from '@medguard/client'
import { expose, type TransferHandler, transferHandlers, wrap } from 'comlink'

// How things cross the border between the page and its worker. What can be copied is copied by the browser. What cannot (functions, and sources and sinks
// that have some; abort signals; the class of an error) crosses as this file says. Used on both sides.

/** Stands where something live was. The name is long so that no data has it by chance. */
type Live = { readonly 'medguard:live': 'function' | 'signal'; readonly port: MessagePort; readonly aborted: boolean }
type Callable = (...args: unknown[]) => unknown

/** What was packed for one call. */
export interface Packed {
  readonly values: readonly unknown[]
  readonly ports: readonly MessagePort[]
  /** After it nothing of the call is heard any more: progress that is late would be told of something that is over. */
  readonly close: () => void
}

/** Replaces everything live in the arguments of a call, however deep in plain objects and lists. */
export function pack(args: readonly unknown[]): Packed {
  const ports: MessagePort[] = []
  const closers: (() => void)[] = []
  const live = (kind: Live['medguard:live'], aborted = false): { mark: Live; mine: MessagePort } => {
    const { port1: mine, port2: port } = new MessageChannel()
    ports.push(port)
    closers.push(() => mine.close())
    return { mark: { 'medguard:live': kind, port, aborted }, mine }
  }
  const packed = (value: unknown, owner: object | null): unknown => {
    if (typeof value === 'function') {
      const { mark, mine } = live('function')
      const call = value as Callable // what it takes is between the two sides; nothing here looks at it
      expose((...given: unknown[]) => call.apply(owner, given), mine)
      return mark
    }
    if (value instanceof AbortSignal) {
      const { mark, mine } = live('signal', value.aborted)
      const tell = () => mine.postMessage('abort')
      value.addEventListener('abort', tell, { once: true })
      closers.push(() => value.removeEventListener('abort', tell))
      return mark
    }
    return mapped(value, packed)
  }
  const values = args.map((arg) => packed(arg, null))
  return { values, ports, close: () => closers.forEach((close) => close()) }
}

/** The other side: everything live works again, each call of a function being one across the border. */
export function unpack(values: readonly unknown[]): unknown[] {
  const unpacked = (value: unknown): unknown => {
    if (!isLive(value)) return mapped(value, unpacked)
    const { port, aborted, 'medguard:live': kind } = value
    if (kind === 'function') {
      const remote = wrap<Callable>(port)
      return (...given: unknown[]) => {
        const answer = remote(...given)
        answer.catch(() => {}) // whoever awaits it hears of it; progress is awaited by nobody
        return answer
      }
    }
    const controller = new AbortController()
    if (aborted) controller.abort()
    port.addEventListener('message', () => controller.abort(), { once: true })
    port.start()
    return controller.signal
  }
  return values.map(unpacked)
}

/** Copies plain objects and lists; everything else (bytes, files, numbers) is left to the browser. */
function mapped(value: unknown, change: (value: unknown, owner: object | null) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => change(item, null))
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, change(field, value)]))
}

const isLive = (value: unknown): value is Live =>
  typeof value === 'object' &&
  value !== null &&
  'medguard:live' in value &&
  'port' in value &&
  value.port instanceof MessagePort

interface Thrown {
  readonly value: unknown
}
interface ThrownParts {
  readonly name: string
  readonly message: string
  readonly code: FaultCode | null
}

/**
 * Errors keep their class as far as anybody asks for it: a `Fault` with its code, and the browser's own, such as `AbortError`. What caused them stays behind.
 * Once on each side, before anything crosses.
 */
export function keepErrorsWhole(): void {
  const library = transferHandlers.get('throw')
  if (library === undefined) throw new TypeError('the library throws in another way now')
  const handler: TransferHandler<Thrown, ThrownParts> = {
    canHandle: (value): value is Thrown => library.canHandle(value),
    serialize: ({ value }) => [partsOf(value), []],
    deserialize: (parts) => {
      throw errorOf(parts)
    },
  }
  transferHandlers.set('throw', handler)
}

export function partsOf(error: unknown): ThrownParts {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), code: null }
  return { name: error.name, message: error.message, code: error instanceof Fault ? error.code : null }
}

export function errorOf({ name, message, code }: ThrownParts): Error {
  if (code !== null) return new Fault(code, message)
  if (name === 'AbortError') return new DOMException(message, name)
  return Object.assign(name === 'TypeError' ? new TypeError(message) : new Error(message), { name })
}
