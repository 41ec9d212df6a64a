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
/** What is not heard of for this part of the time goes into the same notice: an outage is one, though not all fell silent in one moment. */
const PART = 0.5

/** A message that is due, and what is to be noted once it was taken. */
export interface Due {
  readonly channel: Channel
  readonly message: Message
  /** In `Kept.told`. */
  readonly keys: readonly string[]
  /** Of a `blind`: in `Delivery.toldBlind`. */
  readonly unheard: readonly string[]
}
export interface Standing {
  readonly config: WatchConfig
  readonly kept: Kept
  readonly seen: readonly Seen[]
  /** Patients whose lists are refused. */
  readonly over: readonly string[]
  /** Principals of the account that looks. */
  readonly signIns: readonly string[]
  readonly nowMs: number
}

const seenName = ({ patient, category }: Seen): string => shortHash(`${patient} ${category}`)
/** Where there is nothing to look at: that is nothing seen. */
const NOTHING = 'nothing'

/** Of what nobody knows what comes for so long, which is for all of `blindMinutes` or a part of it. What was never heard counts from when it was first looked for. */
function unheardFor(part: number, { config, kept, seen, nowMs }: Standing): string[] {
  const isLate = (sinceMs: number) => hasPassed(sinceMs, part * config.blindMinutes * MINUTE_MS, nowMs)
  if (seen.length === 0) return isLate(kept.readMs ?? kept.startedMs) ? [NOTHING] : []
  return seen.filter(({ heardMs }) => isLate(heardMs)).map(seenName)
}

/** Notes whose readings are looked at, and forgets what was answered or is long over. */
export function takeNote(standing: Standing): void {
  const { kept, seen, over, nowMs } = standing
  const patients = new Set(seen.map(({ patient }) => patient))
  for (const patient of patients) kept.patients[patient] = null
  for (const patient of over) if (kept.patients[patient] === undefined) kept.patients[patient] = null
  for (const [patient, goneMs] of Object.entries(kept.patients)) {
    if (patients.has(patient)) continue
    kept.patients[patient] = goneMs ?? nowMs
    const isLongAgo = goneMs !== null && hasPassed(goneMs, ENDED_MS, nowMs)
    if (isLongAgo && !over.includes(patient)) delete kept.patients[patient]
  }
  const alerts = seen.flatMap(({ alerts: all }) => all ?? [])
  const channels = Object.keys(kept.channels)
  // Answered or put off: once it asks for somebody again, that is news.
  for (const { aliases } of alerts.filter(({ isOpen }) => !isOpen))
    for (const name of channels) for (const alias of aliases) delete kept.told[keyOf(alias, name)]
  for (const [key, { atMs }] of Object.entries(kept.told))
    if (hasPassed(atMs, TOLD_KEPT_MS, nowMs)) delete kept.told[key]
  // Who is heard again, while others are not, is told of anew; who is not looked after any more is heard by nobody.
  const [names, unheard] = [seen.map(seenName), unheardFor(PART, standing)]
  for (const delivery of Object.values(kept.channels)) {
    const there = delivery.toldBlind.filter((name) => name === NOTHING || names.includes(name))
    const still = there.filter((name) => unheard.includes(name))
    delivery.toldBlind = still.length > 0 ? still : there
  }
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
  return [
    dueOf(standing, channel, { kind: 'look', said: keys, keys, count: dues.length, isAgain, isPartly: false, devices }),
  ]
}

function noticesOf(standing: Standing, channel: Channel): Due[] {
  const { config, kept, seen, nowMs } = standing
  const { name } = channel
  const delivery = deliveryOf(kept, name)
  const due = (kind: Kind, more: Partial<Said> = {}) =>
    dueOf(standing, channel, {
      kind,
      said: [],
      keys: [],
      count: 0,
      isAgain: false,
      isPartly: false,
      devices: [],
      ...more,
    })
  const [late, unheard] = [unheardFor(1, standing), unheardFor(PART, standing)]
  const ended = Object.entries(kept.patients).flatMap(([patient, goneMs]) => {
    const key = keyOf(`ended ${patient} ${goneMs}`, name)
    return goneMs === null || kept.told[key] !== undefined ? [] : [{ patient, key }]
  })
  const heard = seen.filter((each) => !late.includes(seenName(each)))
  // Whoever cannot be read was told of, and is named in it: the rest goes on.
  const isHeartbeatDue =
    heard.length > 0 &&
    heard.every(({ alerts }) => alerts !== null) &&
    (delivery.heartbeatMs === null || hasPassed(delivery.heartbeatMs, config.heartbeatHours * HOUR_MS, nowMs))
  return [
    ...(late.some((each) => !delivery.toldBlind.includes(each))
      ? [due('blind', { unheard, isPartly: unheard.length < seen.length })]
      : []),
    ...(late.length === 0 && delivery.toldBlind.length > 0 ? [due('seeing')] : []),
    ...(ended.length > 0
      ? [due('ended', { said: ended.map(({ patient }) => patient), keys: ended.map(({ key }) => key) })]
      : []),
    ...(isHeartbeatDue ? [due('heartbeat', { isPartly: late.length > 0 })] : []),
  ]
}

/** Whoever is on duty; all, where nobody is, or where no message reaches them. */
function toldOf(duty: string | null, { config: { people, others }, kept, signIns }: Standing): Channel[] {
  const channelsOf = (some: readonly WatchPerson[]) => some.flatMap(({ channels }) => channels)
  const all = channelsOf(people)
  if (duty === null) return all
  // What somebody says bears the sign-in that they said it by.
  const same = signIns.includes(duty) ? [duty, ...signIns] : [duty]
  const theirs = channelsOf(people.filter(({ who }) => who.some((each) => same.includes(each))))
  if (theirs.length === 0) return others === 'tell' ? all : []
  return theirs.some(({ name }) => deliveryOf(kept, name).failures === 0) ? theirs : all
}

interface Said extends Pick<Message, 'kind' | 'count' | 'isAgain' | 'isPartly' | 'devices'> {
  /** What makes it another one, beside that it is the next of its kind for this address. */
  readonly said: readonly string[]
  readonly keys: readonly string[]
  readonly unheard?: readonly string[]
}
function dueOf({ config, kept }: Standing, channel: Channel, { said, keys, unheard = [], ...rest }: Said): Due {
  const { kind, isPartly } = rest
  const { series, taken } = deliveryOf(kept, channel.name)
  // No clock: sent and not noted before a crash, it is the same afterwards.
  const id = shortHash([series, kind, taken[kind] ?? 0, isPartly, ...said.toSorted()].join('\n'))
  return { channel, keys, unheard, message: { ...rest, link: config.link, id: `medguard-${id}` } }
}

/** Notes that a message was taken. */
export function noteDelivered(kept: Kept, { channel, message: { kind }, keys, unheard }: Due, nowMs: number): void {
  const delivery = deliveryOf(kept, channel.name)
  Object.assign(delivery, { deliveredMs: nowMs, failures: 0, why: null })
  for (const key of keys) kept.told[key] = { atMs: nowMs, times: (kept.told[key]?.times ?? 0) + 1 }
  delivery.taken[kind] = (delivery.taken[kind] ?? 0) + 1
  if (kind === 'look') delivery.toldMs = nowMs
  if (kind === 'heartbeat') delivery.heartbeatMs = nowMs
  if (kind === 'blind') delivery.toldBlind = unheard
  if (kind === 'seeing') delivery.toldBlind = []
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
