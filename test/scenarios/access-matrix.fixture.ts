import assert from 'node:assert/strict'
import { decodeRet, encodeArg, toHex } from '@medguard/protocol'
import { type Expected, READERS } from './access-expectations.ts'
import { accessTable, casesOf } from './access-table.ts'
import { ALL_METHODS, type CanisterName, type Clinic, kindOf, methodOf, type RawAnswer } from './clinic.ts'
import { openCrowd } from './crowd.fixture.ts'
import { type Caller, CALLERS, CROWD, type Ward } from './ward.ts'

// Every method, by everybody, for what exists and for what does not (I1, I7).

export interface Visit {
  readonly what: string
  readonly caller: Caller
  /** Which of the caller's ways in. */
  readonly attempt: number
  /** They say that they come by a grant, and so know that they are asked about one. */
  readonly isByGrant: boolean
  readonly expected: Expected
  readonly outcome: string
  readonly bytes: Uint8Array
  readonly instructions: number
  /** What the same call takes once more. */
  readonly again: () => Promise<number>
}

/** What ends a visitor's place comes last, and before it what gives a stranger an account. */
const LAST = ['enrol', 'resign']
export const methodsOf = (...canisters: readonly CanisterName[]): readonly (readonly [CanisterName, string])[] =>
  ALL_METHODS.filter(([canister]) => canisters.includes(canister)).toSorted(
    (a, b) => LAST.indexOf(a[1]) - LAST.indexOf(b[1]),
  )

/**
 * Whom a grant names, or who is of an organisation that it names: that this one is there is no secret to them, so looking at whose it is may take longer than
 * finding none. All that it does not let them do costs the same, and grants that do not name them cost them what no grant does.
 */
const NAMED: readonly Caller[] = ['device', 'excluded', 'suspendedMember', 'administrator', 'memberOfSuspended']
const NO_GRANT = 'nothing, of no grant'
/** Whom a method finds by what they did themselves: they know whether they did. */
const OWN_PAST: Readonly<Record<string, readonly Caller[]>> = {
  acceptLink: ['formerSignIn'],
  resume: ['writer', 'device'],
}

export interface Matrix {
  readonly ward: Ward
  /** Everybody's calls of one method, made once. */
  visitsOf(canister: CanisterName, method: string): Promise<readonly Visit[]>
  /** What came of each call, and what should have. */
  outcomesOf(canister: CanisterName, method: string): Promise<{ readonly were: string[]; readonly expected: string[] }>
  /** How many different answers there are to refuse in the same words. */
  differing(canister: CanisterName, method: string): Promise<readonly string[]>
  /** Callers whose refusals cost more or less by whether what they name exists. */
  uneven(canister: CanisterName, method: string): Promise<readonly string[]>
  /** How often somebody was told that their consent has ended. @throws when somebody was told of another's, or a wrong time. */
  toldWhen(canister: 'consent' | 'records'): Promise<number>
}

export async function openMatrix(clinic: Clinic): Promise<Matrix> {
  const ward = await openCrowd(clinic)
  const table = accessTable(ward)
  const visited = new Map<string, Promise<readonly Visit[]>>()

  function visitsOf(canister: CanisterName, method: string): Promise<readonly Visit[]> {
    const name = `${canister}.${method}`
    const known = visited.get(name)
    if (known !== undefined) return known
    const visits = visitAll(canister, method)
    visited.set(name, visits)
    return visits
  }

  async function visitAll(canister: CanisterName, method: string): Promise<Visit[]> {
    const visits: Visit[] = []
    for (const { what = 'what exists', tries, expected } of casesOf(table, canister, method)) {
      for (const caller of [...CALLERS, ...CROWD]) {
        const refused = caller === 'anonymous' ? 'NotSignedIn' : 'NotPermitted'
        for (const [attempt, { exists, missing, missingThere }] of (await tries(caller)).entries()) {
          const add = async (what: string, expected: Expected, given: unknown) => {
            const arg = inOneRow(given)
            visits.push({
              what,
              caller,
              attempt,
              isByGrant: grantIn(given) !== null,
              expected,
              ...(await visit(canister, method, caller, arg)),
              again: async () => (await visit(canister, method, caller, arg)).instructions,
            })
          }
          await add(what, expected[caller], exists)
          for (const arg of missing) await add(grantIn(arg) === grantIn(exists) ? 'nothing' : NO_GRANT, refused, arg)
          const there = expected[caller] === 'Ok' ? refused : expected[caller]
          for (const arg of missingThere) await add('nothing there', there, arg)
        }
      }
    }
    return visits
  }

  async function visit(canister: CanisterName, name: string, caller: Caller, arg: unknown) {
    const method = methodOf(canister, name)
    const { value: answer, parts } = await clinic.metered(() =>
      clinic.send(ward.senderOf(caller), canister, name, encodeArg(method, arg)),
    )
    const own = parts.filter((part) => part.canisterId === clinic.ids[canister].toText() && part.entry === name)
    const bytes = answer.kind === 'reply' ? answer.bytes : new Uint8Array()
    const instructions = Number(own.reduce((sum, part) => sum + part.instructions, 0n))
    return { outcome: outcomeOf(answer, caller, (bytes) => decodeRet(method, bytes)), bytes, instructions }
  }

  return {
    ward,
    visitsOf,
    async outcomesOf(canister, method) {
      const visits = await visitsOf(canister, method)
      const told = (pick: (visit: Visit) => string) =>
        visits.map((each) => `${each.what}, ${each.caller}: ${pick(each)}`)
      return { were: told(({ outcome }) => outcome), expected: told(({ expected }) => expected) }
    },
    async differing(canister, method) {
      const answers = new Map<string, Set<string>>()
      for (const { outcome, bytes } of await visitsOf(canister, method)) {
        if (outcome === 'Ok' || outcome === 'ConsentEnded' || outcome === 'NotYet') continue
        answers.set(outcome, (answers.get(outcome) ?? new Set()).add(toHex(bytes)))
      }
      return [...answers].flatMap(([outcome, different]) =>
        different.size > 1 ? [`${outcome}: ${different.size}`] : [],
      )
    },
    async uneven(canister, method) {
      // By caller and way in: whoever has an account leaves a trace when refused, and that they have one is no secret to themselves.
      const groups = new Map<string, Visit[]>()
      for (const visit of await visitsOf(canister, method)) {
        const { caller, attempt, isByGrant, outcome, what } = visit
        // Whether a place holds a record is no secret to whoever may read that place.
        if (outcome !== 'NotPermitted' || READERS.includes(caller) || OWN_PAST[method]?.includes(caller) === true)
          continue
        if (what === NO_GRANT && attempt === 0 && NAMED.includes(caller)) continue
        const group = `${caller} ${attempt}${isByGrant ? ' by a grant' : ''}`
        groups.set(group, [...(groups.get(group) ?? []), visit])
      }
      const uneven: string[] = []
      for (const [group, visits] of groups) {
        // Where what exists is refused in other words, there is nothing to compare.
        if (visits.every(({ what }) => what.startsWith('nothing'))) continue
        let costs = visits.map(({ instructions }) => instructions)
        // The engine's collection of garbage falls into one message or another: what a refusal takes is the least of several.
        for (let i = 0; i < 3 && !isEven(costs); i++) costs = await leastOf(visits, costs)
        if (!isEven(costs)) uneven.push(`${group}: ${visits.map(({ what }, i) => `${what} ${costs[i]}`).join(', ')}`)
      }
      return uneven
    },
    async toldWhen(canister) {
      const { grants } = await clinic.ok(ward.senderOf('owner'), canister, 'grantsGiven', {
        patientId: [],
        from: 0,
        count: 50,
      })
      const endOf = (caller: 'expired' | 'revoked') => {
        const view = grants.find(({ grantId }) => toHex(grantId) === toHex(ward.grants[caller]))
        return view?.endedNs[0] ?? view?.endNs
      }
      let told = 0
      for (const [, method] of methodsOf(canister))
        for (const { outcome, caller, bytes } of await visitsOf(canister, method)) {
          if (outcome !== 'ConsentEnded') continue
          if (caller !== 'expired' && caller !== 'revoked') throw new Error(`${caller} was told when a consent ended`)
          told++
          const answer = decodeRet(methodOf(canister, method), bytes)
          assert.deepEqual(answer, { Err: { ConsentEnded: { endNs: endOf(caller) } } }, `${method}, ${caller}`)
        }
      return told
    },
  }
}

const isEven = (costs: readonly number[]): boolean => Math.max(...costs) - Math.min(...costs) <= Math.min(...costs) / 10
async function leastOf(visits: readonly Visit[], costs: readonly number[]): Promise<number[]> {
  const least: number[] = []
  for (const [i, { again }] of visits.entries()) least.push(Math.min(costs[i] ?? Infinity, await again()))
  return least
}

/**
 * What a caller did is remembered in rows by the last bits of its request id, and a row that is there takes longer to look through: that is about
 * the caller's own past. Here all are looked up in the same row.
 */
function inOneRow(arg: unknown): unknown {
  if (typeof arg !== 'object' || arg === null || !('requestId' in arg)) return arg
  const requestId = arg.requestId as Uint8Array
  return { ...arg, requestId: Uint8Array.from(requestId, (byte, i) => (i === 15 ? 0 : byte)) }
}

/** The grant that somebody says they come by; null for none. */
function grantIn(arg: unknown): string | null {
  if (typeof arg !== 'object' || arg === null || !('grantId' in arg) || !Array.isArray(arg.grantId)) return null
  const [grantId] = arg.grantId as Uint8Array[]
  return grantId === undefined ? null : toHex(grantId)
}

function outcomeOf(answer: RawAnswer, caller: Caller, decode: (bytes: Uint8Array) => unknown): string {
  if (answer.kind === 'reply') return kindOf(decode(answer.bytes))
  // For changes the network's filter answers in the canister's place (rule R16); queries do not pass it.
  const isFiltered = caller === 'anonymous' && answer.reject.errorCode === 'IC0406'
  return isFiltered ? 'NotSignedIn' : `rejected, ${answer.reject.errorCode} ${answer.reject.message}`
}
