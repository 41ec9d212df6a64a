import type { Act, ActCycles } from './acts.ts'
import type { KeptBytes } from './kept.ts'

// What a year costs: how often people do what, times what each of it takes.

/** Prices of the Internet Computer, for an application subnet of 13 nodes. */
export const PRICES = {
  /** Of one derivation with `key_1`, in cycles. */
  keyFee: 26_153_846_153,
  perGibSecond: 127_000,
  /** A trillion cycles is one XDR; in dollars, about. */
  dollarsPerTrillion: 1.36,
} as const

const SECONDS_PER_YEAR = 31_557_600
const GIB = 2 ** 30
const MIB = 2 ** 20

/** How often in a year. */
export interface Year {
  /** Documents of 100 kB. */
  readonly documents: number
  /** Of studies. */
  readonly studyMib: number
  /** The patient's own, in which lists of eight kinds are read and the log is looked at. */
  readonly sessions: number
  /** Kinds with something in them: each needs a key, in each session. */
  readonly kinds: number
  readonly openings: number
  readonly shares: number
  /** Sessions in which somebody reads under a share: a list and a key each. */
  readonly visits: number
  readonly visitOpenings: number
  /** Of 60 readings. */
  readonly posts: number
}
export const PATIENTS: readonly { readonly name: string; readonly year: Year }[] = [
  {
    name: 'mostly well',
    year: {
      documents: 10,
      studyMib: 0,
      sessions: 24,
      kinds: 3,
      openings: 40,
      shares: 2,
      visits: 3,
      visitOpenings: 15,
      posts: 0,
    },
  },
  {
    name: 'a long illness, and a device that posts each hour',
    year: {
      documents: 60,
      studyMib: 20,
      sessions: 150,
      kinds: 5,
      openings: 300,
      shares: 8,
      visits: 40,
      visitOpenings: 240,
      posts: 8_760,
    },
  },
  {
    name: 'in and out of hospital',
    year: {
      documents: 400,
      studyMib: 1_500,
      sessions: 250,
      kinds: 7,
      openings: 1_000,
      shares: 25,
      visits: 500,
      visitOpenings: 4_000,
      posts: 8_760,
    },
  },
]

export const PARTS = [
  'vetKD’s fee',
  'deriving keys besides',
  'lists and openings',
  'adding',
  'readings',
  'shares',
  'storage',
] as const
export type Part = (typeof PARTS)[number]

/** Cycles of one patient's year, by what they go to. What is stored in it is kept for all of it. */
export function costOfYear(year: Year, acts: ActCycles, kept: KeptBytes): Readonly<Record<Part, number>> {
  const of = (act: Act, times: number) => acts[act] * times
  const keys = year.sessions * year.kinds + year.visits
  const lists = year.sessions * 8 + year.visits
  const records = year.documents + Math.ceil(year.studyMib / 100)
  // Of what is added or posted the line is part of what it keeps.
  const lines = keys + lists + year.openings + year.visitOpenings + year.shares * 2
  const storedBytes =
    year.documents * 100_000 +
    year.studyMib * MIB +
    records * kept['a record, beside its content'] +
    year.posts * kept['a post of 60 readings'] +
    lines * kept['a line of the log']
  return {
    'vetKD’s fee': keys * PRICES.keyFee,
    'deriving keys besides': of('derive a key, without vetKD’s fee', keys),
    'lists and openings':
      of('list a kind', lists) +
      of('open a record', year.openings) +
      of('open a record under a share', year.visitOpenings) +
      of('look who looked', year.sessions),
    adding: of('add a record of 100 kB', year.documents) + of('add a record of 1 MiB', year.studyMib),
    readings: of('post 60 readings', year.posts),
    shares: of('share a kind', year.shares) + of('end a share', year.shares),
    storage: storageOf(storedBytes),
  }
}
export const storageOf = (bytes: number): number => (bytes / GIB) * PRICES.perGibSecond * SECONDS_PER_YEAR

/** 220 days of eight sessions of an hour, each with three patients whose list and four records are opened. */
export const PROVIDER = { visits: 220 * 8 * 3, openings: 4 } as const
export const costOfProvider = (acts: ActCycles): number =>
  PROVIDER.visits *
  (PRICES.keyFee +
    acts['derive a key, without vetKD’s fee'] +
    acts['list a kind'] +
    PROVIDER.openings * acts['open a record under a share'])

/** @param posts in a year, of 60 readings. */
export const costOfDevice = (posts: number, acts: ActCycles, kept: KeptBytes): number =>
  posts * acts['post 60 readings'] + storageOf(posts * kept['a post of 60 readings'])

export const dollars = (cycles: number): number => (cycles / 1e12) * PRICES.dollarsPerTrillion
export const yearOf = (perDay: number): number => perDay * 365.25
