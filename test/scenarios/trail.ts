import { decodeDetail, type EventName, eventName, idsInDetail, Principal, toHex } from '@medguard/protocol'
import { decodeLeaf } from '@medguard/tlog'
import type { Calls, Sender } from './clinic.ts'

/** One line of a patient's log, as the patient reads it. */
export interface TrailLine {
  readonly event: EventName
  /** Text; empty for events of the system. */
  readonly actor: string
  /** Hex. */
  readonly objectId: string
  readonly grantId: string | null
  readonly versionOrEpoch: number
  readonly failedOrWithheld: boolean
  readonly leafIndex: number
}

const PAGE = 50

/** All of a patient's log, oldest first. */
export async function trailOf(clinic: Calls, patient: Sender, patientId: Uint8Array): Promise<TrailLine[]> {
  const lines: TrailLine[] = []
  for (let total = 1n; BigInt(lines.length) < total;) {
    const page = await clinic.ok(patient, 'audit', 'leaves', {
      of: { patient: patientId },
      fromSeq: BigInt(lines.length),
      count: PAGE,
    })
    total = page.total
    for (const entry of page.entries) lines.push(lineOf(new Uint8Array(entry.leaf), new Uint8Array(entry.detail)))
    if (page.entries.length === 0) break
  }
  return lines
}

/** Names of the events from one on. */
export const eventsOf = (lines: readonly TrailLine[], from = 0): EventName[] =>
  lines.slice(from).map(({ event }) => event)

function lineOf(leafBytes: Uint8Array, detailBytes: Uint8Array): TrailLine {
  const leaf = decodeLeaf(leafBytes)
  const detail = decodeDetail(detailBytes)
  if (!leaf.ok || detail === null) throw new Error('the log holds leaves and details')
  const { value } = leaf
  const event = eventName(value.event)
  if (event === null) throw new Error(`event ${value.event} has a name`)
  const { grantId } = idsInDetail(event, detail.fields)
  return {
    event,
    actor: value.actor.length === 0 ? '' : Principal.fromUint8Array(value.actor).toText(),
    objectId: toHex(value.objectId),
    grantId: grantId === null ? null : toHex(grantId),
    versionOrEpoch: value.versionOrEpoch,
    failedOrWithheld: (value.flags & 4) !== 0,
    leafIndex: value.index,
  }
}
