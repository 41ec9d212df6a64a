import { type Canister, idleBurn, spend } from './canister.ts'
import { uninstallCode } from './install.ts'
import { removeSnapshot } from './snapshots.ts'
import { currentTime, touch, touchFacts, type World } from './world.ts'

/** The network charges for storage and compute allocation this often. */
const CHARGE_EVERY_NS = 10_000_000_000n
const DAY_NS = 86_400_000_000_000n

const periodOf = (timeNs: bigint): bigint => timeNs / CHARGE_EVERY_NS

/** Charges every canister for the time since it last was. To be called when the clock has moved. */
export function chargeForTime(world: World): void {
  const nowNs = currentTime(world)
  if (nowNs < world.nextChargeNs) return
  world.nextChargeNs = (periodOf(nowNs) + 1n) * CHARGE_EVERY_NS
  for (const canister of world.canisters.values()) charge(world, canister, nowNs)
}

function charge(world: World, canister: Canister, nowNs: bigint): void {
  // Whole periods of the clock, so that a network that was stopped in between charges at the same moments as one that was not.
  if (periodOf(nowNs) <= periodOf(canister.chargedNs)) return
  const elapsedNs = nowNs - canister.chargedNs
  const burn = idleBurn(canister)
  canister.chargedNs = nowNs
  const memory = (burn.memory * elapsedNs) / DAY_NS
  const compute = (burn.compute * elapsedNs) / DAY_NS
  // Even where it costs nothing: a restart must not charge for this time again.
  touch(world, canister)
  if (memory + compute <= canister.cycles) {
    spend(canister, 'memory', memory)
    spend(canister, 'computeAllocation', compute)
  } else runOut(world, canister)
}

/**
 * A canister that cannot pay loses its code, its state, its snapshots and its history; its id, controllers and settings stay.
 * interface specification, "Cycles"; local network facts 6.4
 */
function runOut(world: World, canister: Canister): void {
  spend(canister, 'uninstall', canister.cycles)
  uninstallCode(world, canister, { kind: 'user', user: new Uint8Array(0) })
  for (const snapshot of canister.snapshots.values()) removeSnapshot(world, canister, snapshot)
  canister.history = []
  canister.settings = { ...canister.settings, computeAllocation: 0n, memoryAllocation: 0n }
  touchFacts(world, canister)
}
