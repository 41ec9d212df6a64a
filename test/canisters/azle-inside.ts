import type { CanisterClassMeta, HostFunctions } from 'azle'

/**
 * Asks Azle's host what our toolkit takes for granted, without our toolkit in between. Each question is a method that takes bytes and answers
 * text; what has to be seen over several messages is noted in the heap and read by `notes`.
 */

interface EngineGlobals {
  readonly _azleIc: HostFunctions
  _azleResolveCallbacks: Record<string, (reply: Uint8Array) => void>
  _azleRejectCallbacks: Record<string, (error: { type?: unknown; rejectCode?: unknown }) => void>
  _azleTimerCallbacks: Record<string, () => void>
  _azleDispatch: (action: { readonly type: string; readonly payload: unknown }) => void
}
const engine = globalThis as unknown as EngineGlobals
const MANAGEMENT = new Uint8Array(0)
const NO_ARGUMENTS = Uint8Array.of(0x44, 0x49, 0x44, 0x4c, 0, 0)

let notes: string[] = []

const questions: Record<string, (host: HostFunctions) => string | null> = {
  constant(host) {
    host.msgReply(NO_ARGUMENTS)
    return null
  },
  /** Whether bytes that go into a map, or come from it, are copies. */
  copies(host) {
    host.stableBTreeMapInit(0)
    const [key, value] = [Uint8Array.of(1), Uint8Array.of(5)]
    const before = host.stableBTreeMapInsert(0, key, value)
    key[0] = 2
    value[0] = 6
    const read = host.stableBTreeMapGet(0, Uint8Array.of(1))
    const first = read?.join()
    if (read !== undefined) read[0] = 7
    const [again, other] = [host.stableBTreeMapGet(0, Uint8Array.of(1)), host.stableBTreeMapGet(0, Uint8Array.of(2))]
    return [before === undefined, first, again?.join(), other === undefined].join(' ')
  },
  /** Whether each look at the message is a copy of its own. */
  argument(host) {
    const first = host.msgArgData()
    first[0] = 0
    return `${host.msgArgData()[0]}`
  },
  /** Whether a reply, given as a part of a larger array, is taken at once. */
  lentReply(host) {
    const whole = bytesOf('--taken--')
    host.msgReply(new Uint8Array(whole.buffer, 2, 5))
    whole.fill(0)
    return null
  },
  /** Whether the argument of a call is: asks itself for it. */
  lentArgument(host) {
    const whole = Uint8Array.of(1, 1, 9, 1)
    engine._azleResolveCallbacks['lent'] = (reply) => host.msgReply(reply)
    engine._azleRejectCallbacks['lent'] = () => host.msgReply(bytesOf('rejected'))
    host.callRaw('lent', 'lent', host.canisterSelf(), 'argument', new Uint8Array(whole.buffer, 2, 1), '0')
    whole.fill(0)
    return null
  },
  /** Answers from a promise that is ready: after the callback, and in the same message. */
  microtask(host) {
    void Promise.resolve().then(() => host.msgReply(bytesOf('later')))
    return null
  },
  /** Calls with ids of our own; both callbacks and what the host has forgotten are noted. */
  call(host) {
    const dispatch = engine._azleDispatch
    engine._azleDispatch = (action) => {
      notes.push(`${action.type} ${String(action.payload)}`)
      dispatch(action)
    }
    engine._azleResolveCallbacks['mine'] = (reply) => {
      notes.push(`replied ${reply.length > 32}`)
      host.msgReply(bytesOf('called'))
    }
    engine._azleRejectCallbacks['mine'] = () => notes.push('rejected')
    host.callRaw('mine', 'mine', MANAGEMENT, 'raw_rand', NO_ARGUMENTS, '0')
    return null
  },
  reject(host) {
    engine._azleResolveCallbacks['mine'] = () => notes.push('replied')
    engine._azleRejectCallbacks['mine'] = ({ type, rejectCode }) =>
      host.msgReply(bytesOf(`${String(type)} ${String(rejectCode)}`))
    host.callRaw('mine', 'mine', MANAGEMENT, 'nothing_of_that_name', NO_ARGUMENTS, '0')
    return null
  },
  /** Traps when the reply comes. */
  trapLater(host) {
    engine._azleResolveCallbacks['mine'] = () => {
      notes.push('undone')
      host.trap('on purpose')
    }
    engine._azleRejectCallbacks['mine'] = ({ type }) => notes.push(String(type))
    host.callRaw('mine', 'mine', MANAGEMENT, 'raw_rand', NO_ARGUMENTS, '0')
    return null
  },
  /** Throws what is no error, which Azle cannot print. */
  throwNull() {
    throw null // eslint-disable-line no-throw-literal -- What is no error is what this is about.
  },
  timer(host) {
    const id = host.setTimer(1)
    engine._azleTimerCallbacks[id.toString()] = () => notes.push('timer ran')
    return typeof id
  },
  random: () => Math.random().toString(),
  /** Texts from bytes, as long as one call may make them. */
  apply: () => `${String.fromCharCode.apply(null, new Uint8Array(8192).fill(65) as unknown as number[]).length}`,
  notes() {
    const text = notes.join('; ')
    notes = []
    return text
  },
}

export default class AzleInside {
  /** Set by Azle before it makes the one instance. */
  static readonly _azleCanisterClassMeta: CanisterClassMeta

  constructor() {
    const { callbacks, methodMeta } = new.target._azleCanisterClassMeta
    for (const [index, [name, ask]] of Object.entries(questions).entries()) {
      // A plain function: no promise is made for it, and none is waited for.
      callbacks[index] = (() => {
        const host = engine._azleIc
        const answer = ask(host)
        if (answer !== null) host.msgReply(bytesOf(answer))
      }) as () => Promise<void>
      methodMeta.updates?.push({ name, index, composite: false, hidden: false })
    }
  }
}

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0))
