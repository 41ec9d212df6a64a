import { hkdfSync } from 'node:crypto'
import { join } from 'node:path'
import type { MedGuardClient } from '@medguard/client'
import { openOrderBook } from '../delivery/order-book.ts'
import { openPatientTable } from '../delivery/patient-table.ts'
import { hl7v2Reader } from '../delivery/reading-entries.ts'
import { startDelivery } from '../delivery/delivery.ts'
import { type Mllp, type MllpOptions, startMllp } from '../mllp/index.ts'
import { openQuarantine } from '../quarantine/quarantine.ts'
import { openSpool } from '../spool/spool.ts'
import { openDesk } from './desk.ts'

export interface InboundOptions {
  /** Of this process alone: spool, quarantine, table of patients, and the socket of the staff's desk. */
  readonly folder: string
  /** The gateway's own secret, at least 32 bytes, from which the key of the folder follows. */
  readonly secret: Uint8Array
  readonly client: Pick<MedGuardClient, 'depositOnce'>
  readonly mllp: MllpOptions
  /** Of a mistake of ours, which stops nothing. */
  readonly onBug: (error: unknown) => void
}

export interface InboundCounts {
  /** Acknowledgements by their code. */
  readonly answers: Readonly<Record<'AA' | 'AE' | 'AR', number>>
  readonly waiting: number
  readonly waitingBytes: number
  readonly delivered: number
  readonly quarantine: number
  /** Why nothing is delivered at the moment, or null. */
  readonly waitsFor: string | null
}
export interface Inbound {
  readonly port: number
  /** Without anybody's name or number. */
  counts(): InboundCounts
  /** Takes nothing more, and ends after what is under way. What waits is delivered the next time. */
  close(): Promise<void>
}

/** What comes in from an institution's systems: taken, kept, delivered, and for its staff to look after. @throws SpoolFault, RangeError. */
export async function openInbound({ folder, secret, client, mllp, onBug }: InboundOptions): Promise<Inbound> {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'medguard gateway inbound folder 1', 32))
  /** In the order in which they were opened. */
  const opened: { close(): Promise<void> }[] = []
  const close = async (): Promise<void> => {
    for (const each of opened.splice(0).toReversed()) await each.close()
  }
  const kept = async <T extends { close(): Promise<void> }>(opening: Promise<T> | T): Promise<T> => {
    const each = await opening
    opened.push(each)
    return each
  }
  try {
    const spool = await kept(openSpool(folder, key))
    const quarantine = await kept(openQuarantine(folder, key))
    const matcher = await kept(openPatientTable(folder, key))
    const orders = await kept(openOrderBook(folder, key))
    const reader = hl7v2Reader(mllp.offset)
    const readers = { hl7v2: reader }
    const delivery = await kept(startDelivery({ spool, quarantine, matcher, orders, client, readers, onBug }))
    const answers = { AA: 0, AE: 0, AR: 0 }
    const onAnswer: MllpOptions['onAnswer'] = (answer) => {
      answers[answer.ack]++
      mllp.onAnswer?.(answer)
    }
    const counts = (): InboundCounts => {
      const { delivered, waitsFor } = delivery.state
      const { count: waiting, sizeBytes: waitingBytes } = spool.waiting
      return { answers: { ...answers }, waiting, waitingBytes, delivered, quarantine: quarantine.count, waitsFor }
    }
    await kept(openDesk(deskIn(folder), { quarantine, patients: matcher, counts }))
    const { port }: Mllp = await kept(startMllp({ ...mllp, onAnswer }, spool))
    return { port, counts, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Where staff of the institution on this machine find the desk of a folder. */
export const deskIn = (folder: string): string =>
  process.platform === 'win32'
    ? `\\\\.\\pipe\\medguard-desk-${Buffer.from(folder).toString('hex').slice(-64)}`
    : join(folder, 'desk')
