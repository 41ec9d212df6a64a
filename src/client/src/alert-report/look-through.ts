import { CATEGORIES, type Category, NS_PER_MS } from '@medguard/protocol'
import {
  type Alert,
  alertsOf,
  type AlertState,
  alertStateOf,
  isOpen,
  type Piece,
  type Reading,
  SEGMENT_MEDIA_TYPE,
  summaryFromJson,
} from '@medguard/readings'
import { ALERTS_MEDIA_TYPE } from '../alerts-api.ts'
import { alertsSaid } from '../alerts.ts'
import type { RecordSummary } from '../api.ts'

/** An alert, and whether it asks for somebody. */
export type KeptAlert = Alert & { readonly isOpen: boolean }

/** What there is to know of one kind of record. */
export interface KindAlerts {
  readonly category: Category
  readonly state: AlertState
  /** Organisation through which somebody spoke, by their principal. */
  readonly through: ReadonlyMap<string, string>
  readonly alerts: readonly KeptAlert[]
  /** Records that have to be opened before anybody knows. */
  readonly unread: readonly string[]
  /** That posted readings of this kind. */
  readonly devices: readonly string[]
}

export interface LookedAt {
  readonly nowMs: number
  /** When the list was read. */
  readonly listedMs: number
  /** Devices that are to send; null where that is not known. */
  readonly sending: ReadonlySet<string> | null
  /** Of what was opened; null for what was not. */
  readonly readingsOf: (record: RecordSummary) => readonly Reading[] | null
}

/** Of each kind of record that readings come to or that something was said about. Opens nothing. */
export function lookThrough(records: readonly RecordSummary[], now: LookedAt): readonly KindAlerts[] {
  return CATEGORIES.flatMap((category) => {
    const own = records.filter((record) => record.category === category)
    const pieces = own.filter(holdsReadings).map((record) => pieceOf(record, now.readingsOf(record)))
    const devices = [...new Set(pieces.flatMap(({ deviceId }) => deviceId ?? []))]
    if (devices.length === 0 && !own.some(({ mediaType }) => mediaType === ALERTS_MEDIA_TYPE)) return []
    const said = alertsSaid(own, category)
    const state = alertStateOf(said, now.nowMs)
    const through = new Map(said.flatMap(({ by, orgId }) => (orgId === null ? [] : [[by, orgId] as const])))
    const { alerts, unread } = alertsOf(state, pieces, now)
    const kept = alerts.map((alert) => ({ ...alert, isOpen: isOpen(alert) }))
    return [{ category, state, through, alerts: kept, unread, devices }]
  })
}

const holdsReadings = ({ mediaType, isDamaged }: RecordSummary): boolean =>
  mediaType === SEGMENT_MEDIA_TYPE && isDamaged !== true

function pieceOf(record: RecordSummary, readings: readonly Reading[] | null): Piece {
  const heardNs = record.postedNs ?? record.addedNs
  return {
    recordId: record.recordId,
    deviceId: record.deviceId ?? null,
    heardMs: heardNs === null ? null : Number(heardNs / NS_PER_MS),
    summary: summaryFromJson(record.readings),
    readings,
  }
}
