import {
  ALERTS_MEDIA_TYPE,
  alertsSaid,
  CATEGORIES,
  type Category,
  type MedGuardClient,
  type RecordSummary,
} from '@medguard/client'
import {
  type Alert,
  alertsOf,
  type AlertState,
  alertStateOf,
  isOpen,
  type Piece,
  type Reading,
  summaryFromJson,
} from '@medguard/readings'
import { msOf } from '../app/dates.ts'
import { holdsReadings, readingsReaderOf } from '../devices/readings-reader.ts'

/** An alert as the page keeps it: whether it asks for somebody was looked up with it. */
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

/** Of each kind of record that readings come to or that something was said about. Opens nothing. */
export function lookThrough(
  records: readonly RecordSummary[],
  now: {
    readonly nowMs: number
    /** When the list was read. */
    readonly listedMs: number
    readonly sending: ReadonlySet<string> | null
    /** Of what was opened; null for what was not. */
    readonly readingsOf: (record: RecordSummary) => readonly Reading[] | null
  },
): readonly KindAlerts[] {
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

function pieceOf(record: RecordSummary, readings: readonly Reading[] | null): Piece {
  const heardNs = record.postedNs ?? record.addedNs
  return {
    recordId: record.recordId,
    deviceId: record.deviceId ?? null,
    heardMs: heardNs === null ? null : msOf(heardNs),
    summary: summaryFromJson(record.readings),
    readings,
  }
}

/** Readings that the reader has opened since the sign-in. */
export function openedReadings(client: MedGuardClient): (record: RecordSummary) => readonly Reading[] | null {
  const reader = readingsReaderOf(client)
  return (record) => (reader.isRead(record) ? reader.of([record]) : null)
}
