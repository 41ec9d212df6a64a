import { decodeWrap } from '@medguard/crypto/verify'
import { decodeDeviceBatch, type DeviceBatch, encodeDeviceBatch, toHex } from '@medguard/protocol'
import { DeviceFault } from './fault.ts'
import type { SealedReadings } from './sealing.ts'
import type { DeviceStore } from './store.ts'

/** A batch that waits: a piece of its own in the store, under the number that it was sealed with, written once and removed once it was taken. */
export interface Waiting {
  readonly number: number
  readonly sizeBytes: number
  /** Hexadecimal. */
  readonly capsuleId: string
  readonly epoch: number
  readonly step: number
}

const PREFIX = 'batch-'
const nameOf = (number: number): string => `${PREFIX}${String(number).padStart(10, '0')}`

/** As `MGR1` without a capsule, its number in place of the one it is posted under. */
export const batchIn = (
  { deviceId, number }: { readonly deviceId: Uint8Array; readonly number: number },
  { manifest, header, body, listWrap, openWrap }: Omit<SealedReadings, 'secret' | 'recordId'>,
): Uint8Array => encodeDeviceBatch({ deviceId, seq: number, manifest, header, body, listWrap, openWrap, capsule: null })

/** @throws DeviceFault `Damaged` where a piece is not what was written. */
function read(name: string, bytes: Uint8Array): { readonly waiting: Waiting; readonly batch: DeviceBatch } {
  const decoded = decodeDeviceBatch(bytes)
  const head = decoded.ok ? decodeWrap(decoded.value.openWrap) : null
  const step = head?.ok === true ? head.value.capsule : null
  const isRight = decoded.ok && head?.ok === true && step !== null && nameOf(decoded.value.seq) === name
  if (!isRight) throw new DeviceFault('Damaged', `${name} is no batch of this device; take it away to go on without it`)
  const waiting = {
    number: decoded.value.seq,
    sizeBytes: bytes.length,
    capsuleId: toHex(step.capsuleId),
    epoch: head.value.epoch,
    step: step.step,
  }
  return { waiting, batch: decoded.value }
}

/** The pieces of a store, in the order of their numbers. */
export function waitingIn(store: DeviceStore) {
  const piece = async (number: number) => {
    const bytes = await store.read(nameOf(number))
    if (bytes === null) throw new DeviceFault('Damaged', `${nameOf(number)} is gone`)
    return read(nameOf(number), bytes)
  }
  return {
    async all(): Promise<Waiting[]> {
      const names = (await store.names()).filter((name) => /^batch-\d{10}$/.test(name)).toSorted()
      const found: Waiting[] = []
      for (const name of names) found.push((await piece(Number(name.slice(PREFIX.length)))).waiting)
      return found
    },
    batch: async (number: number): Promise<DeviceBatch> => (await piece(number)).batch,
    async write(number: number, bytes: Uint8Array): Promise<Waiting> {
      const { waiting } = read(nameOf(number), bytes)
      await store.write(nameOf(number), bytes)
      return waiting
    },
    remove: (number: number): Promise<void> => store.remove(nameOf(number)),
  }
}
