import { createHash } from 'node:crypto'
import type { Channel, WatchConfig, WatchPerson } from './config.ts'
import type { Seen } from './following.ts'
import { deliveryOf, type Kept } from './ledger.ts'
import { hasPassed } from './passed.ts'
import type { Kind, Message } from './texts.ts'

// Who is to be told what, by what was seen and what was told. Sends nothing.

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS
/** What comes sooner after a message is in the next: readings that go to and fro around a limit fill nobody's mailbox. */
const APART_MS = MINUTE_MS
/** Alerts are told of for two weeks; what was told of them is kept a little longer. */
const TOLD_KEPT_MS = 15 * DAY_MS
/** After a try that failed: twice as long each time. */
const RETRY_MS = 5_000
const RETRY_MAX_MS = 300_000
/** That something is not shared any more is told for so long. */
const ENDED_MS = DAY_MS

/** A message that is due, and what is to be noted once it was taken. */
export interface Due {
  readonly channel: Channel
  readonly message: Message
  /** In `Kept.told`. */
  readonly keys: readonly string[]
}
export interface Standing {
  readonly config: WatchConfig
  readonly kept: Kept
  readonly seen: readonly Seen[]
  readonly nowMs: number
}

/** Since when nobody knows what comes, or null. What was never heard counts from when it was first looked for; nothing to look at is nothing seen. */
export function blindSince({ config, kept, seen, nowMs }: Standing): number | null {
  const sinceMs = seen.length === 0 ? (kept.readMs ?? kept.startedMs) : Math.min(...seen.map(({ heardMs }) => heardMs))
  return hasPassed(sinceMs, config.blindMinutes * MINUTE_MS, nowMs) ? sinceMs : null
}

/** Notes whose readings are looked at, and forgets what was answered or is long over. */
export function takeNote({ kept, seen, nowMs }: Standing): void {
  const patients = new Set(seen.map(({ patient }) => patient))
  for (const patient of patients) kept.patients[patient] = null
  for (const [patient, goneMs] of Object.entries(kept.patients)) {
    if (patients.has(patient)) continue
    kept.patients[patient] = goneMs ?? nowMs
    if (goneMs !== null && hasPassed(goneMs, ENDED_MS, nowMs)) delete kept.patients[patient]
  }
  const alerts = seen.flatMap(({ alerts: all }) => all ?? [])
  const channels = Object.keys(kept.channels)
  // Answered or put off: once it asks for somebody again, that is news.
  for (const { aliases } of alerts.filter(({ isOpen }) => !isOpen))
    for (const name of channels) for (const alias of aliases) delete kept.told[keyOf(alias, name)]
  for (const [key, { atMs }] of Object.entries(kept.told))
    if (hasPassed(atMs, TOLD_KEPT_MS, nowMs)) delete kept.told[key]
  kept.followed = patients.size
  kept.open = alerts.filter(({ isOpen }) => isOpen).length
}

/** For each address what it is to be told, one after the other. */
export function dueNow(standing: Standing): Due[][] {
  const { config, kept, nowMs } = standing
  const all = config.people.flatMap(({ channels }) => channels)
  const mayTry = all.filter(({ name }) => !isWaiting(kept, name, nowMs))
  return mayTry.map((channel) => [...looksOf(standing, channel), ...noticesOf(standing, channel)])
}

/** What stands open and was not told this channel, or so long ago that it is said again. */
function looksOf(standing: Standing, channel: Channel): Due[] {
  const { config, kept, seen, nowMs } = standing
  const open = seen.flatMap(({ alerts }) => (alerts ?? []).filter(({ isOpen }) => isOpen))
  const mine = open.filter(({ duty }) => toldOf(duty, standing).includes(channel))
  const dues = mine.flatMap(({ aliases, device }) => {
    const keys = aliases.map((alias) => keyOf(alias, channel.name))
    const key = keys.find((each) => kept.told[each] !== undefined) ?? keys[0]
    const told = key === undefined ? undefined : kept.told[key]
    const isDue =
      told === undefined ||
      (config.repeatMinutes !== null && hasPassed(told.atMs, config.repeatMinutes * MINUTE_MS, nowMs))
    return key !== undefined && isDue ? [{ key, device, times: told?.times ?? 0 }] : []
  })
  const { toldMs } = deliveryOf(kept, channel.name)
  if (dues.length === 0 || (toldMs !== null && !hasPassed(toldMs, APART_MS, nowMs))) return []
  const devices = config.nameDevice ? [...new Set(dues.flatMap(({ device }) => device ?? []))] : []
  const isAgain = dues.every(({ times }) => times > 0)
  const keys = dues.map(({ key }) => key)
  const said = dues.map(({ key, times }) => `${key} ${times}`)
  return [dueOf(standing, channel, { kind: 'look', said, keys, count: dues.length, isAgain, devices })]
}

function noticesOf(standing: Standing, channel: Channel): Due[] {
  const { config, kept, nowMs } = standing
  const { name } = channel
  const delivery = deliveryOf(kept, name)
  const due = (kind: Kind, said: string, keys: readonly string[] = []) =>
    dueOf(standing, channel, { kind, said: [said, name], keys, count: 0, isAgain: false, devices: [] })
  const sinceMs = blindSince(standing)
  const ended = Object.entries(kept.patients).flatMap(([patient, goneMs]) =>
    goneMs === null || kept.told[keyOf(`ended ${patient} ${goneMs}`, name)] !== undefined
      ? []
      : [keyOf(`ended ${patient} ${goneMs}`, name)],
  )
  const isHeartbeatDue =
    sinceMs === null &&
    kept.readMs !== null &&
    (delivery.heartbeatMs === null || hasPassed(delivery.heartbeatMs, config.heartbeatHours * HOUR_MS, nowMs))
  return [
    ...(sinceMs !== null && !delivery.isToldBlind ? [due('blind', String(sinceMs))] : []),
    ...(sinceMs === null && delivery.isToldBlind ? [due('seeing', String(nowMs))] : []),
    ...(ended.length > 0 ? [due('ended', ended.join(), ended)] : []),
    ...(isHeartbeatDue ? [due('heartbeat', String(Math.floor(nowMs / MINUTE_MS)))] : []),
  ]
}

/** Whoever is on duty; all, where nobody is, or where no message reaches them. */
function toldOf(duty: string | null, { config: { people, others }, kept }: Standing): Channel[] {
  const channelsOf = (some: readonly WatchPerson[]) => some.flatMap(({ channels }) => channels)
  const all = channelsOf(people)
  if (duty === null) return all
  const theirs = channelsOf(people.filter(({ who }) => who === duty))
  if (theirs.length === 0) return others === 'tell' ? all : []
  return theirs.some(({ name }) => deliveryOf(kept, name).failures === 0) ? theirs : all
}

interface Said extends Pick<Message, 'kind' | 'count' | 'isAgain' | 'devices'> {
  /** What makes it this message and no other. */
  readonly said: readonly string[]
  readonly keys: readonly string[]
}
const dueOf = ({ config: { link } }: Standing, channel: Channel, { said, keys, ...rest }: Said): Due => ({
  channel,
  keys,
  message: { ...rest, link, id: `medguard-${shortHash([rest.kind, ...said.toSorted()].join('\n'))}` },
})

/** Notes that a message was taken. */
export function noteDelivered(kept: Kept, { channel, message: { kind }, keys }: Due, nowMs: number): void {
  const delivery = deliveryOf(kept, channel.name)
  Object.assign(delivery, { deliveredMs: nowMs, failures: 0, why: null })
  for (const key of keys) kept.told[key] = { atMs: nowMs, times: (kept.told[key]?.times ?? 0) + 1 }
  if (kind === 'look') delivery.toldMs = nowMs
  if (kind === 'heartbeat') delivery.heartbeatMs = nowMs
  if (kind === 'blind') delivery.isToldBlind = true
  if (kind === 'seeing') delivery.isToldBlind = false
}

export function noteFailed(kept: Kept, { channel }: Due, why: string, nowMs: number): void {
  const delivery = deliveryOf(kept, channel.name)
  Object.assign(delivery, { failures: delivery.failures + 1, failedMs: nowMs, why })
}

function isWaiting(kept: Kept, name: string, nowMs: number): boolean {
  const { failures, failedMs } = deliveryOf(kept, name)
  if (failures === 0 || failedMs === null) return false
  return !hasPassed(failedMs, Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** (failures - 1)), nowMs)
}

/** What stands on the disk names no limit and no record. */
const keyOf = (id: string, channel: string): string => shortHash(`${id}\n${channel}`)
const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)
