import type { Category, MedGuardClient } from '@medguard/client'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Hl7v2Config } from '../config/config.ts'
import { readSealingKey } from '../config/identity.ts'
import {
  type Delivery,
  hl7v2Reader,
  openOrderBook,
  openPatientTable,
  type PatientTable,
  startDelivery,
} from '../delivery/index.ts'
import { type Mllp, type MllpOptions, startMllp } from '../mllp/index.ts'
import { openQuarantine, type Quarantine } from '../quarantine/index.ts'
import { openSpool, type Spool, type SpoolEntry } from '../spool/index.ts'

/** Messages of HL7 v2 on their way into vaults (docs/hl7v2.md), as the gateway's process runs it. */
export interface Messages {
  readonly port: number
  readonly spool: Pick<Spool, 'waiting'>
  readonly delivery: Pick<Delivery, 'state'>
  readonly patients: PatientTable
  readonly quarantine: Quarantine
  /** Of the record that a message becomes; null for one that is not read any more. */
  readonly categoryOf: (message: Pick<SpoolEntry, 'payload' | 'receivedMs'>) => Category | null
  close(): Promise<void>
}

/** @throws ConfigError, SpoolFault. */
export async function startMessages(
  { port, host, tls, keyFile, offset, waitingMax }: Hl7v2Config,
  {
    client,
    dataFolder,
    onAnswer,
    onBug,
  }: {
    client: Pick<MedGuardClient, 'depositOnce'>
    dataFolder: string
    onAnswer: NonNullable<MllpOptions['onAnswer']>
    onBug: (error: unknown) => void
  },
): Promise<Messages> {
  const key = readSealingKey(keyFile)
  const folder = join(dataFolder, 'hl7v2')
  const spool = await openSpool(folder, key, { waitingMax })
  const quarantine = await openQuarantine(folder, key)
  const patients = await openPatientTable(folder, key)
  const orders = await openOrderBook(folder, key)
  const reader = hl7v2Reader(offset ?? undefined)
  const parts = {
    spool,
    quarantine,
    matcher: patients,
    orders,
    client,
    readers: { hl7v2: reader, fhir: reader },
    onBug,
  }
  const delivery = startDelivery(parts)
  const closeStores = async () => {
    await delivery.close()
    for (const store of [quarantine, patients, orders, spool]) await store.close()
  }
  let mllp: Mllp
  try {
    const pem = tls && {
      key: readFileSync(tls.key, 'utf8'),
      cert: readFileSync(tls.certificate, 'utf8'),
      ca: readFileSync(tls.authority, 'utf8'),
    }
    const at = { port, host, onAnswer, ...(pem !== null && { tls: pem }), ...(offset !== null && { offset }) }
    mllp = await startMllp(at, spool)
  } catch (error) {
    await closeStores()
    throw error
  }
  return {
    port: mllp.port,
    spool,
    delivery,
    patients,
    quarantine,
    categoryOf(message) {
      try {
        return reader(message).record.category
      } catch (error) {
        onBug(error)
        return null
      }
    },
    async close() {
      await mllp.close()
      await closeStores()
    },
  }
}
