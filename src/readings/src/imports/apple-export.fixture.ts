import { Zip, ZipDeflate } from 'fflate'

// Exports in Apple's layout, of any size, the same each time, in pieces that cut through elements and characters.

const START = Date.UTC(2020, 0, 1)
const DAY_MS = 86_400_000
const at = (ms: number) => `${new Date(ms + 3_600_000).toISOString().slice(0, 19).replace('T', ' ')} +0100`
const DEVICE =
  '&lt;&lt;HKDevice: 0x0&gt;, name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,1, software:10.3&gt;'

function quantity(type: string, unit: string, value: string, ms: number, inside = ''): string {
  const when = at(ms)
  const attributes = `type="HKQuantityTypeIdentifier${type}" sourceName="Zoë’s Watch" sourceVersion="10.3" device="${DEVICE}" unit="${unit}" creationDate="${when}" startDate="${when}" endDate="${when}" value="${value}"`
  return inside === '' ? ` <Record ${attributes}/>\n` : ` <Record ${attributes}>\n${inside} </Record>\n`
}
const entry = (key: string, value: string) => `  <MetadataEntry key="${key}" value="${value}"/>\n`

/** One day: a pulse every three minutes, and one of each other kind. Blood pressure as one of its halves here, the other and the correlation a day later. */
function dayOf(day: number): string {
  const ms = START + day * DAY_MS
  const pulses = Array.from({ length: 480 }, (_, i) =>
    quantity(
      'HeartRate',
      'count/min',
      String(60 + ((i * 7 + day) % 40)),
      ms + i * 180_000,
      entry('HKMetadataKeyHeartRateMotionContext', '1'),
    ),
  )
  const half = (which: string, value: number, of: number) =>
    quantity(`BloodPressure${which}`, 'mmHg', String(value + (of % 9)), START + of * DAY_MS + 60_000)
  const before = day - 1
  const correlation = `<Correlation type="HKCorrelationTypeIdentifierBloodPressure" sourceName="Zoë’s Watch" startDate="${at(START + before * DAY_MS + 60_000)}" endDate="${at(START + before * DAY_MS + 60_000)}">\n${half('Systolic', 120, before)}${half('Diastolic', 80, before)}</Correlation>\n`
  const others = [
    half('Systolic', 120, day),
    ...(day > 0 ? [half('Diastolic', 80, before), correlation] : []),
    quantity('OxygenSaturation', '%', '0.97', ms),
    quantity(
      'BloodGlucose',
      'mmol&lt;180.1558800000541&gt;/L',
      '5.6',
      ms,
      entry('HKBloodGlucoseMealTime', '2') + entry('HKWasUserEntered', '1'),
    ),
    quantity('EnvironmentalAudioExposure', 'dBASPL', '61.2', ms),
    quantity('BodyMass', 'stones', '11', ms),
  ]
  return pulses.join('') + others.join('')
}

export interface AppleExportSize {
  readonly days: number
}
const HEAD =
  '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE HealthData [\n<!ELEMENT HealthData (ExportDate,Me,(Record|Correlation)*)>\n]>\n<HealthData locale="en_GB">\n'

/** Bytes of the XML, 64 KiB at a time. */
export async function* appleXml({ days }: AppleExportSize): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  let rest = new Uint8Array(0)
  for (let day = -1; day <= days; day++) {
    const text = encoder.encode(day < 0 ? HEAD : day === days ? '</HealthData>\n' : dayOf(day))
    const bytes = new Uint8Array(rest.length + text.length)
    bytes.set(rest)
    bytes.set(text, rest.length)
    let from = 0
    for (; from + 65_536 <= bytes.length; from += 65_536)
      yield await Promise.resolve(bytes.subarray(from, from + 65_536))
    rest = bytes.slice(from)
  }
  yield rest
}
/** About what one day takes. */
export const APPLE_DAY_BYTES = new TextEncoder().encode(dayOf(1)).length

/** The same in a zip, with what else phones put there. */
export async function* appleZip({ days }: AppleExportSize): AsyncGenerator<Uint8Array> {
  const ready: Uint8Array[] = []
  const zip = new Zip((error, bytes) => {
    if (error !== null) throw error
    ready.push(bytes)
  })
  const file = (name: string) => {
    const made = new ZipDeflate(`apple_health_export/${name}`, { level: 1 })
    zip.add(made)
    return made
  }
  const text = (name: string, content: string) => file(name).push(new TextEncoder().encode(content), true)
  text('export_cda.xml', '<ClinicalDocument/>')
  const xml = file('Exportación.xml')
  for await (const piece of appleXml({ days })) {
    xml.push(piece.slice(), false)
    yield* ready.splice(0)
  }
  xml.push(new Uint8Array(0), true)
  text('clinical-records/Observation-1.json', '{"resourceType":"Observation","id":"1"}')
  text('electrocardiograms/ecg_2024-01-01.csv', 'Name,Zoë\n')
  zip.end()
  yield* ready.splice(0)
}
