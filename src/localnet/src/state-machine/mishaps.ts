// Where faults that are made on purpose take hold of the network. Without them nothing here does anything.
import type { IngressMessage, Occasion, Reject } from '../contracts.ts'
import type { Callback, CallMessage, Canister, ResponseMessage } from './canister.ts'
import { idOf, keyOf } from './canister.ts'
import { settleStop } from './contexts.ts'
import { principalText } from './rejects.ts'
import { currentTime, setClock, touch, type World } from './world.ts'

/** A call on its way to `callee`: held up, or turned back with the reject that this returns. */
export function mishapOf(world: World, message: CallMessage, callee: string): Reject | null {
  const { faults } = world.options
  if (faults === undefined) return null
  const mishap = faults.request({ canister: callee, method: message.method, from: principalText(message.caller) })
  if (mishap?.kind === 'delay') message.notBeforeNs = currentTime(world) + mishap.byNs
  return mishap?.kind === 'reject' ? mishap.reject : null
}

/** @returns the response as it arrives, or null when it comes too late for a caller that waits no longer than its deadline. */
export function sufferOnTheWayBack(
  world: World,
  caller: Canister,
  { callee, method, deadlineNs }: Callback,
  response: ResponseMessage,
): ResponseMessage | null {
  const isTimeOut = deadlineNs > 0n && deadlineNs < currentTime(world)
  if (isTimeOut) return response
  const mishap = world.options.faults?.response({ canister: principalText(idOf(callee)), method, from: caller.text })
  if (mishap === undefined || mishap === null) return response
  if (mishap.kind === 'reject') return { ...response, outcome: { kind: 'reject', reject: mishap.reject } }
  const notBeforeNs = currentTime(world) + mishap.byNs
  return deadlineNs > 0n && notBeforeNs > deadlineNs ? null : { ...response, notBeforeNs }
}

/** What befalls a canister just before it runs something. */
export function befall(world: World, canister: Canister, at: Occasion): void {
  for (const event of world.options.faults?.before(at) ?? []) {
    if (event.kind === 'jump') {
      setClock(world, currentTime(world) + event.byNs)
      continue
    }
    if (event.kind === 'freeze') canister.isFrozenOnPurpose = true
    else if (canister.status === 'running') {
      canister.status = 'stopping'
      touch(world, canister)
      settleStop(world, canister)
    }
    if (event.forNs !== null) {
      world.planned.mends.push({ canister: canister.key, atNs: currentTime(world) + event.forNs })
    }
  }
}

/** Starts and thaws what was stopped and frozen for a time. */
export function mend(world: World): void {
  const { planned } = world
  if (planned.mends.length > 0) {
    const nowNs = currentTime(world)
    for (const { canister: key, atNs } of planned.mends) {
      const canister = world.canisters.get(key)
      if (atNs > nowNs || canister === undefined) continue
      canister.isFrozenOnPurpose = false
      if (canister.status !== 'running' && canister.stops.length === 0) canister.status = 'running'
      touch(world, canister)
    }
    planned.mends = planned.mends.filter(({ atNs }) => atNs > nowNs)
  }
}

/** Has the message arrive once more, later. */
export function noteCopy(world: World, message: IngressMessage, arrive: () => void): void {
  const { sender, canisterId, method } = message
  const at = { canister: principalText(canisterId), method, from: principalText(sender) }
  if (world.options.faults?.duplicates(at) === true) {
    world.planned.copies.set(keyOf(message.requestId), { message, arrive })
  }
}
