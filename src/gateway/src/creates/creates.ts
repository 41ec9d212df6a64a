import { type MedGuardClient, type Share, wrongRecord } from '@medguard/client'
import { randomBytes } from 'node:crypto'
import { type Delivery, type Reader, startDelivery } from '../delivery/index.ts'
import { forbidden, Refuse, refusalAnswer } from '../faults.ts'
import { isObject, type JsonObject, textOf } from '../json.ts'
import { mayWrite, reaches, resourceIn } from '../patients/granted-records.ts'
import { type Create, type OnItsWay, summaryOf } from '../patients/on-its-way.ts'
import { ownResource } from '../patients/record-resources.ts'
import type { Vaults } from '../patients/vaults.ts'
import { openQuarantine, type Quarantine } from '../quarantine/index.ts'
import { openSpool, type Spool, type SpoolEntry, SpoolFault, type SpoolHead } from '../spool/index.ts'
import type { Disk } from '../spool/disk.ts'
import { asStored, patientIn, recordOf } from './as-record.ts'

export interface Taken {
  readonly resource: JsonObject
  /** It waits until the patient takes it in, and is not to be read here before. */
  readonly isWaiting: boolean
}

/** FHIR resources on their way into vaults: acknowledged once they are on the disk, stored in the order of each patient, once, whatever breaks off in between (docs/integrate.md). */
export interface Creates {
  /** @throws Refuse 403 without a share that lets it, 422 for what no vault takes, 503 without room. */
  readonly take: (resource: JsonObject, clientId: string) => Promise<Taken>
  readonly spool: Pick<Spool, 'waiting' | 'pending' | 'head'>
  readonly delivery: Pick<Delivery, 'state'>
  readonly quarantine: Quarantine
  /** Staff say that it is not to be stored: it is gone. False for what is not there. */
  refuse(id: string): Promise<boolean>
  close(): Promise<void>
}

export interface CreatesParts {
  /** In the gateway's data folder. */
  readonly folder: string
  /** 32 bytes, that all of it is sealed under. */
  readonly key: Uint8Array
  readonly client: Pick<MedGuardClient, 'depositOnce' | 'principal'>
  readonly vaults: Pick<Vaults, 'grants' | 'lately' | 'delivered'>
  readonly onItsWay: OnItsWay
  readonly nowMs: () => number
  readonly onBug: (error: unknown) => void
  readonly disk?: Disk
  readonly waitsMs?: readonly number[]
}

/** @throws SpoolFault */
export async function startCreates(parts: CreatesParts): Promise<Creates> {
  const { folder, key, client, vaults, onItsWay, nowMs, onBug, disk, waitsMs } = parts
  const spool = await openSpool(folder, key, disk === undefined ? {} : { disk })
  const quarantine = await openQuarantine(folder, key, disk).catch(async (error: unknown) => {
    await spool.close()
    throw error
  })
  /** What is not delivered, by entry. */
  const waiting = new Map<string, Create>()
  const remember = (entry: SpoolEntry): void => {
    const create = createOf(spool, entry)
    if (create === null || !onItsWay.add(create)) return
    onItsWay.taken(create.recordId)
    waiting.set(entry.id, create)
  }
  for (const id of spool.pending()) remember(await spool.read(id))
  for (const { id } of quarantine.list()) {
    // The process may have ended between the two.
    const entry = waiting.has(id) ? null : await quarantine.take(id)
    if (entry !== null) remember(entry)
  }
  /** By patient, and not looked through anew for each of thousands that wait. */
  let lastShares: { readonly of: ReadonlyMap<string, readonly Share[]>; readonly untilMs: number } | null = null
  const sharesOf = (patientId: string): readonly Share[] => {
    if (lastShares === null || performance.now() > lastShares.untilMs) {
      const of = new Map<string, Share[]>()
      for (const share of vaults.lately.known()) of.set(share.patientId, [...(of.get(share.patientId) ?? []), share])
      lastShares = { of, untilMs: performance.now() + SHARES_MS }
    }
    return writable(lastShares.of.get(patientId) ?? [], patientId)
  }
  /** A share that was changed goes on as another one. */
  const grantNow = ({ id, grantId }: SpoolHead): string | null => {
    const create = waiting.get(id)
    if (create === undefined) return null
    const fitting = sharesOf(create.patientId).filter((share) => reaches(share, placeOf(create)))
    return (fitting.find((share) => share.grantId === grantId) ?? fitting[0])?.grantId ?? null
  }
  const delivery = startDelivery({
    spool,
    quarantine,
    // Whose a resource is it says itself; what changes is what is shared.
    matcher: {
      match: () => ({ kind: 'unmatched' }),
      onChange: (call) =>
        vaults.lately.onChange((patientIds) => {
          lastShares = null
          call((id) => patientIds.has(waiting.get(id)?.patientId ?? '') || !waiting.has(id))
        }),
    },
    orders: { find: () => null, note: async () => {} },
    client,
    readers: { fhir: reader },
    grantNow,
    onDelivered({ id }, grantId) {
      waiting.delete(id)
      vaults.delivered(spool.recordIdOf(id), grantId)
    },
    onBug,
    ...(waitsMs === undefined ? {} : { waitsMs }),
  })

  const grantFor = async (patient: string, category: string): Promise<{ share: Share; isForInbox: boolean }> => {
    const among = (shares: readonly Share[]) => {
      const mine = writable(shares, patient)
      const filed = mine.find((share) => reaches(share, category))
      const share = filed ?? mine.find((each) => reaches(each, 'inbox'))
      return share === undefined ? null : { share, isForInbox: filed === undefined }
    }
    const found = among(await vaults.lately.lately()) ?? among(await vaults.grants())
    if (found === null)
      throw forbidden(`nothing lets this gateway write ${category} for Patient/${patient}: ask for it first`)
    return found
  }

  return {
    spool,
    delivery,
    quarantine,
    async take(resource, clientId) {
      const content = asStored(resource)
      const patientId = patientIn(content)
      const record = recordOf(content, textOf.get(resource))
      const wrong = wrongRecord(record)
      if (wrong !== null) throw refusalAnswer(wrong)
      const { share, isForInbox } = await grantFor(patientId, record.category)
      const id = randomBytes(16).toString('hex')
      const [recordId, receivedMs] = [spool.recordIdOf(id), nowMs()]
      const { grantId } = share
      const create: Create = { recordId, patientId, grantId, isForInbox, receivedMs, record }
      if (!onItsWay.add(create)) throw noRoom()
      waiting.set(id, create)
      try {
        await spool.append({
          id,
          kind: 'fhir',
          receivedMs,
          source: clientId,
          grantId,
          ...(isForInbox ? { isForInbox } : {}),
          payload: record.bytes,
        })
      } catch (error) {
        waiting.delete(id)
        onItsWay.drop(recordId)
        throw error instanceof SpoolFault ? notTaken(error) : error
      }
      onItsWay.taken(recordId)
      const summary = summaryOf(create, client.principal)
      return { resource: ownResource({ summary, content }, content), isWaiting: isForInbox }
    },
    async refuse(id) {
      const isThere = await quarantine.refuse(id)
      if (isThere) onItsWay.drop(spool.recordIdOf(id))
      waiting.delete(id)
      return isThere
    },
    async close() {
      await delivery.close()
      await quarantine.close()
      await spool.close()
    },
  }
}

const placeOf = ({ isForInbox, record }: Create): string => (isForInbox ? 'inbox' : record.category)
const writable = (shares: readonly Share[], patientId: string): Share[] =>
  shares.filter((share) => share.patientId === patientId && mayWrite(share))

/** Of what was acknowledged before this process began. Null for what cannot be read now, which is delivery's to put aside. */
function createOf(spool: Spool, entry: SpoolEntry): Create | null {
  const { id, grantId = '', receivedMs, isForInbox = false, payload } = entry
  try {
    const content = resourceIn(payload)
    if (content === null) return null
    const record = { ...recordOf(asStored(content), ''), bytes: payload }
    return { recordId: spool.recordIdOf(id), patientId: patientIn(content), grantId, isForInbox, receivedMs, record }
  } catch (error) {
    if (error instanceof Refuse) return null
    throw error
  }
}

/** The bytes are the record, as they came. */
const reader: Reader = ({ payload }) => {
  const content = resourceIn(payload)
  if (!isObject(content)) throw new RangeError('no resource')
  const text = new TextDecoder().decode(payload)
  return {
    record: recordOf(asStored(content), text),
    identifiers: [],
    birthDate: null,
    isMerge: false,
    sender: '',
    orders: [],
  }
}

const SHARES_MS = 1000
const RETRY_SECONDS = 60
const noRoom = (): Refuse =>
  new Refuse(503, 'throttled', 'too much waits to be delivered: nothing was taken', {
    retryAfterSeconds: RETRY_SECONDS,
  })
function notTaken({ code }: SpoolFault): Refuse {
  if (code === 'Full') return noRoom()
  const words =
    code === 'Broken'
      ? 'the disk failed, and it may have been taken: with the gateway started again, ask with If-None-Exist before sending it again'
      : 'it cannot be kept here at the moment: nothing was taken'
  return new Refuse(503, 'no-store', words, { retryAfterSeconds: RETRY_SECONDS })
}
