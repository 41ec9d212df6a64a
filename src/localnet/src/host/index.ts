// The network as the HTTP side sees it: asynchronous, and durable before it answers.
import { Worker } from 'node:worker_threads'
import type { Host, StoredRequest } from '../contracts.ts'
import type { FaultAct, FaultReport } from '../faults/administration.ts'
import { StorageError } from '../storage/index.ts'
import type { OutcallOptions } from '../outcalls/index.ts'
import type { SubnetOptions } from '../subnets/index.ts'
import type { Answers, Clock, FromWorker, Question, ToWorker, WorkerOptions } from './protocol.ts'
import { rememberedHere } from './open-machine.ts'
import { workerProgram } from './worker-program.ts'

/** The replica allows 5 MiB of Wasm stack; what V8 makes of it needs several times that. */
const STACK_MB = 64

export interface HostOptions {
  /** Folder that holds the network between runs; null keeps nothing. */
  readonly stateDir: string | null
  /** `manual` stands still until `advance`. */
  readonly clock: 'real' | 'manual'
  /** Beside the root subnet; none unless told. */
  readonly subnets?: readonly SubnetOptions[]
  /** HTTPS only, by one node, unless told. */
  readonly outcalls?: OutcallOptions
  /** Allows faults to be planned, and seeds them; null, the default, allows none. */
  readonly faultSeed?: string | null
}

/** A host whose thread can die. */
export interface ThreadHost extends Host {
  /** Resolves, never rejects, when the thread has ended without being asked to: nothing is answered any more. */
  readonly broken: Promise<Error>
  /** @throws Error without `faultSeed`. */
  faults(act: FaultAct): Promise<FaultReport>
}

interface Pending {
  readonly answer: (value: Answers[Question['kind']]) => void
  readonly fail: (error: Error) => void
}

/** Resolves when the saved state is loaded. @throws StorageError when it cannot be opened. */
export async function openHost({
  stateDir,
  clock,
  subnets = [],
  outcalls = {},
  faultSeed = null,
}: HostOptions): Promise<ThreadHost> {
  const workerData: WorkerOptions = {
    entry: new URL('./worker.ts', import.meta.url).href,
    stateDir,
    clock,
    subnets,
    outcalls,
    faultSeed,
    modules: stateDir === null ? rememberedHere.all() : [],
  }
  const worker = new Worker(await workerProgram(), {
    workerData,
    // Flags of the command that started this process mean its own entry, not this one.
    execArgv: [],
    resourceLimits: { stackSizeMb: STACK_MB },
  })
  const pending = new Map<number, Pending>()
  let nextId = 1
  let seen: Clock = { timeNs: 0n, aheadNs: null }
  let isClosing = false
  let gone: Error | null = null
  let reportBroken: ((error: Error) => void) | null = null
  const broken = new Promise<Error>((resolve) => {
    reportBroken = resolve
  })
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))

  const ready = new Promise<void>((resolve, reject) => {
    const stop = (error: Error) => {
      gone ??= error
      reject(error)
      for (const { fail } of pending.values()) fail(error)
      if (!isClosing) reportBroken?.(error)
    }
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'failed') return pending.get(message.id)?.fail(new Error(message.message))
      if (message.kind === 'prepared') return rememberedHere.remember(message.module)
      if (message.kind === 'unopened') return stop(new StorageError(message.code, message.message))
      seen = message.clock
      if (message.kind === 'ready') resolve()
      else pending.get(message.id)?.answer(message.answer)
    })
    worker.on('error', stop)
    worker.on('exit', () => stop(new Error(isClosing ? 'The network is closed.' : 'The network stopped unexpectedly.')))
  })
  await ready

  const post = (message: ToWorker) => {
    if (gone === null) return worker.postMessage(message)
    if ('id' in message) pending.get(message.id)?.fail(gone)
  }

  function ask<Asked extends Exclude<Question, { kind: 'call' }>>(question: Asked): Promise<Answers[Asked['kind']]> {
    return new Promise((resolve, reject) => {
      const id = nextId++
      pending.set(id, {
        answer: (value) => {
          pending.delete(id)
          resolve(value as Answers[Asked['kind']])
        },
        fail: (error) => {
          pending.delete(id)
          reject(error)
        },
      })
      post({ id, question })
    })
  }

  return {
    call: (message, waitMs) =>
      new Promise((resolve, reject) => {
        const id = nextId++
        let accepted: StoredRequest | null = null
        let isLate = waitMs <= 0
        const end = () => {
          clearTimeout(timer)
          pending.delete(id)
        }
        const settleLate = () => {
          // Not before the call is durable: until then it might as well never have been made.
          if (!isLate || accepted === null) return
          end()
          post({ forget: id })
          resolve({ kind: 'status', request: accepted })
        }
        const timer = setTimeout(() => {
          isLate = true
          settleLate()
        }, waitMs)
        pending.set(id, {
          answer: (value) => {
            const answer = value as Answers['call']
            if (answer.kind === 'accepted') {
              accepted = answer.request
              return settleLate()
            }
            end()
            resolve(answer.kind === 'refused' ? answer : { kind: 'status', request: answer.request })
          },
          fail: (error) => {
            end()
            reject(error)
          },
        })
        const { requestId, sender, canisterId, arg } = message
        // Views into a request's body would carry the whole body along.
        const own = {
          requestId: requestId.slice(),
          sender: sender.slice(),
          canisterId: canisterId.slice(),
          arg: arg.slice(),
        }
        post({ id, question: { kind: 'call', message: { ...message, ...own } } })
      }),
    query: ({ sender, canisterId, arg, ...rest }) =>
      ask({
        kind: 'query',
        message: { sender: sender.slice(), canisterId: canisterId.slice(), arg: arg.slice(), ...rest },
      }),
    request: (requestId) => ask({ kind: 'request', requestId: requestId.slice() }),
    canister: (canisterId) => ask({ kind: 'canister', canisterId: canisterId.slice() }),
    canisterIds: () => ask({ kind: 'canisterIds' }),
    advance: async (byNs) => {
      if (byNs < 0n) throw new RangeError('time does not go back')
      await ask({ kind: 'advance', byNs })
    },
    meters: () => ask({ kind: 'meters' }),
    dump: (canisterId) => ask({ kind: 'dump', canisterId: canisterId.slice() }),
    faults: async (act) => {
      const report = await ask({ kind: 'faults', act })
      if (report === null) throw new Error('this network was started without a seed for faults')
      return report
    },
    // oxlint-disable-next-line require-await
    timeNs: async () => {
      if (seen.aheadNs === null) return seen.timeNs
      const nowNs = BigInt(Date.now()) * 1_000_000n + seen.aheadNs
      return nowNs > seen.timeNs ? nowNs : seen.timeNs
    },
    close: async () => {
      if (!isClosing && gone === null) {
        isClosing = true
        await ask({ kind: 'close' })
      }
      await exited
    },
    broken,
  }
}
