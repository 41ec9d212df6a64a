import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { Ed25519KeyIdentity } from '@dfinity/identity'
import { openIdentities } from '@medguard/cli'
import { createClient, developmentNetwork, NS_PER_DAY, type HeadMemory, type MedGuardClient } from '@medguard/client'
import { checkSignature } from '@medguard/client/node'
import { DEFAULT_PORT, developmentIdentity } from '@medguard/localnet'
import type { Council } from '@medguard/protocol'
import { generatePatient, type SampleDocument, type SamplePatient } from '@medguard/synthetic'

import { addImaging } from './demo-imaging.ts'
import { DEMO_ADMINISTRATOR, DEMO_COUNCIL, demoCouncil, seedHospital } from './demo-organisation.ts'
import { must } from './outcome.ts'
import { DEFAULT_STATE } from './project.ts'
import type { Started } from './start.ts'

interface DemoPatient {
  readonly seed: string
  readonly years: number
  /** Ends this many days after seeding; null shares nothing. */
  readonly sharesLabsForDays: number | null
}

interface Person extends DemoPatient {
  readonly name: string
  readonly sample: SamplePatient
}

const CLINICIAN = 'dr-solberg'
const PATIENTS: readonly DemoPatient[] = [
  { seed: 'demo/105', years: 8, sharesLabsForDays: 30 },
  { seed: 'demo/60', years: 4, sharesLabsForDays: null },
]

/** In the state folder once everybody is there. A network that starts anew forgets it. */
export const DEMO_MARK = 'demo-2.json'

/** Fills the network with sample people once; a run that was cut short goes on where it stopped. */
export async function seedDemo(started: Started, stateDir: string, say: (line: string) => void): Promise<void> {
  const mark = join(stateDir, DEMO_MARK)
  const people = PATIENTS.map((patient) => {
    const sample = generatePatient({ seed: patient.seed, yearsOfVisits: patient.years })
    // Sign in on the page with this name, or use it as `--as NAME` on the command line: it is the same person.
    return { ...patient, sample, name: sample.person.given.toLowerCase() }
  })
  const orgId = existsSync(mark)
    ? (JSON.parse(readFileSync(mark, 'utf8')) as { orgId: string }).orgId
    : await fill(people, started, stateDir, say)
  writeFileSync(mark, `${JSON.stringify({ orgId })}\n`)
  const names = people.map(({ name }) => name)
  say(directions(started, names, commandLine(started, stateDir), orgId))
}

async function fill(people: readonly Person[], started: Started, stateDir: string, say: (line: string) => void) {
  const as = (name: string) => person(name, started, stateDir)
  const clinician = as(CLINICIAN)
  must(await clinician.enrol())
  const orgId = await seedHospital(as, clinician, say)
  for (const { name, sample, sharesLabsForDays } of people) {
    const client = person(name, started, stateDir)
    if (must(await client.account()) === null) {
      say(`demo: ${sample.name} (${name}) opens a vault`)
      must(await client.enrol())
    }
    const titles = new Set(must(await client.list({ of: 'me' })).map(({ title }) => title))
    for (const document of sample.documents) {
      if (titles.has(document.title)) continue
      say(`demo: ${name} adds ${document.title}`)
      must(await client.add({ ...recordOf(document), subject: sample.name }))
    }
    say(`demo: ${name} adds an examination and an ECG`)
    await addImaging(client, sample, titles)
    if (sharesLabsForDays !== null) await shareLabs(client, clinician, sharesLabsForDays)
  }
  return orgId
}

/** Who verifies organisations on a network with sample people. */
export const councilOfDemo = (frontend: string): Council =>
  demoCouncil((name) => developmentIdentity({ origin: `http://${frontend}.localhost`, name }).principal)

/** The identity that the development sign-in page gives this name at the app's origin, kept as a command-line identity too. */
function person(name: string, started: Started, stateDir: string): MedGuardClient {
  // The derivation origin has no port, so that people stay the same on any port.
  const { seed } = developmentIdentity({ origin: `http://${started.canisters.frontend}.localhost`, name })
  openIdentities(stateDir).keep(name, seed)
  return createClient({
    identity: Ed25519KeyIdentity.generate(seed),
    network: { ...developmentNetwork(started.network), checkSignature },
    headMemory: memoryOfHeads(),
  })
}

async function shareLabs(patient: MedGuardClient, clinician: MedGuardClient, days: number): Promise<void> {
  const shares = must(await patient.sharesGiven())
  if (shares.some(({ grantee, state }) => grantee === clinician.principal && state === 'live')) return
  const startNs = BigInt(Date.now()) * 1_000_000n
  const share = must(
    await patient.share({
      grantee: clinician.principal,
      scope: { categories: ['labs'] },
      rights: ['list', 'open'],
      purpose: 'TREAT',
      startNs,
      endNs: startNs + BigInt(days) * NS_PER_DAY,
    }),
  )
  // The clinician looks at one, so that the patient's log has something to tell.
  const vault = { of: 'grant', grantId: share.grantId } as const
  const [newest] = must(await clinician.list(vault)).toReversed()
  if (newest === undefined) return
  const { recordId, version, category } = newest
  must(await clinician.open({ vault, recordId, version, category }))
}

function recordOf({ bytes, title, fileName, mediaType, category, date }: SampleDocument) {
  return { bytes, title, fileName, mediaType, category, clinicalDate: date }
}

function memoryOfHeads(): HeadMemory {
  const heads = new Map<string, string>()
  return {
    read: (logId) => Promise.resolve(heads.get(logId) ?? null),
    write: (logId, head) => Promise.resolve(void heads.set(logId, head)),
  }
}

/** How the command line finds this network and these people; nothing more than it has to be told. */
function commandLine({ network }: Started, stateDir: string): string {
  const elsewhere = network === `http://127.0.0.1:${DEFAULT_PORT}` ? '' : ` --network ${network}`
  const keptElsewhere = stateDir === DEFAULT_STATE ? '' : ` --state ${stateDir}`
  return `npm run -s medguard --${elsewhere}${keptElsewhere}`
}

function directions({ app }: Started, names: readonly string[], command: string, orgId: string): string {
  const [sharing = '', other = ''] = names
  const [first, second] = DEMO_COUNCIL
  return [
    '',
    `  Open ${app} and sign in as ${[...names, CLINICIAN].join(', ')}.`,
    `  ${sharing} shares laboratory results with ${CLINICIAN}; sign in as either to see both sides.`,
    '',
    '  The same people on the command line, ready to paste:',
    `    ${command} --as ${sharing} list`,
    `    ${command} --as ${other} share --org ${orgId} --kind labs --for 30d`,
    `    ${command} --as ${CLINICIAN} request ${other} --kind medicines --for 7d`,
    `    ${command} --as ${other} requests`,
    `    ${command} --as ${DEMO_ADMINISTRATOR} org members ${orgId}`,
    `    ${command} --as ${DEMO_ADMINISTRATOR} log --org ${orgId}`,
    `    ${command} --as ${first} council propose --suspend-org ${orgId}`,
    `    ${command} --as ${second} council acts`,
    `  ${CLINICIAN} is a physician of a hospital that a council of ${DEMO_COUNCIL.length} has verified; ${DEMO_ADMINISTRATOR} administrates it.`,
    '',
  ].join('\n')
}
