import { type CapsuleChain, newCapsule, nextStep, type StepKey } from '@medguard/crypto'
import { fromHex, ID_BYTES, toHex } from '@medguard/protocol'
import type { Pairing } from './pairing.ts'
import { devicePlace } from './sealing.ts'

/**
 * A capsule that this device made, and the place in its chain that the device keeps: that of the oldest batch under it that was not taken yet. It opens what waits, so
 * that this can be wrapped anew, and nothing of what was taken.
 */
export interface KeptChain {
  readonly chain: CapsuleChain
  readonly capsule: Uint8Array
  /** Whether the canister has it. */
  readonly isThere: boolean
}

/** What a device keeps beside the batches that wait. */
export interface DeviceState {
  /** The number of the oldest batch that can be waiting: those below were taken. */
  readonly firstNumber: number
  /** What is added to a number where the canister counts on from elsewhere. */
  readonly shift: number
  /** The highest that was ever told. */
  readonly epoch: number
  /** Oldest first; new batches go under the last. */
  readonly chains: readonly KeptChain[]
}

export const FIRST_STATE: DeviceState = { firstNumber: 0, shift: 0, epoch: 1, chains: [] }

export async function newChain(pairing: Pairing, epoch: number): Promise<KeptChain> {
  const { capsule, chain } = await newCapsule(pairing.sealingKey, devicePlace(pairing, epoch))
  return { chain, capsule, isThere: false }
}

/** The chain as it is at a later step. What is given stays as it is. @throws RangeError for one that is over. */
export async function chainAt(chain: CapsuleChain, step: number): Promise<CapsuleChain> {
  if (step < chain.step) throw new RangeError('a chain does not go back')
  let at: CapsuleChain = { ...chain, secret: Uint8Array.from(chain.secret) }
  while (at.step < step) at = (await nextStep(at)).chain
  return at
}

/** Keys of steps, each found from the last one before it: walking from the kept place each time would take a long backlog minutes. */
export function createWalker() {
  const ahead = new Map<string, CapsuleChain>()
  return {
    async keyOf(kept: CapsuleChain, step: number): Promise<StepKey> {
      const id = toHex(kept.capsuleId)
      const last = ahead.get(id)
      const { key, chain } = await nextStep(await chainAt(last !== undefined && last.step <= step ? last : kept, step))
      last?.secret.fill(0)
      ahead.set(id, chain)
      return key
    },
  }
}

/** As JSON; with the chains in it, as secret as these. */
export function encodeState({ firstNumber, shift, epoch, chains }: DeviceState): Uint8Array {
  const kept = chains.map(({ chain, capsule, isThere }) => ({
    epoch: chain.place.epoch,
    capsule: toHex(capsule),
    step: chain.step,
    stepsMax: chain.stepsMax,
    secret: toHex(chain.secret),
    isThere,
  }))
  return new TextEncoder().encode(JSON.stringify({ format: 1, firstNumber, shift, epoch, chains: kept }))
}

/** Null for what is none. */
export function decodeState(bytes: Uint8Array, pairing: Pairing): DeviceState | null {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return null
  }
  const { format, firstNumber, shift, epoch, chains } = fieldsOf(value)
  if (format !== 1 || !isCount(firstNumber) || !Number.isSafeInteger(shift) || !isCount(epoch)) return null
  if (!Array.isArray(chains)) return null
  const kept = chains.map((each) => chainIn(each, pairing))
  return kept.every((each) => each !== null) ? { firstNumber, shift: Number(shift), epoch, chains: kept } : null
}

function chainIn(value: unknown, pairing: Pairing): KeptChain | null {
  const { epoch, capsule, step, stepsMax, secret, isThere } = fieldsOf(value)
  const [sealed, key] = [capsule, secret].map((text) => (typeof text === 'string' ? fromHex(text) : null))
  if (!isCount(epoch) || !isCount(step) || !isCount(stepsMax) || typeof isThere !== 'boolean') return null
  if (!sealed || key?.length !== 32) return null
  const chain = {
    capsuleId: sealed.slice(4, 4 + ID_BYTES),
    place: devicePlace(pairing, epoch),
    stepsMax,
    step,
    secret: Uint8Array.from(key),
  }
  return { chain, capsule: sealed, isThere }
}

const fieldsOf = (value: unknown): Readonly<Partial<Record<string, unknown>>> =>
  typeof value === 'object' && value !== null ? { ...value } : {}
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
