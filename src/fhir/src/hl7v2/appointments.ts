import type { Appointment, AppointmentParticipant } from '@medplum/fhirtypes'
import type { Building } from './building.ts'
import { v2Table } from './code-systems.ts'
import { conceptOf, entityIdentifier, listOf, numberOf, personOf, placeOf, present } from './data-types.ts'
import { only, type Segment } from './message.ts'
import { PROBLEM, wrongContent } from './problem.ts'

/** HL7 table 0278. */
const STATUS: Readonly<Record<string, Appointment['status']>> = {
  BOOKED: 'booked',
  PENDING: 'pending',
  WAITLIST: 'waitlist',
  COMPLETE: 'fulfilled',
  CANCELLED: 'cancelled',
  DELETED: 'entered-in-error',
  NOSHOW: 'noshow',
  STARTED: 'arrived',
}
const UNITS_PER_MINUTE: Readonly<Record<string, number>> = { min: 1, m: 1, minutes: 1, h: 60, hr: 60, s: 1 / 60 }

/** SIU^S12: one appointment. @returns title and day. @throws Hl7Problem */
export function mapAppointment(building: Building): { title: string | undefined; day: string | undefined } {
  const { message, patient, moment } = building
  const sch = only(message, 'SCH')
  const timing = message.segments.find(({ name }) => name === 'TQ1')
  const start = moment(sch, 11, 4) ?? (timing === undefined ? undefined : moment(timing, 7))
  const end = moment(sch, 11, 5) ?? (timing === undefined ? undefined : moment(timing, 8))
  if (start === undefined || start.instant === null)
    throw wrongContent(PROBLEM.missing, sch.at(11), 'an appointment does not say at what time')
  const minutes = minutesOf(sch)
  const startMs = Date.parse(start.instant)
  const until = end?.instant ?? (minutes === undefined ? null : new Date(startMs + minutes * 60_000).toISOString())
  if (until === null || Date.parse(until) < startMs)
    throw wrongContent(PROBLEM.dataType, sch.at(11), 'an appointment does not say how long it takes')
  const reason = conceptOf(sch.first(7)) ?? conceptOf(sch.first(6))
  const type = conceptOf(sch.first(8), v2Table('0277'))
  building.add(
    present<Appointment>({
      resourceType: 'Appointment',
      identifier: listOf([entityIdentifier(sch.first(1), 'PLAC'), entityIdentifier(sch.first(2), 'FILL')]),
      status: STATUS[sch.text(25)?.toUpperCase() ?? ''] ?? 'booked',
      appointmentType: type,
      reasonCode: listOf([reason]),
      start: start.instant,
      end: until,
      minutesDuration: minutes,
      participant: [{ actor: patient, status: 'accepted' }, ...takingPart(message.segments)],
    }),
  )
  return { title: reason?.text, day: start.day ?? undefined }
}

/** SCH-9 and 10. */
function minutesOf(sch: Segment): number | undefined {
  const amount = numberOf(sch.text(9), sch.at(9))
  const unit = UNITS_PER_MINUTE[sch.text(10)?.toLowerCase() ?? 'min']
  const minutes = amount === undefined || unit === undefined ? 0 : Math.round(amount * unit)
  return minutes > 0 ? minutes : undefined
}

function takingPart(segments: readonly Segment[]): AppointmentParticipant[] {
  return segments.flatMap((segment): AppointmentParticipant[] => {
    if (segment.name === 'AIP') {
      const actor = personOf(segment.first(3))
      return actor === undefined ? [] : [{ actor, status: 'accepted' }]
    }
    if (segment.name === 'AIL') {
      const display = placeOf(segment.first(3))
      return display === undefined ? [] : [{ actor: { display }, status: 'accepted' }]
    }
    return []
  })
}
