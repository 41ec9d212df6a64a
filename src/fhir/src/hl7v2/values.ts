import type { Observation, ObservationReferenceRange, Quantity } from '@medplum/fhirtypes'
import { conceptOf, listOf, numberOf, present, quantityOf } from './data-types.ts'
import type { Building } from './building.ts'
import { timeOf } from './dates.ts'
import type { Segment, Value } from './message.ts'

type ObservedValue = Pick<
  Observation,
  | 'valueQuantity'
  | 'valueCodeableConcept'
  | 'valueString'
  | 'valueRange'
  | 'valueRatio'
  | 'valueTime'
  | 'valueDateTime'
  | 'referenceRange'
>

const CODED: ReadonlySet<string> = new Set(['CE', 'CWE', 'CNE', 'CF', 'IS'])
const MOMENTS: ReadonlySet<string> = new Set(['DT', 'TS', 'DTM'])

/** OBX-5 by its type in OBX-2, and OBX-7. @throws Hl7Problem for what is not of that type. */
export function valueOf(obx: Segment, moment: Building['moment']): ObservedValue {
  const values = obx.all(5)
  const unit = obx.first(6)
  const referenceRange = listOf([rangeOf(obx.first(7)?.whole, unit)])
  return present<ObservedValue>({ ...(values.length === 0 ? {} : ofType(obx, moment, values, unit)), referenceRange })
}

function ofType(
  obx: Segment,
  moment: Building['moment'],
  values: readonly Value[],
  unit: Value | undefined,
): ObservedValue {
  const type = obx.text(2) ?? 'ST'
  const [value] = values
  const at = obx.at(5)
  // Several values of what has room for one in FHIR are told as they are written.
  if (value === undefined || (values.length > 1 && !CODED.has(type))) return asText(values)
  if (type === 'NM') {
    return present<ObservedValue>({ valueQuantity: quantityOf(numberOf(value.whole, at), unit) })
  }
  if (type === 'SN') return structured(value, unit, at)
  if (CODED.has(type)) {
    const coding = values.flatMap((each) => conceptOf(each)?.coding ?? [])
    const texts = values.flatMap((each) => conceptOf(each)?.text ?? [])
    return { valueCodeableConcept: present({ coding, text: texts.join('; ') }) }
  }
  if (type === 'TM') return present<ObservedValue>({ valueTime: timeOf(value.part(1), at) })
  if (MOMENTS.has(type)) return present<ObservedValue>({ valueDateTime: moment(obx, 5)?.dateTime })
  return asText(values)
}

const asText = (values: readonly Value[]): ObservedValue => ({
  valueString: values.flatMap(({ whole }) => whole ?? []).join('\n'),
})

const COMPARATORS: Readonly<Record<string, Quantity['comparator']>> = { '<': '<', '>': '>', '<=': '<=', '>=': '>=' }

/** SN: `>^100`, `^1^:^128`, `^10^-^20`. */
function structured(value: Value, unit: Value | undefined, at: string): ObservedValue {
  const [comparator = '=', separator] = [value.part(1), value.part(3)]
  const low = numberOf(value.part(2), at)
  const high = numberOf(value.part(4), at)
  const isExact = comparator === '='
  if (low !== undefined && high === undefined && separator === undefined) {
    const quantity = quantityOf(low, unit)
    const known = COMPARATORS[comparator]
    if (quantity !== undefined && isExact) return { valueQuantity: quantity }
    if (quantity !== undefined && known !== undefined) return { valueQuantity: { ...quantity, comparator: known } }
  }
  if (low !== undefined && high !== undefined && isExact) {
    const [one, other] = [quantityOf(low, unit), quantityOf(high, unit)]
    if (one !== undefined && other !== undefined && separator === '-') return { valueRange: { low: one, high: other } }
    if ((separator === ':' || separator === '/') && low >= 0)
      return { valueRatio: { numerator: { value: low }, denominator: { value: high } } }
  }
  const parts = [value.part(1), value.part(2), separator, value.part(4)].filter((part) => part !== undefined)
  return { valueString: parts.join(' ') }
}

const BOTH = /^(-?\d+(?:\.\d+)?)\s*(?:-|–|to)\s*(-?\d+(?:\.\d+)?)$/
const ONE = /^(<=?|>=?)\s*(-?\d+(?:\.\d+)?)$/

/** OBX-7: as it is written, and as numbers where it is two or one. */
function rangeOf(text: string | undefined, unit: Value | undefined): ObservationReferenceRange | undefined {
  if (text === undefined) return undefined
  const [, from, to] = BOTH.exec(text) ?? []
  const [, sign = '', bound] = ONE.exec(text) ?? []
  const limit = (number: string | undefined): Quantity | undefined =>
    number === undefined ? undefined : quantityOf(Number(number), unit)
  return present<ObservationReferenceRange>({
    low: limit(from ?? (sign.startsWith('>') ? bound : undefined)),
    high: limit(to ?? (sign.startsWith('<') ? bound : undefined)),
    text,
  })
}
