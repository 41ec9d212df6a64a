import { nat32 } from '@medguard/protocol'
import { call, createCanister, onTrap, openMap, rawRand } from '@medguard/shared'

import { STUMBLE, stumblerService } from './stumbler-service.ts'

const map = openMap(0)
const KEY = new Uint8Array(1)
const counter = () => map.get(KEY)?.[0] ?? 0
const raise = () => map.set(KEY, Uint8Array.of(counter() + 1))
const HUGE = 2_000_001
let lockTaken = false

/** What Azle's host keeps of calls that are under way. */
function callbacks(): number {
  const kept = globalThis as { _azleResolveCallbacks?: object; _azleRejectCallbacks?: object }
  return [kept._azleResolveCallbacks, kept._azleRejectCallbacks].flatMap((calls) => Object.keys(calls ?? {})).length
}

async function stumbleLater(how: number) {
  lockTaken = true
  onTrap(() => {
    lockTaken = false
  })
  try {
    raise()
    await rawRand()
    raise()
    // What has to be refused: throwing what is no error.
    if (how === STUMBLE.nullAfterAwait) throw null // eslint-disable-line no-throw-literal
    if (how === STUMBLE.errorAfterAwait) throw new Error('secret claim')
    return { Ok: new Uint8Array(how === STUMBLE.hugeReplyAfterAwait ? HUGE : 3) }
  } finally {
    lockTaken = false
  }
}

export default createCanister({
  service: stumblerService,
  configuration: nat32,
  anonymous: ['state'],
  handlers: {
    stumble({ how }) {
      if (how > STUMBLE.null && how !== STUMBLE.hugeReply) return stumbleLater(how)
      raise()
      if (how === STUMBLE.null) throw null // eslint-disable-line no-throw-literal
      if (how === STUMBLE.error) throw new Error('secret claim')
      return { Ok: new Uint8Array(HUGE) }
    },
    state: () => ({ Ok: { counter: counter(), lockTaken: lockTaken ? 1 : 0, callbacks: callbacks() } }),
    async ask({ canister, method }) {
      const outcome = await call(canister.toUint8Array(), { [method]: stumblerService.state }, method, null)
      if (outcome.kind === 'rejected') return { Ok: 10 * outcome.code }
      return { Ok: outcome.kind === 'reply' ? 1 : 2 }
    },
    state2: () => ({ Ok: null }),
  },
})
