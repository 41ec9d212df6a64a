import type { Immunization, ImmunizationPerformer } from '@medplum/fhirtypes'
import type { Building } from './building.ts'
import { v2Table } from './code-systems.ts'
import {
  conceptOf,
  entityIdentifier,
  listOf,
  notesOf,
  numberOf,
  personOf,
  placeOf,
  present,
  quantityOf,
} from './data-types.ts'
import { type Group, groupsOf } from './groups.ts'
import type { Segment } from './message.ts'
import { PROBLEM, wrongContent } from './problem.ts'
import { observationOf } from './results.ts'

/** "Nothing was given", among vaccine codes. */
const NOTHING_GIVEN = '998'
/** 999 stands for an amount that nobody knows. */
const UNKNOWN_AMOUNT = 999

/** VXU^V04: an immunization for each RXA. @returns title and day of the first. @throws Hl7Problem */
export function mapImmunizations(building: Building): { title: string | undefined; day: string | undefined } {
  const given = groupsOf(building.message, 'RXA').filter(({ order }) => order !== null)
  if (given.length === 0) throw wrongContent(PROBLEM.sequence, 'RXA^1', 'it has no RXA')
  const told = given.flatMap((group) => (group.order === null ? [] : [mapOne(building, group, group.order)]))
  return told.find(({ title }) => title !== undefined) ?? { title: undefined, day: told[0]?.day }
}

function mapOne(building: Building, { common, notes, results, route }: Group, rxa: Segment) {
  const vaccineCode = conceptOf(rxa.first(5))
  const when = building.moment(rxa, 3)
  if (vaccineCode === undefined)
    throw wrongContent(PROBLEM.missing, rxa.at(5), 'an immunization does not say with what')
  if (when === undefined) throw wrongContent(PROBLEM.missing, rxa.at(3), 'an immunization does not say when')
  if (rxa.text(5) === NOTHING_GIVEN) {
    for (const result of results) building.add(observationOf(building, result, null))
    return { title: undefined, day: when.day ?? undefined }
  }
  const amount = numberOf(rxa.text(6), rxa.at(6))
  const source = rxa.text(9)
  const by = rxa.all(10).map(personOf)
  const [reason, place] = [conceptOf(rxa.first(18)), rxa.first(11)]
  const maker = rxa.first(17)
  const reference = building.add(
    present<Immunization>({
      resourceType: 'Immunization',
      identifier: listOf([entityIdentifier(common?.first(3), 'FILL'), entityIdentifier(common?.first(2), 'PLAC')]),
      status: statusOf(rxa),
      statusReason: reason,
      vaccineCode,
      patient: building.patient,
      occurrenceDateTime: when.dateTime,
      primarySource: source === undefined ? undefined : source === '00',
      location: place === undefined ? undefined : present({ display: placeOf(place) }),
      manufacturer: maker === undefined ? undefined : present({ display: maker.part(2) ?? maker.part(1) }),
      lotNumber: rxa.text(15),
      expirationDate: building.moment(rxa, 16)?.day ?? undefined,
      site: conceptOf(route?.first(2), v2Table('0163')),
      route: conceptOf(route?.first(1), v2Table('0162')),
      doseQuantity: amount === UNKNOWN_AMOUNT ? undefined : quantityOf(amount, rxa.first(7)),
      performer: listOf(
        by.map((actor): ImmunizationPerformer | undefined =>
          actor === undefined ? undefined : { function: { coding: [{ system: v2Table('0443'), code: 'AP' }] }, actor },
        ),
      ),
      note: notesOf(notes),
    }),
  )
  for (const result of results) building.add({ ...observationOf(building, result, null), partOf: [reference] })
  return { title: vaccineCode.text, day: when.day ?? undefined }
}

/** HL7 tables 0322 and 0323. */
function statusOf(rxa: Segment): Immunization['status'] {
  if (rxa.text(21) === 'D') return 'entered-in-error'
  const completion = rxa.text(20)
  return completion === 'RE' || completion === 'NA' ? 'not-done' : 'completed'
}
