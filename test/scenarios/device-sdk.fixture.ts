import { Ed25519KeyIdentity } from '@dfinity/identity'
import type { MedGuardClient, PairedDevice } from '@medguard/client'
import { type Answer, answerOf, type DeviceStore, type Pairing, readPairing, type Road } from '@medguard/device'
import {
  type CapsuleChain,
  type CompartmentEpoch,
  nextStep,
  type RecordSecret,
  unwrapRecordSecret,
} from '@medguard/crypto'
import { decodeDeviceBatch, fromHex, NS_PER_MINUTE, refusalOf } from '@medguard/protocol'
import { decodeSegment, merged, type Reading, readingOf, SEGMENT_MEDIA_TYPE } from '@medguard/readings'
import type { Clinic, Person } from './clinic.ts'

// A device with the SDK, and the patient's client that reads what it posted.

export async function pairedDevice(client: Pick<MedGuardClient, 'addDevice'>, name = 'Cuff') {
  const added = await client.addDevice({ name, category: 'vitals' })
  if (added.kind !== 'done') throw new Error(added.refusal.kind)
  return asPaired(added.value)
}
export function asPaired({ code, device }: PairedDevice) {
  const pairing = readPairing(code)
  const identity = Ed25519KeyIdentity.fromSecretKey(Uint8Array.from(pairing.privateKey ?? []))
  return { pairing, identity, device, code }
}
export type TestPaired = Awaited<ReturnType<typeof pairedDevice>>

/** One pulse a minute, no two alike. */
export const pulse = (count: number, first = 0): Reading[] =>
  Array.from({ length: count }, (_, i) =>
    readingOf({
      device: 'Watch',
      code: '8867-4',
      unit: '/min',
      value: 50 + ((first + i) % 90),
      timeMs: 1_780_000_000_000 + (first + i) * 60_000,
      clockMs: 1_780_003_600_000 + (first + i) * 60_000,
      offsetMinutes: 60,
    }),
  )

export class PowerCut extends Error {
  override readonly name = 'PowerCut'
}

/** A disk that survives: after `cutAt` writes and removals nothing goes any more, and what was under way was not done. */
export function memoryDisk(files = new Map<string, Uint8Array>()) {
  let left = Number.POSITIVE_INFINITY
  const spend = (): void => {
    if (left <= 0) throw new PowerCut()
    left--
  }
  const store: DeviceStore = {
    read: async (name) => files.get(name) ?? null,
    async write(name, bytes) {
      spend()
      files.set(name, Uint8Array.from(bytes))
    },
    async remove(name) {
      spend()
      files.delete(name)
    },
    names: async () => [...files.keys()],
  }
  return { files, store, cutAfter: (operations: number) => void (left = operations), isCut: () => left <= 0 }
}

/** Somebody read under a key, and may not any more: what is posted from now on is under the next. */
export async function endsAccess(
  clinic: Pick<Clinic, 'nowNs' | 'advance'>,
  reader: Person,
  patient: Person,
  how: 'expires' | 'isRevoked' = 'expires',
): Promise<void> {
  await reader.client.enrol()
  const startNs = await clinic.nowNs()
  const shared = await patient.client.share({
    scope: { categories: ['vitals'] },
    rights: ['list', 'open'],
    purpose: 'TREAT',
    grantee: reader.principal.toText(),
    startNs,
    endNs: startNs + NS_PER_MINUTE,
  })
  if (shared.kind !== 'done') throw new Error(shared.refusal.kind)
  const listed = await reader.client.list({ of: 'grant', grantId: shared.value.grantId })
  if (listed.kind !== 'done') throw new Error(listed.refusal.kind)
  if (how === 'expires') return clinic.advance(NS_PER_MINUTE)
  const revoked = await patient.client.revoke(shared.value.grantId)
  if (revoked.kind !== 'done') throw new Error(revoked.refusal.kind)
}

/** Straight into the network, as calls of the device's key. */
export function wireOf(
  clinic: Pick<Clinic, 'call'>,
  { pairing, identity }: Pick<TestPaired, 'pairing' | 'identity'>,
): Road {
  const caller = identity.getPrincipal()
  return {
    async post(batch): Promise<Answer> {
      const posted = await clinic.call(caller, 'records', 'depositReadings', { batch })
      if ('Ok' in posted) return { kind: 'kept' }
      return answerOf(refusalOf(posted.Err))
    },
    async ask() {
      const asked = await clinic.call(caller, 'records', 'deviceInfo', { deviceId: pairing.deviceId })
      if ('Err' in asked) return { kind: 'later', why: refusalOf(asked.Err).kind, afterMs: null }
      const { epoch, nextSeq } = asked.Ok
      return { kind: 'standing', standing: { state: 'active', epoch: epoch[0] ?? null, nextSeq } }
    },
  }
}

/** As the patient reads them, by a client that knows nothing yet: every record of readings, and what is left of them where one came twice. */
export async function readingsOf(
  client: MedGuardClient,
): Promise<{ readonly records: number; readonly readings: readonly Reading[] }> {
  const listed = await client.list({ of: 'me' }, ['vitals'])
  if (listed.kind !== 'done') throw new Error(listed.refusal.kind)
  const segments = listed.value.filter(({ mediaType }) => mediaType === SEGMENT_MEDIA_TYPE)
  const readings: Reading[] = []
  for (const summary of segments) {
    const opened = await client.open(summary)
    if (opened.kind !== 'done') throw new Error(opened.refusal.kind)
    readings.push(...decodeSegment(opened.value.bytes))
  }
  return { records: segments.length, readings: merged(readings).kept }
}

/** Everything on a disk that could be the beginning of a chain, tried on every step of it. */
export async function openWithAll(
  files: ReadonlyMap<string, Uint8Array>,
  { patientId, cid }: Pick<Pairing, 'patientId' | 'cid'>,
  batch: Uint8Array,
): Promise<RecordSecret | null> {
  const decoded = decodeDeviceBatch(batch)
  if (!decoded.ok) throw new Error(decoded.code)
  const { openWrap, manifest } = decoded.value
  const view = new DataView(openWrap.buffer, openWrap.byteOffset)
  const place: CompartmentEpoch = { patientId, compartmentKind: 1, compartmentId: cid, epoch: view.getUint32(8) }
  const [capsuleId, step] = [openWrap.slice(72, 88), view.getUint32(88)]
  const record = { patientId, recordId: manifest.slice(8, 24), version: 1 }
  for (const secret of secretsOn(files))
    for (let from = 0; from <= step; from++) {
      let chain: CapsuleChain = { capsuleId, place, stepsMax: 1024, step: from, secret: Uint8Array.from(secret) }
      while (chain.step < step) chain = (await nextStep(chain)).chain
      try {
        return await unwrapRecordSecret((await nextStep(chain)).key, record, openWrap)
      } catch {
        continue // not this one
      }
    }
  return null
}

/** Each run of 32 bytes, written as 64 hexadecimal digits or as they are in a short file. */
function secretsOn(files: ReadonlyMap<string, Uint8Array>): Uint8Array[] {
  const found = new Set<string>()
  for (const [name, bytes] of files) {
    for (const [digits] of Buffer.from(bytes)
      .toString('latin1')
      .matchAll(/[0-9a-f]{64,}/g))
      for (let at = 0; at + 64 <= digits.length; at += 2) found.add(digits.slice(at, at + 64))
    if (!name.startsWith('batch-'))
      for (let at = 0; at + 32 <= Math.min(bytes.length, 64); at++)
        found.add(Buffer.from(bytes.subarray(at, at + 32)).toString('hex'))
  }
  return [...found].map((hex) => fromHex(hex) ?? new Uint8Array(32))
}
