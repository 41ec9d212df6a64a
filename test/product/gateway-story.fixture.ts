import '@medguard/fhir/hl7v2' // before Medplum's own, which look for a global that it brings
import { readFileSync } from 'node:fs'
import type { MedGuardClient } from '@medguard/client'
import { createPrng } from '@medguard/localnet'
import { NS_PER_HOUR } from '@medguard/protocol'
import { Hl7Message } from '@medplum/core'
import { Hl7Client } from '@medplum/hl7'
import { expect } from 'vitest'
import type { Clinic } from '../scenarios/clinic.ts'
import { shareWith } from '../scenarios/institution.fixture.ts'
import { openLine } from '../scenarios/line.fixture.ts'
import {
  type Death,
  type GatewayFolder,
  gatewayFolder,
  type GatewayProcess,
  MOMENTS,
} from './gateway-process.fixture.ts'

// A laboratory sends to a gateway whose process is killed again and again, fills its disk and loses its clock.

const VITALS = readFileSync(new URL('../vectors/hl7v2/own-oru-r01-vitals.hl7', import.meta.url), 'utf8')
const AUTHORITY = 'LAB'
/** @param title of the record that it becomes. */
export const messageOf = (number: string, title: string): Hl7Message =>
  Hl7Message.parse(
    VITALS.replace('|MG0003|', `|${title}|`)
      .replace(/PID\|1\|\|[^|]*\|/, `PID|1||${number}^^^${AUTHORITY}^MR|`)
      .replace('85353-1^Vital signs panel', `85353-1^${title}`),
  )

export interface LabPatient {
  readonly number: string
  /** Titles of what a client finds that knows nothing yet, in the order in which it was stored. */
  titles(): Promise<string[]>
}

/** People who let the gateway store what comes for them, in its table of patients. */
export async function labPatients(
  clinic: Clinic,
  gateway: Pick<GatewayFolder, 'principal' | 'table'>,
  count: number,
): Promise<LabPatient[]> {
  const patients = await Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const person = clinic.person(`patient ${i} of ${gateway.principal}`)
      await person.client.enrol()
      const grantId = await shareWith(person.client, { gateway }, ['labs', 'vitals'], ['write'])
      return { number: `P${i}`, grantId, titles: () => titlesIn(person.newClient()) }
    }),
  )
  await gateway.table(async (table) => {
    for (const { number, grantId } of patients)
      await table.set({ authority: AUTHORITY, value: number, grantId, birthDate: null })
  })
  return patients
}
async function titlesIn(client: MedGuardClient): Promise<string[]> {
  const records = await client.list({ of: 'me' })
  if (records.kind !== 'done') throw new Error(`list: ${records.refusal.kind}`)
  return records.value.map(({ title }) => title)
}

/** Somebody else's program, which sends what is of one patient, one after the other. */
function senderTo(patient: LabPatient, seed: string) {
  const { number } = patient
  const { below } = createPrng(`${seed} ${number}`)
  const sent: string[] = []
  const acknowledged = new Set<string>()
  let unanswered: string | null = null
  return {
    /** Ends when that many were acknowledged, or the process is gone: then it sends the last one again to the next process, or never. @returns what it was told. */
    async send({ hl7v2Port, ended }: GatewayProcess, count: number): Promise<string[]> {
      const peer = new Hl7Client({ host: '127.0.0.1', port: hl7v2Port })
      peer.addEventListener('error', () => {}) // of a process that is gone
      const told: string[] = []
      const gone = ended.then(() => 'gone')
      try {
        while (told.length < count) {
          const title: string = unanswered ?? `${number}-${sent.length}`
          if (unanswered === null) sent.push(title)
          unanswered = title
          const asked = peer.sendAndWait(messageOf(number, title)).then((ack) => String(ack.getAckType()))
          const answer = await Promise.race([gone, asked.catch(() => gone)])
          if (answer === 'gone') {
            if (below(2) === 0) unanswered = null
            return told
          }
          told.push(answer)
          if (answer !== 'AA') continue
          acknowledged.add(title)
          unanswered = null
        }
        return told
      } finally {
        await peer.close()
      }
    },
    /** What was acknowledged is there once and in order; what never was, at most once and in its place. */
    async expectKept() {
      const found = await patient.titles()
      expect(found).toEqual(sent.filter((title) => acknowledged.has(title) || found.includes(title)))
      return acknowledged.size
    },
  }
}

/** One death at each moment, in an order and at times that follow from the seed, while nine messages come in. */
function deathsOf(seed: string): Death[] {
  const { below } = createPrng(`deaths ${seed}`)
  const range: Readonly<Record<Death['moment'], readonly [number, number]>> = {
    // After the stores of creates come those of messages: what waits, what is put aside, patients and orders.
    open: [6, 18],
    write: [1, 6],
    sync: [1, 6],
    answer: [2, 7],
    ask: [3, 30],
    told: [3, 30],
  }
  return MOMENTS.map((moment) => {
    const [from, to] = range[moment]
    return { moment, after: from + below(to - from), turn: below(1000) }
  })
    .toSorted((a, b) => a.turn - b.turn)
    .map(({ moment, after }) => ({ moment, after }))
}

const HOUR_MS = 60 * 60_000

/** Nothing that was acknowledged is lost and nothing is there twice. @returns how many were acknowledged. */
export async function outlivesDeaths(clinic: Clinic, folder: GatewayFolder, seed: string): Promise<number> {
  const senders = (await labPatients(clinic, folder, 3)).map((patient) => senderTo(patient, seed))
  const all = (gateway: GatewayProcess, count: number) =>
    Promise.all(senders.map((sender) => sender.send(gateway, count)))
  for (const death of deathsOf(seed)) {
    const gateway = await folder.start(death)
    expect(gateway === null, death.moment).toBe(death.moment === 'open')
    if (gateway === null) continue
    await all(gateway, 3)
    expect(await gateway.ended, death.moment).toBe('SIGKILL')
  }
  const gateway = await folder.start()
  if (gateway === null) throw new Error('nothing killed it')
  await all(gateway, 1)

  await gateway.set({ isFull: true })
  expect(await all(gateway, 2)).toEqual(senders.map(() => ['AE', 'AE']))
  await gateway.set({ clockMs: -HOUR_MS })
  expect(await all(gateway, 2)).toEqual(senders.map(() => ['AA', 'AA']))
  await expectDelivered(gateway, 60_000)
  await gateway.stop()
  const counts = await Promise.all(senders.map((sender) => sender.expectKept()))
  return counts.reduce((sum, count) => sum + count, 0)
}

async function expectDelivered(gateway: GatewayProcess, timeout: number): Promise<void> {
  await expect.poll(() => gateway.waiting(), { timeout, interval: 100 }).toEqual({ spool: 0, quarantine: 0 })
}

/**
 * An hour without a network, in which as many messages come as may wait, and one more of each patient, which is refused until there is room: all are delivered, once and in order.
 *
 * @returns seconds that it took to take them and to deliver them.
 */
export async function outlivesOutage(
  clinic: Clinic,
  { patients, messagesOfEach }: { readonly patients: number; readonly messagesOfEach: number },
): Promise<{ readonly taking: number; readonly delivering: number }> {
  const line = await openLine(clinic.localnet.port)
  const count = patients * messagesOfEach
  const folder = await gatewayFolder(`http://127.0.0.1:${line.port}`, { waitingMax: count })
  try {
    const senders = (await labPatients(clinic, folder, patients)).map((patient) => senderTo(patient, 'outage'))
    const gateway = await folder.start()
    if (gateway === null) throw new Error('nothing killed it')
    const all = (each: number) => Promise.all(senders.map((sender) => sender.send(gateway, each)))
    const seconds = async (work: () => Promise<unknown>) => {
      const startMs = performance.now()
      await work()
      return (performance.now() - startMs) / 1000
    }
    line.cut()
    const taking = await seconds(() => all(messagesOfEach))
    expect(await gateway.waiting()).toEqual({ spool: count, quarantine: 0 })
    expect(await all(1)).toEqual(senders.map(() => ['AE']))
    await clinic.host.advance(NS_PER_HOUR)
    await gateway.set({ clockMs: HOUR_MS })
    line.mend()
    const delivering = await seconds(() => expectDelivered(gateway, 60_000 + count * 1_000))
    expect(await all(1)).toEqual(senders.map(() => ['AA']))
    await expectDelivered(gateway, 60_000)
    await gateway.stop()
    for (const sender of senders) expect(await sender.expectKept()).toBe(messagesOfEach + 1)
    return { taking, delivering }
  } finally {
    await folder.remove()
    await line.close()
  }
}
