import { decodeManifest } from '@medguard/crypto/verify'
import { unwrapRecordSecret, wrapRecord } from '@medguard/crypto'
import { encodeDeviceBatch, toHex } from '@medguard/protocol'
import type { Reading } from '@medguard/readings'
import { bodiesOf } from './bodies.ts'
import { chainAt, createWalker, decodeState, type DeviceState, encodeState, FIRST_STATE, newChain } from './chain.ts'
import { DeviceFault } from './fault.ts'
import type { Pairing } from './pairing.ts'
import { type Answer, type Asked, later, type Road } from './road.ts'
import { sealReadings } from './sealing.ts'
import type { DeviceStore } from './store.ts'
import { batchIn, type Waiting, waitingIn } from './waiting.ts'

/** `kept`: the oldest that waited was taken and is no more here. */
export type Sent = { readonly kind: 'nothing' } | { readonly kind: 'kept' } | Extract<Answer, { kind: 'later' }>

export interface Backlog {
  readonly batches: number
  readonly sizeBytes: number
}

/**
 * A paired device: seals readings, keeps what it sealed until the canister has it, and posts it. Nothing that it was given is
 * readable in its store, and what was taken cannot be opened by it any more.
 */
export interface Device {
  /**
   * Seals readings and keeps them: they are safe when it resolves, be there a network or not.
   *
   * @returns how many batches they became.
   * @throws DeviceFault `Full` before anything is sealed.
   */
  keep(readings: readonly Reading[]): Promise<number>
  /** Posts the oldest batch that waits, once; again at once where that only needs another number, epoch or capsule. */
  send(): Promise<Sent>
  backlog(): Promise<Backlog>
  /** How the canister sees the device. What is sealed from now on is for the readers of now. */
  ask(): Promise<Asked>
}

export interface DeviceOptions {
  readonly pairing: Pairing
  readonly store: DeviceStore
  readonly road: Road
  readonly nowMs?: () => number
  /** Of all that waits. */
  readonly waitingBytesMax?: number
}

const STATE = 'state'
export const WAITING_BYTES_MAX = 64 * 1024 * 1024
/** How far an answer may move the epoch on: it rises when a share ends, and a false one beyond it would keep the device from every true one. */
const EPOCHS_AHEAD_MAX = 1_000
/** Another number, another epoch, the capsule once more: none of them twice for one batch. */
const TURNS_MAX = 4

/** @throws DeviceFault `Damaged`. */
export async function openDevice(options: DeviceOptions): Promise<Device> {
  const { pairing, store, road, nowMs = () => Date.now(), waitingBytesMax = WAITING_BYTES_MAX } = options
  const { deviceId, patientId } = pairing
  const pieces = waitingIn(store)
  const walker = createWalker()
  let state = await stateIn(store, pairing)
  let waiting = await leftOver()
  let turn: Promise<unknown> = Promise.resolve()
  let sending: Promise<unknown> = Promise.resolve()

  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const next = turn.then(work)
    turn = next.catch(() => {})
    return next
  }
  const setState = async (next: DeviceState): Promise<void> => {
    await store.write(STATE, encodeState(next))
    state = next
  }
  /** What was taken before the device stopped is known by the chain, which has gone past it. */
  async function leftOver(): Promise<Waiting[]> {
    const all = await pieces.all()
    const left = all.filter(({ number }) => number >= state.firstNumber)
    for (const { number } of all) if (number < state.firstNumber) await pieces.remove(number)
    const unknown = left.find((each) => chainOf(each, state) === undefined)
    if (unknown !== undefined) throw new DeviceFault('Damaged', `the key of batch ${unknown.number} is gone`)
    return left
  }
  const nextStepOf = (capsuleId: string, from: number): number =>
    waiting.reduce((step, each) => (each.capsuleId === capsuleId ? Math.max(step, each.step + 1) : step), from)

  /** The chain that new batches go under, and its next step. What lies under an older epoch is wrapped anew before: a chain goes on in the order of the numbers. */
  const current = async () => {
    const last = state.chains.at(-1)
    const step = last === undefined ? 0 : nextStepOf(toHex(last.chain.capsuleId), last.chain.step)
    if (last !== undefined && last.chain.place.epoch === state.epoch && step < last.chain.stepsMax)
      return { kept: last, step }
    const made = await newChain(pairing, state.epoch)
    await setState({ ...state, chains: [...state.chains, made] })
    return { kept: made, step: 0 }
  }
  const rewrapOlder = () => rewrap(waiting.filter(({ epoch }) => epoch < state.epoch))
  const rewrap = async (these: readonly Waiting[]): Promise<void> => {
    for (const each of these) {
      const { number, step } = each
      const batch = await pieces.batch(number)
      const manifest = decodeManifest(batch.manifest)
      const from = chainOf(each, state)
      if (!manifest.ok || from === undefined) throw new DeviceFault('Damaged', `batch ${number} has no manifest`)
      const place = { patientId, recordId: manifest.value.recordId, version: 1 }
      const secret = await unwrapRecordSecret(await walker.keyOf(from.chain, step), place, batch.openWrap)
      const to = await current()
      const wraps = await wrapRecord(await walker.keyOf(to.kept.chain, to.step), place, secret)
      secret.fill(0)
      const written = await pieces.write(number, batchIn({ deviceId, number }, { ...batch, ...wraps }))
      waiting = waiting.map((other) => (other.number === number ? written : other))
    }
    const isUsed = (capsuleId: Uint8Array) => waiting.some((each) => each.capsuleId === toHex(capsuleId))
    const [last] = state.chains.slice(-1)
    const chains = state.chains.filter((each) => each === last || isUsed(each.chain.capsuleId))
    if (chains.length < state.chains.length) await setState({ ...state, chains })
  }
  /** The chain goes past what was taken, on the disk too, before that is removed. */
  const taken = async (): Promise<void> => {
    const [oldest, ...rest] = waiting
    if (oldest === undefined) return
    const { number, capsuleId, step } = oldest // may have been wrapped anew while it was under way
    const before = state.chains
    const next = rest.find((each) => each.capsuleId === capsuleId)
    const chains: DeviceState['chains'][number][] = []
    for (const each of state.chains) {
      if (toHex(each.chain.capsuleId) !== capsuleId) chains.push(each)
      else if (next !== undefined || each === state.chains.at(-1))
        chains.push({ ...each, isThere: true, chain: await chainAt(each.chain, next?.step ?? step + 1) })
    }
    await setState({ ...state, firstNumber: number + 1, chains })
    for (const { chain } of before) if (!chains.some((each) => each.chain === chain)) chain.secret.fill(0)
    waiting = rest
    await pieces.remove(number)
  }
  const postable = async (each: Waiting) => {
    const chain = chainOf(each, state)
    const capsule = chain === undefined || chain.isThere ? null : chain.capsule
    const seq = each.number + state.shift
    return { seq, bytes: encodeDeviceBatch({ ...(await pieces.batch(each.number)), seq, capsule }) }
  }
  /** Does what an answer asks for. @returns what to wait for, if it is nothing that can be done here. */
  const follow = async (each: Waiting, answer: Answer): Promise<Extract<Answer, { kind: 'later' }> | null> => {
    switch (answer.kind) {
      case 'kept':
        await taken()
        return null
      case 'later':
        return answer
      case 'staleEpoch': {
        const { current: epoch } = answer
        if (!isNext(epoch, state.epoch)) return later('StaleEpoch')
        await setState({ ...state, epoch })
        await rewrapOlder()
        return null
      }
      case 'otherNumber': {
        const asked = await road.ask()
        if (asked.kind === 'later') return asked
        const shift = asked.standing.nextSeq - each.number
        if (shift === state.shift) return later(answer.why)
        await setState({ ...state, shift })
        return null
      }
      case 'capsuleUnknown': {
        // It went with another key of this device, and is that one's: what is left under it goes under one of ours.
        if (waiting[0]?.capsuleId !== each.capsuleId) return null
        await setState({ ...state, chains: [...state.chains, await newChain(pairing, state.epoch)] })
        await rewrap(waiting.filter(({ capsuleId }) => capsuleId === each.capsuleId))
        return null
      }
    }
  }

  return {
    keep: (readings) =>
      alone(async () => {
        const bodies = bodiesOf(readings, nowMs())
        const sizeBytes = waiting.reduce((sum, each) => sum + each.sizeBytes, 0)
        const more = bodies.reduce((sum, { content }) => sum + content.length + ROOM_BYTES, 0)
        if (sizeBytes + more > waitingBytesMax)
          throw new DeviceFault('Full', `${sizeBytes} bytes wait to be posted, and no more than ${waitingBytesMax} may`)
        await rewrapOlder()
        for (const { content, header } of bodies) {
          const { kept, step } = await current()
          const { secret, ...sealed } = await sealReadings(await walker.keyOf(kept.chain, step), content, header)
          secret.fill(0)
          const number = Math.max(state.firstNumber, (waiting.at(-1)?.number ?? -1) + 1)
          waiting = [...waiting, await pieces.write(number, batchIn({ deviceId, number }, sealed))]
        }
        return bodies.length
      }),
    send() {
      const work = async (): Promise<Sent> => {
        for (let i = 0; i < TURNS_MAX; i++) {
          const ready = await alone(async () => {
            await rewrapOlder()
            const [oldest] = waiting
            return oldest === undefined ? null : { oldest, ...(await postable(oldest)) }
          })
          if (ready === null) return { kind: 'nothing' }
          // Nobody waits for the network but who sends.
          const answer = await road.post(ready.bytes, ready.seq)
          const obstacle = await alone(() => follow(ready.oldest, answer))
          if (obstacle !== null) return obstacle
          if (answer.kind === 'kept') return { kind: 'kept' }
        }
        return later('BadReply')
      }
      const next = sending.then(work)
      sending = next.catch(() => {})
      return next
    },
    backlog: () =>
      alone(async () => ({
        batches: waiting.length,
        sizeBytes: waiting.reduce((sum, each) => sum + each.sizeBytes, 0),
      })),
    ask: () =>
      alone(async () => {
        const asked = await road.ask()
        const epoch = asked.kind === 'standing' ? (asked.standing.epoch ?? 0) : 0
        if (isNext(epoch, state.epoch)) await setState({ ...state, epoch })
        return asked
      }),
  }
}

/** Never back: whoever holds the older key may have lost the right to read since. */
const isNext = (epoch: number, known: number): boolean =>
  Number.isSafeInteger(epoch) && epoch > known && epoch <= known + EPOCHS_AHEAD_MAX

/** Beside the content, at most: what a batch has around it. */
const ROOM_BYTES = 3_500

const chainOf = ({ capsuleId }: Waiting, { chains }: DeviceState) =>
  chains.find(({ chain }) => toHex(chain.capsuleId) === capsuleId)

async function stateIn(store: DeviceStore, pairing: Pairing): Promise<DeviceState> {
  const bytes = await store.read(STATE)
  if (bytes === null) return FIRST_STATE
  const state = decodeState(bytes, pairing)
  if (state === null) throw new DeviceFault('Damaged', 'the file "state" is not what was written')
  return state
}
