import { ID_BYTES, NS_PER_SECOND, orgIdOf } from '@medguard/protocol'
import { assert, createCounters, onTrap, type Rows, section, u64Key } from '@medguard/shared'
import { type Fact, isSomebody, organisationFacts, type PersonFacts, personFacts } from './person-facts.ts'
import type { RecordsStore } from './store.ts'

/** One message to another canister of records. */
export interface Telling {
  /** The number of the first change that it is about, and of how many. */
  readonly firstSeq: bigint
  readonly count: number
  readonly facts: readonly Fact[]
  /** When it was sent, by the clock of who sent it. */
  readonly atNs: bigint
  /** Whether there was nothing else to tell then. */
  readonly isAll: boolean
}

export interface TellingsOptions {
  readonly rows: Rows
  readonly store: Pick<RecordsStore, 'people' | 'trust' | 'erasures' | 'ownerOf'>
  /** Parts whose vaults another canister has. */
  readonly parts: () => readonly number[]
  /** In which of them a patient's vault is; 0 for the first. */
  readonly partOf: (patientId: Uint8Array) => number
  /** @returns whether it was taken. Never throws. */
  readonly send: (part: number, telling: Telling) => Promise<boolean>
  readonly nowNs: () => bigint
  /** Runs a job in a message of its own, as a hint. */
  readonly schedule: (delaySeconds: number, job: () => Promise<void>) => void
}

const SUBJECT = { person: 0, organisation: 1, council: 2, carerEnded: 3 } as const
// Of `rows`.
const KNOWN = 0 // subject -> n × part u8
const SUBJECTS = 1 // part u8 || number u64 -> subject: what changed
const COUNTS = 2 // part u8 || 0: numbers given; 1: numbers taken
const GIVEN = 0
const TAKEN = 1
const NOTHING = new Uint8Array(0)
/** Changes of which one message tells: a person with every role there is takes 10 kB. */
const CHANGES_AT_ONCE = 32
/** How often a part hears that nothing changed. */
const BEAT_SECONDS = 60
/** A timer that trapped forgets itself. */
const TIMER_GRACE_NS = 60n * NS_PER_SECOND

/**
 * Tells other canisters of records who is who, of those whom they were introduced to. What goes into the numbered stream to each of them is who changed; what is true of them
 * is read when it is sent. One message at a time is under way to each.
 */
export function createTellings({ rows, store, parts, partOf, send, nowNs, schedule }: TellingsOptions) {
  const known = section(rows, KNOWN)
  const counts = createCounters(section(rows, COUNTS))
  const subjectsTo = (part: number): Rows => section(section(rows, SUBJECTS), part)
  const numbers = (part: number) => ({
    given: counts.of(Uint8Array.of(part, GIVEN)),
    taken: counts.of(Uint8Array.of(part, TAKEN)),
  })
  const sending = new Set<number>()
  const dueNs = new Map<number, bigint>()
  const failures = new Map<number, number>()

  const partsThatKnow = (subject: Uint8Array): number[] => [...(known.get(subject) ?? NOTHING)]
  const push = (part: number, subject: Uint8Array): void => {
    const number = counts.add(Uint8Array.of(part, GIVEN), 1n)
    subjectsTo(part).set(u64Key(number), subject)
    if (!failures.has(part)) arm(part, 0)
  }
  const changed = (subject: Uint8Array): void => {
    for (const part of partsThatKnow(subject)) push(part, subject)
  }
  /** From now on the part hears of it. */
  const introduceSubject = (part: number, subject: Uint8Array): void => {
    const before = partsThatKnow(subject)
    if (before.includes(part)) return
    if (before.length === 0) known.set(subject, Uint8Array.of(part))
    else known.set(subject, Uint8Array.from([...before, part]))
    push(part, subject)
  }
  const introducePerson = (part: number, patientId: Uint8Array): void =>
    introduceSubject(part, subjectOf(SUBJECT.person, patientId))

  /** Whoever is told of brings along where they are members, and a patient of that part who acts in their place. */
  const factOf = (part: number, subject: Uint8Array): Fact => {
    const [kind] = subject
    const id = subject.slice(1, 1 + ID_BYTES)
    if (kind === SUBJECT.organisation) return organisationFacts(store, id)
    if (kind === SUBJECT.council) return { kind: 'council', council: store.trust.council.council() }
    if (kind === SUBJECT.carerEnded)
      return { kind: 'carerEnded', patientId: id, giverId: subject.slice(1 + ID_BYTES, 1 + 2 * ID_BYTES) }
    assert(kind === SUBJECT.person, 'a stored subject is of a kind that is known')
    const facts = personFacts(store, id, partOf(id) === part)
    for (const { of } of facts?.members ?? [])
      for (const { orgId } of of) introduceSubject(part, subjectOf(SUBJECT.organisation, orgId))
    for (const who of carersIn(facts)) introducePerson(part, who)
    return { kind: 'person', patientId: id, facts }
  }
  /** The oldest changes, each subject once; what they bring along joins them. */
  const telling = (part: number): Telling => {
    const firstSeq = numbers(part).taken
    const facts = new Map<string, Fact>()
    let seq = firstSeq
    for (; seq < numbers(part).given && seq < firstSeq + BigInt(CHANGES_AT_ONCE); seq++) {
      const subject = subjectsTo(part).get(u64Key(seq))
      assert(subject !== undefined, 'a change stays until it was told')
      const name = subject.join()
      if (!facts.has(name)) facts.set(name, factOf(part, subject))
    }
    const isAll = seq === numbers(part).given
    return { firstSeq, count: Number(seq - firstSeq), facts: [...facts.values()], atNs: nowNs(), isAll }
  }

  const arm = (part: number, delaySeconds: number): void => {
    const [now, due] = [nowNs(), dueNs.get(part)]
    const nextNs = now + BigInt(delaySeconds) * NS_PER_SECOND
    if (due !== undefined && due <= nextNs && now <= due + TIMER_GRACE_NS) return
    dueNs.set(part, nextNs)
    schedule(delaySeconds, async () => {
      if (dueNs.get(part) === nextNs) dueNs.delete(part)
      await tellings.flush(part)
    })
  }

  const tellings = {
    /** With an account that was opened: its vault is in this part. */
    placed(part: number, patientId: Uint8Array): void {
      introduceSubject(part, Uint8Array.of(SUBJECT.council))
      introducePerson(part, patientId)
    },
    /** @param named principal of a person or an organisation. Nothing happens for who has no account. */
    introduce(part: number, named: Uint8Array): void {
      const orgId = orgIdOf(named)
      if (orgId !== null) return introduceSubject(part, subjectOf(SUBJECT.organisation, orgId))
      const account = store.people.account(named)
      if (account !== undefined) introducePerson(part, account.patientId)
    },
    personChanged: (patientId: Uint8Array): void => changed(subjectOf(SUBJECT.person, patientId)),
    organisationChanged: (orgId: Uint8Array): void => changed(subjectOf(SUBJECT.organisation, orgId)),
    councilChanged: (): void => changed(Uint8Array.of(SUBJECT.council)),
    carerEnded(patientId: Uint8Array, giverId: Uint8Array): void {
      const part = partOf(patientId)
      if (part > 0) push(part, Uint8Array.of(SUBJECT.carerEnded, ...patientId, ...giverId))
    },
    /** Whether a part has been told of everything. */
    isTold: (part: number): boolean => numbers(part).taken === numbers(part).given,
    /** Tells until nothing is left, or the part does not answer; says so, too, when there is nothing. */
    async flush(part: number): Promise<void> {
      if (sending.has(part)) return
      sending.add(part)
      const forget = onTrap(() => sending.delete(part))
      let isTaken = true
      do {
        const next = telling(part)
        isTaken = await send(part, next)
        if (!isTaken) break
        for (let i = 0; i < next.count; i++) subjectsTo(part).delete(u64Key(next.firstSeq + BigInt(i)))
        counts.add(Uint8Array.of(part, TAKEN), BigInt(next.count))
      } while (!tellings.isTold(part))
      forget()
      sending.delete(part)
      const failed = isTaken ? 0 : (failures.get(part) ?? 0) + 1
      if (failed === 0) failures.delete(part)
      else failures.set(part, failed)
      arm(part, isTaken ? BEAT_SECONDS : Math.min(2 ** failed, BEAT_SECONDS))
    },
    /** After an upgrade, which drops all timers. */
    resume(): void {
      for (const part of parts()) arm(part, 0)
    },
  }
  return tellings
}
export type Tellings = ReturnType<typeof createTellings>

const subjectOf = (kind: number, id: Uint8Array): Uint8Array => Uint8Array.of(kind, ...id)

const carersIn = (facts: PersonFacts | null): Uint8Array[] =>
  (facts?.care?.representatives ?? []).flatMap(({ representativeId }) =>
    isSomebody(representativeId) ? [representativeId] : [],
  )
