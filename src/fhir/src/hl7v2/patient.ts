import type { Identifier, Patient, PatientContact, PatientLink } from '@medplum/fhirtypes'
import { v2Table } from './code-systems.ts'
import {
  addressOf,
  conceptOf,
  identifierOf,
  listOf,
  nameOf,
  present,
  sentIdentifier,
  type SentIdentifier,
  telecomOf,
} from './data-types.ts'
import type { Building } from './building.ts'
import type { Message, Segment } from './message.ts'
import { PROBLEM, wrongContent } from './problem.ts'

/** HL7 table 0001. */
const GENDERS: Readonly<Record<string, Patient['gender']>> = {
  F: 'female',
  M: 'male',
  O: 'other',
  A: 'other',
  U: 'unknown',
  N: 'other',
}

/** PID, NK1 and MRG: the patient as the sender has them. */
export function patientOf(message: Message, pid: Segment, moment: Building['moment']): Patient {
  const birthDate = moment(pid, 7)?.dateTime.slice(0, 10)
  const died = moment(pid, 29)?.dateTime
  const isDead = pid.text(30) === 'Y'
  const language = pid.first(15)
  const marital = pid.first(16)
  return present<Patient>({
    resourceType: 'Patient',
    identifier: listOf(pid.all(3).map(identifierOf)),
    name: listOf(pid.all(5).map(nameOf)),
    telecom: listOf([...pid.all(13), ...pid.all(14)].map(telecomOf)),
    gender: GENDERS[pid.text(8)?.toUpperCase() ?? ''],
    birthDate,
    ...(died === undefined ? { deceasedBoolean: isDead ? true : undefined } : { deceasedDateTime: died }),
    address: listOf(pid.all(11).map(addressOf)),
    maritalStatus: conceptOf(marital, v2Table('0002')),
    contact: listOf(message.segments.filter(({ name }) => name === 'NK1').map(contactOf)),
    communication:
      language === undefined ? undefined : listOf([conceptOf(language)])?.map((one) => ({ language: one })),
    link: listOf(mergedAway(message).map(linkOf)),
  })
}

function contactOf(nk1: Segment): PatientContact | undefined {
  const [name] = listOf(nk1.all(2).map(nameOf)) ?? []
  const [address] = listOf(nk1.all(4).map(addressOf)) ?? []
  const telecom = listOf([...nk1.all(5), ...nk1.all(6)].map(telecomOf))
  if (name === undefined && telecom === undefined && address === undefined) return undefined
  const relationship = listOf([conceptOf(nk1.first(3))])
  return present<PatientContact>({ relationship, name, telecom, address })
}

const linkOf = (identifier: Identifier): PatientLink => ({
  other: { identifier },
  type: 'replaces',
})

/** Numbers that a merge does away with. */
const mergedAway = ({ segments }: Message) =>
  segments.filter(({ name }) => name === 'MRG').flatMap((mrg) => listOf(mrg.all(1).map(identifierOf)) ?? [])

/** By which a patient may be matched. @throws Hl7Problem where there is none. */
export function sentIdentifiers(pid: Segment): readonly SentIdentifier[] {
  const found = listOf(pid.all(3).map(sentIdentifier))
  if (found === undefined) throw wrongContent(PROBLEM.missing, pid.at(3), 'it names no patient')
  return found
}

export const mergedIdentifiers = ({ segments }: Message): readonly SentIdentifier[] =>
  segments.filter(({ name }) => name === 'MRG').flatMap((mrg) => listOf(mrg.all(1).map(sentIdentifier)) ?? [])
