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
  for (const id of spool.pending()) remember(onItsWay, spool, await spool.read(id))
  for (const { id } of quarantine.list()) {
    const entry = await quarantine.take(id)
    if (entry !== null) remember(onItsWay, spool, entry)
  }
  /** A share that was changed goes on as another one. */
  const grantNow = ({ id, grantId }: SpoolHead): string | null => {
    const create = onItsWay.find(spool.recordIdOf(id))
    const live = create === null ? [] : writable(vaults.lately.known(), create.patientId)
    if (create === null || live.some((share) => share.grantId === grantId)) return null
    return live.find((share) => reaches(share, placeOf(create)))?.grantId ?? null
  }
  const delivery = startDelivery({
    spool,
    quarantine,
    // Whose a resource is it says itself; what changes is what is shared.
    matcher: { match: () => ({ kind: 'unmatched' }), onChange: vaults.lately.onChange },
    orders: { find: () => null, note: async () => {} },
    client,
    readers: { fhir: reader },
    grantNow,
    onDelivered: ({ id }, grantId) => vaults.delivered(spool.recordIdOf(id), grantId),
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

/** Of what was acknowledged before this process began. What cannot be read now is delivery's to put aside. */
function remember(onItsWay: OnItsWay, spool: Spool, entry: SpoolEntry): void {
  const { id, grantId = '', receivedMs, isForInbox = false, payload } = entry
  const recordId = spool.recordIdOf(id)
  try {
    const content = resourceIn(payload)
    if (content === null) return
    const record = { ...recordOf(asStored(content), ''), bytes: payload }
    if (onItsWay.add({ recordId, patientId: patientIn(content), grantId, isForInbox, receivedMs, record }))
      onItsWay.taken(recordId)
  } catch (error) {
    if (!(error instanceof Refuse)) throw error
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

const RETRY_SECONDS = 60
const noRoom = (): Refuse =>
  new Refuse(503, 'throttled', 'too much waits to be delivered: nothing was taken', {
    retryAfterSeconds: RETRY_SECONDS,
  })
function notTaken({ code }: SpoolFault): Refuse {
  if (code === 'Full') return noRoom()
  return new Refuse(503, 'no-store', 'it cannot be kept here at the moment: nothing was taken', {
    retryAfterSeconds: RETRY_SECONDS,
  })
}
