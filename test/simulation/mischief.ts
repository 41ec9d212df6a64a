import type { FaultRule, Prng } from '@medguard/localnet'
import { Principal } from '@medguard/protocol'
import { CANISTER_NAMES } from '../scenarios/clinic.ts'
import type { Hospital } from './hospital.ts'

// One fault in a hundred steps, of every kind, each once and somewhere: what it hits depends on what comes by.

/** Kinds after which a client rightly says that it was lied to. */
export const LIES: ReadonlySet<string> = new Set(['lieInQuery', 'vetkd'])
/** Rules are taken back after so many steps, whether they found something to break or not. */
const STEPS_KEPT = 60

export interface Mischief {
  /** Perhaps plans a fault, and takes old ones back. */
  step(number: number): void
  /** Whether a node has lied, or vetKD given a wrong key, since step `number`. */
  hasLiedSince(number: number): boolean
  /** Nothing goes wrong any more. */
  end(): void
  planned(): number
}

export function createMischief(hospital: Hospital, prng: Prng, chance: number): Mischief {
  const { faults } = hospital.net
  const active = new Map<number, { readonly since: number; readonly rule: FaultRule }>()
  const lies: { from: number; to: number }[] = []
  let planned = 0
  const drop = (id: number, now: number) => {
    const found = active.get(id)
    if (found !== undefined && LIES.has(found.rule.kind)) lies.push({ from: found.since, to: now })
    active.delete(id)
    faults.remove(id)
  }
  return {
    step(number) {
      for (const [id, { since }] of active) if (number - since > STEPS_KEPT) drop(id, number)
      if (!prng.chance(chance)) return
      const rule = drawRule(hospital, prng)
      active.set(faults.add(rule), { since: number, rule })
      planned++
    },
    hasLiedSince: (number) =>
      lies.some(({ to }) => to >= number) || [...active.values()].some(({ rule }) => LIES.has(rule.kind)),
    end() {
      for (const id of active.keys()) drop(id, Number.MAX_SAFE_INTEGER)
      faults.clear()
      lies.length = 0
    },
    planned: () => planned,
  }
}

function drawRule({ ids, net }: Hospital, prng: Prng): FaultRule {
  const pick = <T>(list: readonly T[]): T => list[prng.below(list.length)] as T
  const canister = ids[pick(CANISTER_NAMES)]
  const from = ids[pick(['consent', 'records'] as const)]
  const once = { times: 1 }
  const ms = (most: number) => 1 + prng.below(most)
  // Between canisters only: an ingress message that is turned away is the client's matter, and `lossChance` covers it.
  const call = { ...once, from, canister: ids[pick(['consent', 'audit'] as const)] }
  const pages = () => Math.ceil((net.machine().dump(idBytes(net, canister))?.heap.length ?? 0) / 65_536)
  const rules: readonly (() => FaultRule)[] = [
    () => ({ kind: 'trapAtSyscall', canister, at: ms(80), ...once }),
    () => ({ kind: 'trapAtSyscall', canister, at: ms(400), ...once }),
    () => ({ kind: 'trapAtInstruction', canister, at: ms(30_000_000), ...once }),
    () => ({ kind: 'failEnqueue', from, ...once }),
    () => ({ kind: 'reject', code: pick([1, 2, 3, 4, 5, 6] as const), when: 'sent', ...call }),
    () => ({ kind: 'reject', code: pick([2, 4, 5, 6] as const), when: 'answered', ...call }),
    () => ({ kind: 'delay', what: pick(['request', 'response'] as const), byMs: ms(20_000), ...call }),
    () => ({ kind: 'duplicate', canister, ...once }),
    () => ({ kind: 'stop', canister, forMs: ms(30_000), ...once }),
    () => ({ kind: 'freeze', canister, forMs: ms(30_000), ...once }),
    () => ({ kind: 'heapCap', canister, pages: pages() }),
    () => ({ kind: 'stableCap', canister, pages: 1300 }),
    () => ({ kind: 'clock', how: pick(['stands', 'steps'] as const) }),
    () => ({ kind: 'clockJump', canister, byMs: ms(60_000), ...once }),
    () => ({ kind: 'vetkd', how: pick(['reject', 'wrongKey'] as const), ...once }),
    () => ({ kind: 'vetkd', how: 'stall', byMs: ms(60_000), ...once }),
    () => ({ kind: 'rawRand', ...once }),
    () => ({ kind: 'lieInQuery', canister, how: pick(['change', 'cut', 'empty', 'stale'] as const), ...once }),
  ]
  return pick(rules)()
}

const idBytes = (net: Hospital['net'], text: string): Uint8Array =>
  net
    .machine()
    .canisterIds()
    .find((id) => Principal.fromUint8Array(id).toText() === text) ?? new Uint8Array(0)
