import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../json.ts'
import { validate } from '../validation/index.ts'
import { acknowledge, Hl7Problem, mapMessage, readHeadOnly, readMessage } from './index.ts'

// D14: messages of HL7 v2 as FHIR, and what their senders are told.

const VECTORS = new URL('../../../../test/vectors/hl7v2/', import.meta.url)
/** Messages of others, beside the repository where somebody has them. */
const SHARED = new URL('../../../../../shared/data/hl7v2/', import.meta.url)
const others = existsSync(SHARED) ? readdirSync(SHARED).filter((name) => name.startsWith('ms-')) : []
const bytesOf = (name: string) => new Uint8Array(readFileSync(new URL(`${name}.hl7`, VECTORS)))
const textOf = (name: string) => new TextDecoder().decode(bytesOf(name))
const utf8 = (text: string) => new TextEncoder().encode(text)
const RECEIVED = { receivedMs: Date.UTC(2026, 0, 2, 3, 4, 5) }
const map = (bytes: Uint8Array, options = {}) => mapMessage(readMessage(bytes), { ...RECEIVED, ...options })
function resources(mapped: ReturnType<typeof mapMessage>, type: string) {
  return (mapped.bundle.entry ?? []).flatMap(({ resource }) => (resource?.resourceType === type ? [resource] : []))
}
/** What its sender would hear of it: `AA`, or how it is refused. */
function answer(bytes: Uint8Array): string {
  try {
    map(bytes)
    return 'AA'
  } catch (error) {
    if (!(error instanceof Hl7Problem)) throw error
    return `${error.ack} ${error.code} ${error.location}`
  }
}

describe('a message becomes', () => {
  test('a report with its results, in the units, flags and ranges that were sent', () => {
    const mapped = map(bytesOf('own-oru-r01-lab-panel'))
    expect(mapped).toMatchObject({
      kind: 'results',
      title: 'Lipid, CBC and glucose panel',
      day: '2024-03-14',
      birthDate: '1964-04-24',
      identifiers: [
        { value: 'MG-SYN-0001', authority: '2.16.840.1.113883.3.9999.1', type: 'MR' },
        { value: 'mgpid:tressa-synth', authority: 'MEDGUARD', type: 'PI' },
      ],
      orders: [{ number: 'F-2024-88', code: '24331-1', isCorrection: false }],
    })
    const observations = resources(mapped, 'Observation')
    expect(observations).toHaveLength(9)
    expect(observations[0]).toMatchObject({
      status: 'final',
      category: [{ coding: [{ code: 'laboratory' }] }],
      code: { coding: [{ system: 'http://loinc.org', code: '718-7', display: 'Haemoglobin' }], text: 'Haemoglobin' },
      effectiveDateTime: '2024-03-14T08:30:00+01:00',
      valueQuantity: { value: 11.2, unit: 'g/dL', system: 'http://unitsofmeasure.org', code: 'g/dL' },
      interpretation: [{ coding: [{ code: 'L', display: 'Low' }] }],
      referenceRange: [{ low: { value: 12 }, high: { value: 16 }, text: '12.0-16.0' }],
      performer: [{ display: 'Dr. BO SAMPLE' }],
    })
    expect(observations[7]).toMatchObject({ referenceRange: [{ high: { value: 200 }, text: '<200' }] })
    expect(observations[8]).toMatchObject({
      valueString: 'Microcytic picture, suggest iron studies & dietary review',
      note: [{ text: 'Line one of a lab note\nline two with accents: Žluťoučký kůň' }],
    })
    expect(resources(mapped, 'DiagnosticReport')).toMatchObject([
      { status: 'final', issued: '2024-03-14T12:00:00+01:00', result: Array.from({ length: 9 }, () => ({})) },
    ])
    expect(resources(mapped, 'Patient')).toMatchObject([
      {
        identifier: [{ system: 'urn:oid:2.16.840.1.113883.3.9999.1', value: 'MG-SYN-0001' }, {}],
        name: [{ use: 'official', family: 'BERGSTROM', given: ['TRESSA', 'SYNTH'], prefix: ['Ms.'] }],
        gender: 'female',
        birthDate: '1964-04-24',
        telecom: [{ system: 'phone', use: 'home', value: '+44 1632 960001' }, { system: 'email' }],
        address: [{ use: 'home', line: ['1 Example Way'], city: 'Testville', country: 'GBR' }],
      },
    ])
    expect(resources(mapped, 'Provenance')).toMatchObject([
      {
        recorded: '2024-03-14T12:00:00+01:00',
        agent: [{ who: { display: 'SYNTH GENERAL, LIS' } }],
        entity: [{ what: { identifier: { value: 'MG0001' } } }],
      },
    ])
  })

  test('a correction, which names the order that it corrects', () => {
    const mapped = map(bytesOf('own-oru-r01-correction'))
    expect(mapped.orders).toEqual([{ number: 'F-2024-88', code: '24331-1', isCorrection: true }])
    expect(resources(mapped, 'Observation')).toMatchObject([{ status: 'corrected', valueQuantity: { value: 11 } }])
    expect(resources(mapped, 'DiagnosticReport')).toMatchObject([{ status: 'corrected' }])
  })

  test('vital signs, a stay, an immunization, an appointment, each as FHIR has them', () => {
    const vitals = map(bytesOf('own-oru-r01-vitals'))
    expect([vitals.kind, resources(vitals, 'Observation').length]).toEqual(['vitals', 5])
    const admitted = map(bytesOf('own-adt-a01-admit'))
    expect(admitted).toMatchObject({ kind: 'admission', day: '2024-03-12' })
    expect(resources(admitted, 'Encounter')).toMatchObject([
      {
        status: 'in-progress',
        class: { code: 'IMP' },
        identifier: [{ value: 'V-2024-0312' }],
        period: { start: '2024-03-12T07:00:00+01:00' },
        participant: [{ individual: { display: 'Dr. ALEX EXAMPLE' } }, { individual: { display: 'ALEX EXAMPLE' } }],
        diagnosis: [{ use: { coding: [{ code: 'AD' }] } }],
      },
    ])
    expect(resources(admitted, 'AllergyIntolerance')).toMatchObject([
      {
        category: ['medication'],
        criticality: 'high',
        code: { coding: [{ code: '7980' }] },
        reaction: [{ manifestation: [{ text: 'Anaphylaxis' }], severity: 'severe' }],
      },
    ])
    expect(resources(admitted, 'Condition')).toMatchObject([
      { code: { coding: [{ system: 'http://hl7.org/fhir/sid/icd-10', code: 'D50.9' }] } },
    ])
    const discharged = map(bytesOf('own-adt-a03-discharge'))
    expect(resources(discharged, 'Encounter')).toMatchObject([
      { status: 'finished', hospitalization: { dischargeDisposition: { coding: [{ code: '01' }] } } },
    ])
    expect(discharged.day).toBe('2024-03-15')
    expect(resources(map(bytesOf('own-adt-a08-update')), 'Patient')).toMatchObject([
      { address: [{ line: ['22 New Street'] }] },
    ])
    expect(resources(map(bytesOf('own-vxu-v04')), 'Immunization')).toMatchObject([
      {
        status: 'completed',
        vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '208' }] },
        lotNumber: 'LOT123',
        expirationDate: '2024-06-01',
        doseQuantity: { value: 0.3, code: 'mL' },
        manufacturer: { display: 'Pfizer' },
        primarySource: true,
      },
    ])
    expect(resources(map(bytesOf('own-siu-s12')), 'Appointment')).toMatchObject([
      {
        status: 'booked',
        start: '2024-05-10T09:30:00+01:00',
        end: '2024-05-10T10:00:00+01:00',
        minutesDuration: 30,
        participant: [
          {},
          { actor: { display: 'Dr. ALEX EXAMPLE' } },
          { actor: { display: 'SYNTH GENERAL, OPD, ROOM2' } },
        ],
      },
    ])
  })

  test('a document, and the file that it carries', () => {
    const pdf = map(bytesOf('own-mdm-t02-pdf'))
    expect(pdf).toMatchObject({
      kind: 'document',
      title: 'Laboratory report',
      file: { mediaType: 'application/pdf', name: 'synthetic-lab-report.pdf' },
    })
    expect(Buffer.from(pdf.file!.base64, 'base64').subarray(0, 5).toString()).toBe('%PDF-')
    const text = map(bytesOf('own-mdm-t02-text'))
    expect(text).toMatchObject({ title: 'Discharge summary', file: null })
    const [document] = resources(text, 'DocumentReference')
    expect(document).toMatchObject({ docStatus: 'final', masterIdentifier: { value: 'DOC-2024-0315-1' } })
    const data = document?.resourceType === 'DocumentReference' ? document.content[0]?.attachment.data : undefined
    expect(Buffer.from(data ?? '', 'base64').toString()).toMatch(/^Synthetic discharge summary\.\nReason: .*\nPlan: /)
  })

  test('a merge, which names the number that is no longer used', () => {
    const merge = map(bytesOf('own-adt-a40-merge'))
    expect(merge).toMatchObject({ kind: 'merge', merged: [{ value: 'MG-SYN-0999' }] })
    expect(resources(merge, 'Patient')).toMatchObject([{ link: [{ type: 'replaces' }] }])
  })

  test('the same bundle whenever it is mapped, with references that hold', () => {
    const [one, other] = [map(bytesOf('own-adt-a01-admit')), map(bytesOf('own-adt-a01-admit'))]
    expect(one).toEqual(other)
    const urls = new Set(one.bundle.entry?.map(({ fullUrl }) => fullUrl))
    const referred = JSON.stringify(one.bundle).match(/urn:uuid:[\da-f-]{36}/g) ?? []
    expect(referred.filter((url) => !urls.has(url))).toEqual([])
    expect(urls.size).toBe(one.bundle.entry?.length)
  })
})

describe('a time', () => {
  const at = (time: string, offset?: string) => {
    const text = textOf('own-oru-r01-vitals').replace(
      '|20240314083500+0100||||||||||||||||||F',
      `|${time}||||||||||||||||||F`,
    )
    const [observation] = resources(map(utf8(text), offset === undefined ? {} : { offset }), 'Observation')
    return observation?.resourceType === 'Observation' ? observation.effectiveDateTime : undefined
  }
  test('is as precise as it was sent, and a day where nobody knows the offset', () => {
    expect(
      ['2024', '202403', '20240314', '20240314083500', '202403140835+0100', '20240314083500.25-0500'].map((each) =>
        at(each),
      ),
    ).toEqual([
      '2024',
      '2024-03',
      '2024-03-14',
      '2024-03-14',
      '2024-03-14T08:35:00+01:00',
      '2024-03-14T08:35:00.25-05:00',
    ])
    expect(at('20240314083500', '+02:00')).toBe('2024-03-14T08:35:00+02:00')
  })
  test.each(['20240231', '20241301', '14/03/2024', '202403142535+0100', '20240314083500+9900'])(
    'is refused as %s',
    (time) => {
      expect(() => at(time)).toThrow(expect.objectContaining({ ack: 'AE', code: '102' }))
    },
  )
})

describe('what its sender is told', () => {
  const panel = textOf('own-oru-r01-vitals')
  const head = panel.split('\r')[0]!
  const rest = panel.slice(head.length)
  const withHead = (change: (fields: string[]) => void) => {
    const fields = head.split('|')
    change(fields)
    return utf8(fields.join('|') + rest)
  }
  const CASES: readonly (readonly [what: string, bytes: Uint8Array, said: string])[] = [
    ['no PID', bytesOf('own-bad-missing-pid'), 'AE 100 PID^1'],
    ['cut off in a segment', bytesOf('own-bad-truncated'), 'AE 100 OBR^1'],
    ['no MSH', utf8('PID|1||1\r'), 'AR 100 MSH^1'],
    ['nothing', new Uint8Array(), 'AR 100 MSH^1'],
    ['more than 1 MB', utf8(panel + 'x'.repeat(1024 * 1024)), 'AR 207 '],
    ['encoding characters that are one', withHead((fields) => (fields[1] = '^^\\&')), 'AR 102 MSH^1^2'],
    ['encoding characters that are letters', withHead((fields) => (fields[1] = 'abcd')), 'AR 102 MSH^1^2'],
    ['a type that is not taken', withHead((fields) => (fields[8] = 'ZZZ^Z01')), 'AR 200 MSH^1^9'],
    ['an event that is not taken', withHead((fields) => (fields[8] = 'ADT^A99')), 'AR 201 MSH^1^9'],
    ['no control id', withHead((fields) => (fields[9] = '')), 'AR 101 MSH^1^10'],
    ['a version of the future', withHead((fields) => (fields[11] = '3.0')), 'AR 203 MSH^1^12'],
    ['an unknown character set', withHead((fields) => (fields[17] = 'KLINGON')), 'AR 102 MSH^1^18'],
    [
      'a character set that lies',
      withHead((fields) => ((fields[17] = 'ASCII'), (fields[3] = 'Žluť'))),
      'AE 102 MSH^1^18',
    ],
    ['a segment over 64 kB', utf8(`${panel}\rZZZ|${'x'.repeat(70_000)}\r`), 'AE 102 ZZZ^10'],
    ['a field of 101 repetitions', utf8(panel.replace('PID|1|', `PID|1|${'~x'.repeat(101)}`)), 'AE 102 PID^2'],
    ['a line that is no segment', utf8(`${panel}\rplease call back\r`), 'AE 100 '],
    ['a value that is no number', utf8(panel.replace('|142|', '|high|')), 'AE 102 OBX^1^5'],
    ['two patients', utf8(`${panel}\rPID|2||OTHER^^^SYNTH^MR\r`), 'AE 100 PID^2'],
    [
      'a document with nothing in it',
      utf8(textOf('own-mdm-t02-text').replace(/\|\|Synthetic[^|]*/, '||')),
      'AE 101 OBX^1^5',
    ],
    ['no number of a patient', utf8(panel.replace(/PID\|1\|\|[^|]*\|/, 'PID|1|||')), 'AE 101 PID^1^3'],
  ]
  test.each(CASES)('%s', (_what, bytes, said) => {
    expect(answer(bytes)).toBe(said)
  })

  test('is an acknowledgement that they can tell apart, and that quotes nothing', () => {
    const bytes = bytesOf('own-bad-missing-pid')
    const message = readHeadOnly(bytes)
    const problem = new Hl7Problem('AE', '100', 'PID^1', 'it has no PID')
    const text = acknowledge(message, problem, { nowMs: Date.UTC(2026, 0, 2), id: 'A1' })
    expect(text.split('\r')).toEqual([
      'MSH|^~\\&|MEDGUARD|GATEWAY|LIS|SYNTH GENERAL|20260102000000+0000||ACK^R01^ACK|A1|P|2.5.1||||||UNICODE UTF-8',
      'MSA|AE|MG0900',
      'ERR||PID^1|100^Segment sequence error^HL70357|E||||it has no PID',
      '',
    ])
    expect(acknowledge(null, null, { nowMs: 0, id: 'x|y' })).toContain('|ACK|x\\F\\y|P|')
  })
})

test('other character sets, line ends and separators say the same', () => {
  const panel = textOf('own-oru-r01-lab-panel')
  const expected = map(utf8(panel))
  const marked = Buffer.concat([Uint8Array.of(0xef, 0xbb, 0xbf), utf8(panel.replaceAll('\r', '\n'))])
  expect(map(marked)).toEqual(expected)
  const latin = Buffer.from(panel.replace('UNICODE UTF-8', '8859/1').replace('Žluťoučký kůň', 'Ærøskøbing'), 'latin1')
  expect(JSON.stringify(map(latin))).toContain('accents: Ærøskøbing')
  const other = panel.replaceAll(
    /[|^~&\\]/g,
    (one) => ({ '|': '!', '^': '$', '~': '`', '&': '@', '\\': '?' })[one] ?? one,
  )
  // The last one has an escaped separator, which is another one here.
  const results = resources(map(utf8(other)), 'Observation')
  expect(results.slice(0, 8)).toEqual(resources(expected, 'Observation').slice(0, 8))
  expect(results[8]).toMatchObject({ valueString: 'Microcytic picture, suggest iron studies @ dietary review' })
})

/** What is not valid R4 in a bundle: nothing. */
const wrongIn = ({ bundle }: ReturnType<typeof mapMessage>) =>
  validate(JSON.parse(JSON.stringify(bundle)) as Json).map(({ expression, details }) => `${expression}: ${details}`)

test('what comes out is valid FHIR, of our messages and of those of others', () => {
  const own = readdirSync(VECTORS).filter((name) => name.endsWith('.hl7') && !name.startsWith('own-bad'))
  const files = [...own.map((name) => new URL(name, VECTORS)), ...others.map((name) => new URL(name, SHARED))]
  const mapped = files.map((url) => new Uint8Array(readFileSync(url))).filter((bytes) => answer(bytes) === 'AA')
  expect(mapped.length).toBeGreaterThanOrEqual(own.length)
  expect(mapped.flatMap((bytes) => wrongIn(map(bytes)))).toEqual([])
})

/** Beside what is taken there are kinds that are not, and merges of several patients in one message. */
const REFUSED: Readonly<Record<string, string>> = {
  'ms-ADT-A40-02.hl7': 'AE 100 PID^2',
  'ms-LAB-ORM-1.hl7': 'AR 200 MSH^1^9',
  'ms-REF-I12-01.hl7': 'AR 200 MSH^1^9',
}
test.skipIf(others.length === 0)(
  `messages of other systems go in, or are refused for what they are${others.length === 0 ? ' (skipped: no shared data)' : ''}`,
  () => {
    const answers = others.map((name) => [name, answer(new Uint8Array(readFileSync(new URL(name, SHARED))))])
    expect(Object.fromEntries(answers)).toEqual(Object.fromEntries(others.map((name) => [name, REFUSED[name] ?? 'AA'])))
  },
)

test('whatever is changed in a message, it is mapped or refused in words of the standard', () => {
  const names = readdirSync(VECTORS).filter((name) => name.endsWith('.hl7') && !name.includes('pdf'))
  const originals = names.map((name) => new Uint8Array(readFileSync(new URL(name, VECTORS))))
  const SPLICED = [
    '|',
    '^',
    '~',
    '\\',
    '&',
    '\r',
    '""',
    '\\X41',
    '99999999',
    '-',
    '\0',
    'OBX|',
    'PID|',
    '\n\n',
    '𝕏',
    '<',
  ]
  // Validating takes a hundred times as long as mapping.
  const seldom = fc.nat(19).map((number) => number === 0)
  const change = fc.record({ at: fc.nat(), take: fc.nat(12), put: fc.constantFrom(...SPLICED) })
  fc.assert(
    fc.property(
      fc.constantFrom(...originals),
      fc.array(change, { maxLength: 6 }),
      seldom,
      (original, changes, isLooked) => {
        let text = new TextDecoder().decode(original)
        for (const { at, take, put } of changes) {
          const from = at % (text.length + 1)
          text = text.slice(0, from) + put + text.slice(from + take)
        }
        const bytes = utf8(text)
        const said = answer(bytes)
        expect(said).toMatch(/^(AA|A[ER] \d{3} [\w^]*)$/)
        if (said === 'AA' && isLooked) expect(wrongIn(map(bytes))).toEqual([])
        expect(acknowledge(readHeadOnly(bytes), null, { nowMs: 0, id: 'x' })).toMatch(/^MSH\|.*\rMSA\|AA\|[^\r]*\r$/)
      },
    ),
    { numRuns: 3000 },
  )
})
