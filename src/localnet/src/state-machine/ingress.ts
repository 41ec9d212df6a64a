import type { IngressMessage, Machine, Reject, Subnet } from '../contracts.ts'
import { INGRESS_BYTES_MAX, ingressCycles, QUEUE_MESSAGES_MAX } from '../system-api/prices.ts'
import { type Canister, type CallMessage, keyOf, missingCycles, spend } from './canister.ts'
import { homeOf, subnetNote } from './homes.ts'
import { refusalOf } from './messages.ts'
import { inspect } from './query.ts'
import { mishapOf } from './mishaps.ts'
import { noModule, notFound, outOfCycles, principalText, reject } from './rejects.ts'
import { canisterOf, enqueue, enqueueManagement, touch, type World } from './world.ts'

type Submitted = ReturnType<Machine['submit']>

/** What the management canister says about an ingress message before it runs. */
export type ManagementFilter = (
  message: IngressMessage,
) =>
  | { readonly kind: 'pass'; readonly effectiveCanisterId: Uint8Array; readonly subnet: Subnet }
  | { readonly kind: 'refused'; readonly reject: Reject }

/** Lets an ingress message in, or says why not. A request id that is known never runs again. */
export function submit(world: World, message: IngressMessage, management: ManagementFilter): Submitted {
  const id = keyOf(message.requestId)
  if (world.requests.has(id)) return { kind: 'duplicate' }
  const { sender, canisterId, method, arg, ingressExpiryNs } = message
  const call: CallMessage = {
    kind: 'call',
    origin: { kind: 'ingress', request: id, sender },
    caller: sender,
    ...(message.callerInfo === undefined ? {} : { callerInfo: message.callerInfo }),
    method,
    arg,
    cycles: 0n,
    deadlineNs: ingressExpiryNs,
  }
  const mishap = mishapOf(world, call, principalText(canisterId))
  if (mishap !== null) return { kind: 'refused', reject: mishap }
  let effectiveCanisterId = canisterId
  let subnet: Subnet
  if (canisterId.length === 0) {
    const filtered = management(message)
    if (filtered.kind === 'refused') return filtered
    effectiveCanisterId = filtered.effectiveCanisterId
    subnet = filtered.subnet
    enqueueManagement(world, { ...call, ...subnetNote(world, subnet) })
  } else {
    const canister = canisterOf(world, canisterId)
    if (canister === undefined) return { kind: 'refused', reject: notFound(principalText(canisterId)) }
    const refusal = refuseIngress(world, canister, message)
    if (refusal !== null) return { kind: 'refused', reject: refusal }
    spend(canister, 'ingressInduction', ingressCycles(arg.length + method.length))
    touch(world, canister)
    enqueue(world, canister, call)
    subnet = homeOf(world, canisterId)
  }
  world.requests.set(id, {
    id,
    sender,
    canisterId,
    effectiveCanisterId,
    ...subnetNote(world, subnet),
    ingressExpiryNs,
    state: { status: 'received' },
    completedNs: 0n,
  })
  world.unsaved.requests.add(id)
  return { kind: 'accepted' }
}

function refuseIngress(world: World, canister: Canister, message: IngressMessage): Reject | null {
  const bytes = message.arg.length + message.method.length
  if (bytes > INGRESS_BYTES_MAX) {
    return reject('IC0408', `Ingress message of ${bytes} bytes is larger than the limit of ${INGRESS_BYTES_MAX} bytes`)
  }
  const refusal = refusalOf(canister)
  if (refusal !== null || canister.instance === null) return refusal ?? noModule(canister.text)
  const missing = missingCycles(canister, ingressCycles(bytes))
  if (missing > 0n) return outOfCycles(canister.text, missing)
  if (isQueueFull(canister, message.sender)) {
    return reject(
      'IC0201',
      `Canister ${canister.text} has a full input queue: ${QUEUE_MESSAGES_MAX} messages of one sender wait`,
    )
  }
  const inspected = inspect(world, canister, canister.instance, message)
  return inspected?.kind === 'reject' ? inspected.reject : null
}

function isQueueFull(canister: Canister, sender: Uint8Array): boolean {
  if (canister.queue.size < QUEUE_MESSAGES_MAX) return false
  let waiting = 0
  for (const message of canister.queue.values()) {
    const fromSender =
      message.kind === 'call' && message.origin.kind === 'ingress' && Buffer.compare(message.caller, sender) === 0
    if (fromSender) waiting++
  }
  return waiting >= QUEUE_MESSAGES_MAX
}
