import { cpSync, rmSync } from 'node:fs'
import { Ed25519KeyIdentity } from '@dfinity/identity'
import { createClient, developmentNetwork, type MedGuardClient, type Outcome } from '@medguard/client'
import { createPrng } from '@medguard/localnet'
import { NS_PER_MINUTE } from '@medguard/protocol'
import { expect } from 'vitest'
import { readingsOf } from '../scenarios/device-sdk.fixture.ts'
import { type DeviceFolder, deviceFolder, type DeviceProcess } from './device-process.fixture.ts'
import { medguardDevice, type Product } from './product.ts'

export function personAt(product: Product) {
  const identity = Ed25519KeyIdentity.generate()
  const network = developmentNetwork(product.ready.network)
  const newClient = (): MedGuardClient => createClient({ identity, network })
  return { principal: identity.getPrincipal().toText(), client: newClient(), newClient }
}
type Person = ReturnType<typeof personAt>

export function done<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'done') throw new Error(outcome.refusal.kind)
  return outcome.value
}

/** A device of a new patient, paired by its command. */
export async function patientWithFolder(product: Product) {
  const patient = personAt(product)
  done(await patient.client.enrol())
  const { code, device } = done(await patient.client.addDevice({ name: 'Watch', category: 'vitals' }))
  const folder = deviceFolder()
  const paired = await medguardDevice(folder.path, code, 'pair', '-')
  expect(paired.code, paired.stderr).toBe(0)
  return { patient, folder, deviceId: device.deviceId }
}

const FROM_MS = Date.UTC(2026, 3, 1)
const valueOf = (at: number): number => 50 + (at % 90)
/** One pulse a minute, no two alike. */
export const lineOf = (at: number): string =>
  JSON.stringify({ code: '8867-4', unit: '/min', value: valueOf(at), time: new Date(FROM_MS + at * 60_000) })
const factOf = (timeMs: number, value: unknown): string => `${new Date(timeMs).toISOString()} ${String(value)}`

/** Every reading of the vault, as a client finds it that knows nothing yet, in the order of time. */
export async function factsOf({ newClient }: Pick<Person, 'newClient'>) {
  const { records, readings } = await readingsOf(newClient())
  return { records, facts: readings.map(({ timeMs, value }) => factOf(timeMs, value)).toSorted() }
}
export const factsOfLines = (count: number): string[] =>
  Array.from({ length: count }, (_, at) => factOf(FROM_MS + at * 60_000, valueOf(at)))

/** What a person's program does that feeds a device: it sends on from what was told `kept`, and forgets nothing before. */
function feederOf() {
  let kept = 0
  return {
    kept: () => kept,
    /** Gives the process lines, three at a time, until `upTo` of them are kept or it is gone. @param onKept after each three. */
    async feed(device: DeviceProcess, upTo: number, onKept: (kept: number) => Promise<void> = async () => {}) {
      const before = kept
      const note = () => {
        for (const each of device.told)
          if (typeof each['kept'] === 'number') kept = Math.max(kept, before + each['kept'])
      }
      for (let given = kept; given < upTo && device.child.exitCode === null && device.child.signalCode === null;) {
        const next = Math.min(upTo, given + 3)
        device.feed(Array.from({ length: next - given }, (_, i) => lineOf(given + i)))
        given = next
        await device.until((told) => Number(told['kept']) >= given - before)
        note()
        if (kept >= given) await onKept(kept)
      }
      void device.ended.then(note, () => {})
    },
  }
}

/** Somebody read under a key, and the patient ends that: what is posted from now on is under the next. */
async function revokes(product: Product, { client }: Person): Promise<void> {
  const reader = personAt(product)
  done(await reader.client.enrol())
  const startNs = BigInt(Date.now()) * 1_000_000n
  const shared = await client.share({
    scope: { categories: ['vitals'] },
    rights: ['list', 'open'],
    purpose: 'TREAT',
    grantee: reader.principal,
    startNs,
    endNs: startNs + 60n * NS_PER_MINUTE,
  })
  const { grantId } = done(shared)
  done(await reader.client.list({ of: 'grant', grantId }))
  done(await client.revoke(grantId))
}

/** What goes wrong in one part of the story, while six lines come in. */
interface Part {
  /** The device's last operation, counted from its start; absent: it lives to be killed when all is told. */
  readonly deviceDiesAt?: number
  /** Which three lines are the last before the network is killed. */
  readonly networkDiesAfter?: number
  /** Of a network that is killed: whether it comes back with its canisters upgraded. */
  readonly isUpgraded?: boolean
  /** Whether a reader loses their right when all this is over, so that whatever waits has to be wrapped anew. */
  readonly isRevoked?: boolean
}
const LINES_PER_PART = 6

export const SHORT_STORY = (seed: number): Part[] => {
  const { below: random } = createPrng(`device ${seed}`)
  return [
    { deviceDiesAt: 4 + random(10) },
    { networkDiesAfter: 0, isUpgraded: true, isRevoked: true },
    { deviceDiesAt: 1 + random(10) },
  ]
}
export const longStory = (seed: number, parts: number): Part[] => {
  const { below: random } = createPrng(`device ${seed}`)
  return Array.from({ length: parts }, () => ({
    ...(random(3) > 0 ? { deviceDiesAt: random(16) } : {}),
    ...(random(3) === 0 ? { networkDiesAfter: random(2), isUpgraded: random(2) === 0 } : {}),
    isRevoked: random(4) === 0,
  }))
}

/**
 * Device and network are killed, again and again, and what was told `kept` is in the vault once. What the device had kept at some time is posted once more from a
 * copy of its folder, and everything is measured once more: neither adds anything.
 */
export async function livesThrough(product: Product, parts: readonly Part[], args: readonly string[] = []) {
  const { patient, folder, deviceId } = await patientWithFolder(product)
  const feeder = feederOf()
  const copy = `${folder.path}-copy`
  let deaths = 0
  try {
    for (const [at, part] of parts.entries()) {
      const { deviceDiesAt, networkDiesAfter, isUpgraded = false, isRevoked = false } = part
      const device = folder.stream({ args, ...(deviceDiesAt === undefined ? {} : { killAt: deviceDiesAt }) })
      let isUp = true
      const first = feeder.kept()
      await feeder.feed(device, (at + 1) * LINES_PER_PART, async (kept) => {
        if (!isUp || networkDiesAfter === undefined || kept - first <= networkDiesAfter * 3) return
        isUp = false
        await product.crash()
      })
      if (device.child.signalCode !== null) deaths++
      await device.kill()
      if (!isUp) await product.start(isUpgraded ? ['--upgrade'] : [])
      if (!isUp || at === 0) {
        rmSync(copy, { recursive: true, force: true })
        cpSync(folder.path, copy, { recursive: true })
      }
      if (isRevoked) await revokes(product, patient)
    }
    const lines = parts.length * LINES_PER_PART
    await finishes(folder, args, (device) => feeder.feed(device, lines))
    // One client: each asks for the keys of all epochs anew, and an hour has only so many.
    const one = patient.newClient()
    const facts = () => factsOf({ newClient: () => one })
    const before = await facts()
    expect(before.facts).toEqual(factsOfLines(lines))

    const current = `${folder.path}-current`
    cpSync(folder.path, current, { recursive: true })
    restore(copy, folder.path)
    await finishes(folder, args)
    expect(await facts()).toEqual(before)

    restore(current, folder.path)
    await finishes(folder, args, async (device) => device.feed(Array.from({ length: lines }, (_, i) => lineOf(i))))
    expect((await facts()).facts).toEqual(before.facts)
    return { patient, folder, deviceId, lines, deaths }
  } catch (error) {
    folder.remove()
    throw error
  }
}

function restore(from: string, to: string): void {
  rmSync(to, { recursive: true, force: true })
  cpSync(from, to, { recursive: true })
}

async function finishes(
  folder: DeviceFolder,
  args: readonly string[],
  feed: (device: DeviceProcess) => Promise<void> = async () => {},
): Promise<void> {
  const device = folder.stream({ args })
  await feed(device)
  device.child.stdin.end()
  expect(await device.ended).toBe(0)
}
