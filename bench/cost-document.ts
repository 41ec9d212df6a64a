import { CANISTER_SETTINGS } from '../scripts/deploy/settings.ts'
import { type Act, ACTS } from './acts.ts'
import type { Baseline } from './baseline.ts'
import {
  costOfDevice,
  costOfProvider,
  costOfYear,
  dollars,
  PARTS,
  PATIENTS,
  PRICES,
  PROVIDER,
  storageOf,
  yearOf,
} from './cost-model.ts'
import { KEPT } from './kept.ts'
import { TEXTS } from './shortening.ts'

export const COST_FILE = new URL('../docs/cost.md', import.meta.url)

const FILES = 400
/** What is sealed of 100 kB of laboratory results: 20 times 256 bytes, and a tag. */
const SHORTER_FILE_BYTES = 5_136

const count = (value: number): string => value.toLocaleString('en', { maximumSignificantDigits: 3 })
const money = (cycles: number): string =>
  dollars(cycles).toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 })
const trillions = (cycles: number): string => count(cycles / 1e12)
const percent = (part: number, whole: number): string => {
  const share = Math.round((part / whole) * 100)
  return part > 0 && share === 0 ? '< 1 %' : `${share} %`
}
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')

/** `docs/cost.md`, from what was measured. */
export function costDocument({ cycles: acts, kept, texts }: Baseline): string {
  const years = PATIENTS.map(({ name, year }) => {
    const parts = costOfYear(year, acts, kept)
    return { name, year, parts, whole: PARTS.reduce((sum, part) => sum + parts[part], 0) }
  })
  const bytesOf = (way: 'asIs' | 'shorter') =>
    (kept['a record, beside its content'] + texts['a FHIR resource'][way]).toLocaleString('en')
  const millions = (act: Act) => count(acts[act] / 1e6)
  const yearOfFiles = (act: Act, storedBytes: number) => FILES * (acts[act] + storageOf(storedBytes))
  const idle = acts['stand still for a day']
  const thresholdDays = CANISTER_SETTINGS.freezingThresholdSeconds / 86_400
  return `# What it costs

Printed by \`npm run bench -- methods --update-baseline\` from what it measures (\`bench/acts.ts\`, \`bench/kept.ts\`) and from how often people do what (\`bench/cost-model.ts\`, where every assumption is a number that can be changed); a test compares. Prices
are those of a subnet of 13 nodes, ${count(PRICES.perGibSecond)} cycles for a GiB and second, ${count(PRICES.keyFee / 1e9)} billion for a derivation with \`key_1\`, and ${PRICES.dollarsPerTrillion} USD for a trillion. On a subnet of 34 nodes
everything but the derivation, which is made on its own subnet, is 2.6 times as much. Queries are free: headers, contents and pages of the log are read by them.

## A year of a patient

${table(
  ['', ...years.map(({ name }) => name)],
  [
    [
      'documents of 100 kB / studies, MiB',
      ...years.map(({ year }) => `${count(year.documents)} / ${count(year.studyMib)}`),
    ],
    ['own sessions / kinds of records in use', ...years.map(({ year }) => `${year.sessions} / ${year.kinds}`)],
    [
      'records opened by the patient / by others',
      ...years.map(({ year }) => `${count(year.openings)} / ${count(year.visitOpenings)}`),
    ],
    ['shares / sessions of those who read under them', ...years.map(({ year }) => `${year.shares} / ${year.visits}`)],
    ['posts of 60 readings', ...years.map(({ year }) => count(year.posts))],
    ['**trillion cycles**', ...years.map(({ whole }) => `**${trillions(whole)}**`)],
    ['**USD**', ...years.map(({ whole }) => `**${money(whole)}**`)],
    ...PARTS.map((part) => [part, ...years.map(({ parts, whole }) => percent(parts[part], whole))]),
  ],
)}

**What dominates is vetKD's fee**: a client keeps keys in memory and nowhere else, so each sign-in derives those it uses once more. What saves most is therefore fewer derivations, in this order: a list whose records nobody opens needs a key only
to show titles; a person who stays signed in (8 hours for patients, one for providers) derives once; the budget of 12 an hour and person bounds what a stolen session may burn. Instructions are a small part, and what is sent
to the canisters (2,000 cycles a byte) most of what adding costs.

What is stored stays: each GiB is ${trillions(storageOf(2 ** 30))} trillion cycles, ${money(storageOf(2 ** 30))} USD, in every year after.

## A provider, a device, and nobody

${table(
  ['', 'trillion cycles a year', 'USD a year'],
  [
    [
      `a provider who opens ${PROVIDER.openings} records in each of ${count(PROVIDER.visits)} looks at a patient, with a key each (part of the years above)`,
      trillions(costOfProvider(acts)),
      money(costOfProvider(acts)),
    ],
    ...[
      ['an hour', 8_766],
      ['a day', 365],
    ].map(([often, posts]) => [
      `a device that posts 60 readings once ${often}`,
      trillions(costOfDevice(Number(posts), acts, kept)),
      money(costOfDevice(Number(posts), acts, kept)),
    ]),
    ['the three canisters with nobody in them', trillions(yearOf(idle)), money(yearOf(idle))],
  ],
)}

## What each thing takes

In all canisters, its lines in the log and their delivery included.

${table(
  ['', 'million cycles'],
  ACTS.map((act) => [act, count(acts[act] / 1e6)]),
)}

## What each thing keeps

In stable memory of all canisters, for good: rows, what maps keep around them, its line in the log and its places in lists (\`bench/kept.ts\`: ${KEPT.length} acts, one an hour, the mean of 120). What is remembered for a day only is not in it.

${table(
  ['', 'bytes'],
  KEPT.map((name) => [name, kept[name].toLocaleString('en')]),
)}

## Texts made shorter

Before it is sealed a text goes through DEFLATE with a dictionary ([crypto.md](crypto.md), "Encoded body"). What its body takes then, padding and tags included, of five synthetic patients that the dictionary was not made from (\`bench/shortening.ts\`):

${table(
  ['mean bytes', 'text', 'sealed as it is', 'made shorter'],
  TEXTS.map((name) => [
    name,
    ...[texts[name].content, texts[name].asIs, texts[name].shorter].map((bytes) => bytes.toLocaleString('en')),
  ]),
)}

So the whole of a single resource, with all that is kept beside its content, falls from ${bytesOf('asIs')} to ${bytesOf('shorter')} bytes, and adding 100 kB of FHIR from ${millions('add a record of 100 kB')} to ${millions('add 100 kB of FHIR, made shorter')} million cycles. For whoever
adds ${FILES} files of 100 kB in a year, those are ${trillions(yearOfFiles('add a record of 100 kB', 100_000))} trillion cycles of adding and a year's storage if they are pictures or PDF, which are packed already and sealed as they are, and ${trillions(yearOfFiles('add 100 kB of FHIR, made shorter', SHORTER_FILE_BYTES))} if they are FHIR. The years above take all documents for PDF.

## Before it runs out

- Each canister keeps back what ${thresholdDays} days of standing still take (its freezing threshold; \`icp.yaml\`, \`dfx.json\` and the development network set it, \`scripts/dfx.test.ts\` compares them). Below that it answers nothing, and only after that it is
  emptied.
- Below one trillion cycles nothing new is begun: no key is derived, nothing is shared or stored; what ends shares, and what shows the log, goes on (\`test/scenarios/cycles-reserve.test.ts\`).
- Before either, \`npm run -s check-cycles\` rings: a command for whoever operates the canisters to run from cron, with an exit code and a webhook (\`npm run -s check-cycles -- --help\`). What it rings at by default, 5 trillion beyond what freezing keeps or 60 days of
  standing still, is ${count(5e12 / PRICES.keyFee)} derivations: choose it after how many people sign in a day.
`
}
