import { momentText, observationOf, partsOf, type Reading } from '@medguard/readings'
import Papa from 'papaparse'

/** A FHIR R4 Bundle with an Observation of each reading. */
export function readingsBundle(readings: readonly Reading[], nowMs: number): string {
  const entry = readings.map((reading) => ({ resource: observationOf(reading) }))
  return JSON.stringify(
    { resourceType: 'Bundle', type: 'collection', timestamp: new Date(nowMs).toISOString(), entry },
    null,
    2,
  )
}

const COLUMNS = ['time', 'code', 'value', 'unit', 'device', 'flags'] as const

/** A table (RFC 4180) with a line for each value: RFC 3339 time with the offset of where it was measured, LOINC, UCUM. What a device is called never runs as a formula of the program that opens it. */
export function readingsTable(readings: readonly Reading[]): string {
  const lines = readings.flatMap((reading) =>
    partsOf(reading).map(({ code, value }) => [
      momentText(reading.timeMs, reading.offsetMinutes),
      code,
      value,
      reading.unit,
      reading.source.device,
      reading.flags.join(' '),
    ]),
  )
  return Papa.unparse({ fields: [...COLUMNS], data: lines }, { escapeFormulae: true })
}
