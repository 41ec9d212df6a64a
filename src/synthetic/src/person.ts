import type { Random } from './random.ts'

export interface Person {
  readonly given: string
  readonly family: string
  readonly gender: 'female' | 'male'
  /** YYYY-MM-DD */
  readonly birthDate: string
  readonly city: string
  readonly street: string
}

const GIVEN = {
  female: ['Anna', 'Clara', 'Elif', 'Ines', 'Johanna', 'Leila', 'Maren', 'Nadia', 'Rosa', 'Sofia', 'Tilda', 'Yara'],
  male: ['Amir', 'Bruno', 'Emil', 'Felix', 'Henrik', 'Jonas', 'Kofi', 'Lukas', 'Mateo', 'Oskar', 'Samir', 'Viktor'],
} as const
const FAMILY = [
  'Abendroth',
  'Brandvold',
  'Castellan',
  'Delacour',
  'Eichstätt',
  'Fairbourne',
  'Grünwald',
  'Hallström',
  'Iversdal',
  'Kowalczak',
  'Lindqvist',
  'Marchetti',
  'Nordahl',
  'Okonjo',
  'Petrakis',
  'Quintela',
  'Rosenfeld',
  'Szabados',
] as const
const CITIES = ['Altenmoor', 'Brückfelde', 'Lindenhafen', 'Neuwald', 'Sankt Elmar', 'Westerkamp'] as const
const STREETS = ['Ahornweg', 'Bachstraße', 'Gartenweg', 'Kirchgasse', 'Mühlenstraße', 'Seeblick'] as const

/** @param untilYear the year of the last visit; the person is then 24 to 80 years old. */
export function makePerson(random: Random, untilYear: number): Person {
  const gender = random.pick(['female', 'male'])
  const born = new Date(Date.UTC(untilYear - random.int(25, 80), random.int(0, 11), random.int(1, 28)))
  return {
    given: random.pick(GIVEN[gender]),
    family: random.pick(FAMILY),
    gender,
    birthDate: born.toISOString().slice(0, 10),
    city: random.pick(CITIES),
    street: `${random.pick(STREETS)} ${random.int(1, 98)}`,
  }
}

export const CLINICIANS = [
  { given: 'Miriam', family: 'Solberg', specialty: 'General practice' },
  { given: 'Tomas', family: 'Arendt', specialty: 'General practice' },
  { given: 'Yvonne', family: 'Castell', specialty: 'Internal medicine' },
] as const
export const PRACTICES = ['Practice at the Weir', 'Lindenhafen Family Practice', 'Seeblick Medical Centre'] as const
export const LABORATORY = 'Laboratory Dr. Hallström and Partners'
