// The network's own thread. One turn: take what arrived, run for a few milliseconds, store what changed, and only then answer.
// Many answers share one write to disk that way, and none is given that a crash could take back.
import { parentPort, workerData } from 'node:worker_threads'
import type { Machine, Meters, Outcome, Storage, StoredRequest } from '../contracts.ts'
import { hex } from '../certificates/index.ts'
import { createOutcalls } from '../outcalls/index.ts'
import { actOn, type FaultAct, type FaultReport } from '../faults/administration.ts'
import { createFaults, type Faults } from '../faults/index.ts'
import { killingDisk, StorageError, systemDisk } from '../storage/index.ts'
import { prepareModule } from '../wasm/index.ts'
import { openMachine } from './open-machine.ts'
import { rememberModules } from './remembered-modules.ts'
import type { Answers, Clock, FromWorker, Question, ToWorker, WorkerOptions } from './protocol.ts'

const SLICE_MS = 5
/** Only the newest meters are kept: a network that nobody measures must not fill the memory. */
const METERS_MAX = 10_000
/** More than messages run ahead of the clock by their own times. */
const LEAP_NS = 1_000_000_000n
const TIMEOUT_MS_MAX = 2_147_483_647

type Asked = Extract<ToWorker, { readonly question: Question }>

function startWorker(
  port: NonNullable<typeof parentPort>,
  { stateDir, clock, subnets, outcalls: allowed, faultSeed, modules }: WorkerOptions,
): void {
  const post = (message: FromWorker) => port.postMessage(message)
  const faults = faultSeed === null ? null : createFaults(faultSeed)
  const disk = killingDisk(systemDisk)
  const remembered = rememberModules(prepareModule, (module) => post({ kind: 'prepared', module }))
  for (const module of modules) remembered.remember(module)
  const { machine, storage } = openMachine({
    prepare: remembered.prepare,
    stateDir,
    nowNs: computerNs(),
    subnets,
    outcalls: allowed,
    ...(faults === null ? {} : { faults: faults.hooks, disk }),
  })
  const outcalls = createOutcalls(machine, allowed, () => schedule())
  let aheadNs = machine.timeNs() > computerNs() ? machine.timeNs() - computerNs() : 0n
  let inbox: Asked[] = []
  let meters: Meters['parts'][number][] = []
  let timer: NodeJS.Timeout | undefined
  let isScheduled = false
  /** Calls that have not ended, by request id in hex: who waits for them. */
  const waiting = new Map<string, { readonly requestId: Uint8Array; readonly askers: Set<number> }>()

  const clockNow = (): Clock => ({ timeNs: machine.timeNs(), aheadNs: clock === 'real' ? aheadNs : null })
  const answer = (id: number, value: Answers[Question['kind']]) =>
    post({ kind: 'answer', id, answer: value, clock: clockNow() })

  port.on('message', (message: ToWorker) => {
    if ('forget' in message) {
      for (const { askers } of waiting.values()) askers.delete(message.forget)
      return
    }
    inbox.push(message)
    schedule()
  })

  function schedule(): void {
    if (isScheduled) return
    isScheduled = true
    clearTimeout(timer)
    // Whatever has arrived by then is part of the turn.
    setImmediate(turn)
  }

  function turn(): void {
    isScheduled = false
    const asked = inbox
    inbox = []
    if (clock === 'real') machine.setTime(computerNs() + aheadNs)
    outcalls.answer()
    if (clock === 'real') {
      followLeaps()
      machine.setTime(computerNs() + aheadNs)
    }
    const refusals = accept(asked)
    const hasMore = runSlice()
    advance(asked)
    commit(machine, storage)
    outcalls.start()
    for (const give of refusals) give()
    answerCalls(asked)
    const together = queryTogether(asked)
    for (const { id, question } of asked) tryReading(id, question, together)
    if (asked.some(({ question }) => question.kind === 'close')) return
    if (hasMore || inbox.length > 0) schedule()
    else sleep()
  }

  function accept(asked: readonly Asked[]): (() => void)[] {
    const refusals: (() => void)[] = []
    for (const { id, question } of asked) {
      if (question.kind !== 'call') continue
      const { requestId } = question.message
      const verdict = machine.submit(question.message)
      if (verdict.kind === 'refused') {
        refusals.push(() => answer(id, verdict))
        continue
      }
      const key = hex(requestId)
      const known = waiting.get(key)
      if (known === undefined) waiting.set(key, { requestId, askers: new Set([id]) })
      else known.askers.add(id)
    }
    return refusals
  }

  /** @returns whether there is more to run now. */
  function runSlice(): boolean {
    const endMs = performance.now() + SLICE_MS
    let hasMore = true
    while (hasMore && performance.now() < endMs) hasMore = machine.run(1)
    meters.push(...machine.takeMeters())
    if (meters.length > 2 * METERS_MAX) meters = meters.slice(-METERS_MAX)
    return hasMore
  }

  function advance(asked: readonly Asked[]): void {
    for (const { question } of asked) {
      if (question.kind !== 'advance') continue
      aheadNs += question.byNs
      machine.setTime(machine.timeNs() + question.byNs)
      while (runSlice()) commit(machine, storage)
    }
  }

  function answerCalls(asked: readonly Asked[]): void {
    const fresh = new Set(asked.map(({ id }) => id))
    for (const [key, { requestId, askers }] of waiting) {
      const request = machine.request(requestId)
      if (request === undefined || isOver(request)) waiting.delete(key)
      if (request === undefined) {
        for (const id of askers) post({ kind: 'failed', id, message: 'The network no longer knows this request.' })
        continue
      }
      for (const id of askers) {
        if (isOver(request)) answer(id, { kind: 'finished', request })
        else if (fresh.has(id)) answer(id, { kind: 'accepted', request })
      }
    }
  }

  /** Outcomes by number of the question, of those that need not be asked alone. */
  function queryTogether(asked: readonly Asked[]): ReadonlyMap<number, Outcome> {
    const queries = asked.flatMap(({ id, question }) =>
      question.kind === 'query' ? [{ id, message: question.message }] : [],
    )
    if (queries.length < 2) return new Map()
    const outcomes = new Map<number, Outcome>()
    for (const [index, outcome] of machine.queriesTogether(queries.map(({ message }) => message)).entries()) {
      const id = queries[index]?.id
      if (outcome !== null && id !== undefined) outcomes.set(id, outcome)
    }
    return outcomes
  }

  function plan(faults: Faults, act: FaultAct): FaultReport {
    const report = actOn(faults, act)
    const rule = act.do === 'add' ? report.rules.at(-1) : undefined
    if (rule?.kind === 'killAtFileOp') disk.killAt(rule.at)
    return report
  }

  /** A fault that leaps ahead takes the network's clock along; without it, time would stand until the computer's had caught up. */
  function followLeaps(): void {
    if (faults !== null && machine.timeNs() - (computerNs() + aheadNs) > LEAP_NS)
      aheadNs = machine.timeNs() - computerNs()
  }

  /** A question that cannot be answered fails alone: it has changed nothing. A fault while running messages ends the thread. */
  function tryReading(id: number, question: Question, together: ReadonlyMap<number, Outcome>): void {
    try {
      answerReading(id, question, together)
    } catch (error) {
      post({ kind: 'failed', id, message: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  }

  function answerReading(id: number, question: Question, together: ReadonlyMap<number, Outcome>): void {
    switch (question.kind) {
      case 'call':
        return
      case 'query':
        return answer(id, together.get(id) ?? machine.query(question.message))
      case 'request':
        return answer(id, machine.request(question.requestId))
      case 'canister':
        return answer(id, machine.canister(question.canisterId))
      case 'canisterIds':
        return answer(id, machine.canisterIds())
      case 'dump':
        return answer(id, machine.dump(question.canisterId))
      case 'advance':
        return answer(id, null)
      case 'meters':
        answer(id, meters.slice(-METERS_MAX))
        meters = []
        return
      case 'faults':
        return answer(id, faults === null ? null : plan(faults, question.act))
      case 'close':
        clearTimeout(timer)
        outcalls.close()
        storage.close()
        answer(id, null)
        port.close()
    }
  }

  function sleep(): void {
    const dueNs = machine.nextDueNs()
    if (clock !== 'real' || dueNs === null) return
    const inMs = Number((dueNs - (computerNs() + aheadNs)) / 1_000_000n) + 1
    timer = setTimeout(schedule, Math.min(Math.max(inMs, 1), TIMEOUT_MS_MAX))
  }

  post({ kind: 'ready', clock: clockNow() })
  schedule()
}

function commit(machine: Machine, storage: Storage): void {
  const delta = machine.takeDelta()
  if (delta !== null) storage.append(delta)
}

const isOver = ({ state }: StoredRequest): boolean => state.status !== 'received' && state.status !== 'processing'
const computerNs = (): bigint => BigInt(Date.now()) * 1_000_000n

if (parentPort !== null) {
  try {
    startWorker(parentPort, workerData as WorkerOptions)
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    parentPort.postMessage({ kind: 'unopened', code: error.code, message: error.message } satisfies FromWorker)
  }
}
