import {
  type Category,
  Fault,
  LISTS_WATCHED_MAX,
  type MedGuardClient,
  type Outcome,
  type RecordSummary,
  type Vault,
} from '@medguard/client'
import { type KeptAlert, lookThrough, watchedShares } from '@medguard/client/alert-report'
import { hasPassed } from './passed.ts'

// Keeps up with what devices send, as the page does: each patient is listed once, which is in their log, and again before the quarter of an hour is over for which that counts;
// in between queries ask whether there is more.

/** Whatever a node says, nothing is listed more often: each list is a line in the patient's log. */
const LIST_AGAIN_MS = 60_000
/** A list that does not hold what was certified, or that is refused for good, is asked for more and more seldom, up to this: it is not mended by asking. */
const LIST_SELDOM_MS = 900_000
const UNSOUND: ReadonlySet<string> = new Set(['ListIncomplete', 'Tampered', 'WrongKey', 'BadReply', 'BadCertificate'])
/** What is shared, and which devices are to send, is asked again then, also where nobody says that it changed. */
const ASK_AGAIN_MS = 300_000
/** Asking may itself be what changed. */
const ASK_LEAST_MS = 15_000
/** Each may cost a key and several seconds. */
const LISTED_AT_ONCE = 3
/** Whoever is told one of these of a list is not to see it any more, whatever the list of shares says. */
const OVER: ReadonlySet<string> = new Set(['NotPermitted', 'ConsentEnded', 'Expired', 'Paused', 'Unverified'])

/** What is told of one alert, and to whom. */
export interface SeenAlert extends Pick<KeptAlert, 'id' | 'aliases' | 'isOpen'> {
  /** Principal of who is on duty. */
  readonly duty: string | null
  /** What its owner calls the device; null where that is not known. */
  readonly device: string | null
}
/** What is known of one patient. */
export interface Seen {
  /** Principal of the patient. */
  readonly patient: string
  readonly category: Category
  /** Alerts of all kinds; null before anything could be read. */
  readonly alerts: readonly SeenAlert[] | null
  /** When it was last known that nothing is missing; before that, since when it is looked at. */
  readonly heardMs: number
}

interface Followed {
  readonly vault: Vault
  readonly category: Category
  readonly patient: string
  records: readonly RecordSummary[] | null
  /** Whether its list was made, and `news` still tells what joins it. */
  isOpen: boolean
  /** When it was listed last. */
  askedMs: number
  /** How long it is not listed again. */
  waitMs: number
  heardMs: number
  /** Its list was refused for good, and not given since. */
  isOver: boolean
}
export type WatchClient = Pick<MedGuardClient, 'changes' | 'people' | 'sharesReceived' | 'devices' | 'list' | 'news'>

export function createFollowing(parts: {
  readonly client: WatchClient
  readonly of: 'own' | 'shared'
  readonly kinds: readonly Category[]
  /** Principal of whose readings they are, where they are one's own. */
  readonly owner: string
  readonly now: () => number
}) {
  const { client, of, kinds, owner, now } = parts
  let followed: readonly Followed[] = []
  let changes: bigint | null = null
  let whatMs = Number.NEGATIVE_INFINITY
  let names: ReadonlyMap<string, string | null> = new Map()
  let sending: ReadonlySet<string> | null = null
  let signIns: readonly string[] = []

  /** @returns null once it is known, or why it is not. */
  const askWhat = async (): Promise<string | null> => {
    // Nobody waits for it: without it somebody on duty may be unknown.
    const people = await answerOf(() => client.people())
    if ('value' in people) signIns = people.value.principals.map(({ principal }) => principal)
    if (of === 'shared') {
      const shares = await answerOf(() => client.sharesReceived())
      if ('why' in shares) return shares.why
      const wanted = kinds.flatMap((category) =>
        watchedShares(shares.value, category, now()).map(({ grantId, patient }) => ({
          vault: { of: 'grant', grantId } as const,
          category,
          patient,
        })),
      )
      followed = wanted.map((each) => known(each) ?? fresh(each))
      return null
    }
    const devices = await answerOf(() => client.devices())
    if ('why' in devices) return devices.why
    names = new Map(devices.value.map(({ deviceId, name }) => [deviceId, name]))
    sending = new Set(devices.value.filter(({ state }) => state === 'active').map(({ deviceId }) => deviceId))
    const wanted = kinds.map((category) => ({ vault: { of: 'me' } as const, category, patient: owner }))
    followed = wanted.map((each) => known(each) ?? fresh(each))
    return null
  }
  /** Asked when somebody says that something changed, and from time to time. */
  const askIfDue = async (): Promise<string | null> => {
    if (!hasPassed(whatMs, ASK_LEAST_MS, now())) return null
    const counter = await answerOf(async () => ({ kind: 'done', value: await client.changes() }) as const)
    if ('why' in counter) return counter.why
    if (counter.value === changes && !hasPassed(whatMs, ASK_AGAIN_MS, now())) return null
    const why = await askWhat()
    if (why !== null) return why
    // What changed may be that somebody may see a list again.
    if (counter.value !== changes) for (const one of followed) if (one.isOver) one.waitMs = LIST_AGAIN_MS
    changes = counter.value
    whatMs = now()
    return null
  }
  const seenOf = ({ patient, category, records, heardMs }: Followed): Seen => {
    if (records === null) return { patient, category, alerts: null, heardMs }
    const at = { nowMs: now(), listedMs: heardMs, sending, readingsOf: () => null }
    // Under a share a device's postings do not say of which kind they are; this list is of one.
    const ofKind = records.map((record) => (record.category === 'shared' ? { ...record, category } : record))
    const [found] = lookThrough(ofKind, at).filter((each) => each.category === category)
    const deviceOf = new Map(records.map(({ recordId, deviceId }) => [recordId, deviceId]))
    const alerts = (found?.alerts ?? []).map((alert): SeenAlert => {
      const deviceId = 'deviceId' in alert ? alert.deviceId : deviceOf.get(alert.crossing.records[0] ?? '')
      const device = names.get(deviceId ?? '') ?? null
      return { id: alert.id, aliases: alert.aliases, isOpen: alert.isOpen, duty: found?.state.duty.who ?? null, device }
    })
    return { patient, category, alerts, heardMs }
  }
  const known = ({ vault, category }: Pick<Followed, 'vault' | 'category'>) =>
    followed.find((each) => each.category === category && nameOf(each.vault) === nameOf(vault))
  const fresh = (each: Pick<Followed, 'vault' | 'category' | 'patient'>): Followed => ({
    ...each,
    records: null,
    isOpen: false,
    askedMs: Number.NEGATIVE_INFINITY,
    waitMs: LIST_AGAIN_MS,
    heardMs: now(),
    isOver: false,
  })

  const list = async (one: Followed): Promise<string | null> => {
    one.askedMs = now()
    const listed = await answerOf(() => client.list(one.vault, [one.category]))
    if ('why' in listed) {
      one.isOver ||= OVER.has(listed.why)
      const isVain = one.isOver || UNSOUND.has(listed.why)
      one.waitMs = isVain ? Math.min(2 * one.waitMs, LIST_SELDOM_MS) : LIST_AGAIN_MS
      return one.isOver ? null : listed.why
    }
    one.isOver = false
    one.waitMs = LIST_AGAIN_MS
    one.records = listed.value
    one.isOpen = true
    one.heardMs = one.askedMs
    return null
  }
  /** Of some of one kind. Whose list is not open any more is listed with the next look. */
  const hear = async (some: readonly Followed[], category: Category): Promise<string | null> => {
    const heardMs = now()
    const vaults = some.map(({ vault }) => vault)
    const answer = await answerOf(() => client.news(vaults, [category]))
    if ('why' in answer) return answer.why
    for (const [i, one] of some.entries()) {
      const news = answer.value[i] ?? null
      one.isOpen = news !== null
      if (news === null) continue
      const newer = new Set(news.map(({ recordId }) => recordId))
      one.records = [...(one.records ?? []).filter(({ recordId }) => !newer.has(recordId)), ...news]
      one.heardMs = heardMs
    }
    return null
  }
  const hearAll = async (): Promise<string | null> => {
    let why: string | null = null
    for (const category of kinds) {
      const open = followed.filter((one) => one.category === category && one.isOpen)
      for (let from = 0; from < open.length; from += LISTS_WATCHED_MAX)
        why = (await hear(open.slice(from, from + LISTS_WATCHED_MAX), category)) ?? why
    }
    return why
  }
  const listDue = async (): Promise<string | null> => {
    const due = followed.filter(({ isOpen, askedMs, waitMs }) => !isOpen && hasPassed(askedMs, waitMs, now()))
    let why: string | null = null
    for (let from = 0; from < due.length; from += LISTED_AT_ONCE) {
      const answers = await Promise.all(due.slice(from, from + LISTED_AT_ONCE).map(list))
      why = answers.find((answer) => answer !== null) ?? why
    }
    return why
  }

  return {
    /** Asks once what is new. @returns why something is not known, or null. */
    async look(): Promise<string | null> {
      const why = await askIfDue()
      const unheard = await hearAll()
      const unlisted = await listDue()
      return why ?? unheard ?? unlisted
    },
    /** Whether it was ever told what there is to look at. */
    isKnown: (): boolean => whatMs !== Number.NEGATIVE_INFINITY,
    /** Of each patient, by what was heard so far. */
    seen: (): readonly Seen[] => followed.filter(({ isOver }) => !isOver).map(seenOf),
    /** Patients whose list was refused for good, though it is said to be shared. */
    over: (): readonly string[] => followed.filter(({ isOver }) => isOver).map(({ patient }) => patient),
    /** Principals of the account that looks: whoever has one of them has all. */
    signIns: (): readonly string[] => signIns,
  }
}

const nameOf = (vault: Vault): string => (vault.of === 'me' ? 'me' : vault.grantId)

/** A refusal or a fault as a word: whoever keeps on asking has no other use for it. */
async function answerOf<T>(ask: () => Promise<Outcome<T>>): Promise<{ readonly value: T } | { readonly why: string }> {
  try {
    const outcome = await ask()
    return outcome.kind === 'done' ? { value: outcome.value } : { why: outcome.refusal.kind }
  } catch (error) {
    if (error instanceof Fault) return { why: error.code }
    throw error
  }
}
