import { NS_PER_SECOND } from '@medguard/protocol'
import { CANISTER_NAMES, type CanisterName } from '../scenarios/clinic.ts'
import type { Flow } from '../scenarios/stepped.ts'
import type { Doings, Run } from './model-steps.fixture.ts'

/** What the network and the people who run it do. */
export function doingsOfTheNetwork(
  run: Run,
): Pick<Doings, 'again' | 'deliver' | 'advance' | 'wait' | 'stop' | 'upgrade'> {
  const { net, modules, pending } = run
  const controlled = new Set<CanisterName>()
  /**
   * As the deployment does it: stopped, perhaps upgraded, started, and one such thing at a time. What did not stop is not upgraded (I30): the answer to a
   * call of before would reach whatever the new module asks under the same number.
   */
  const control = (canister: CanisterName, isUpgrade: boolean) => {
    if (controlled.has(canister)) return
    controlled.add(canister)
    const wasm = modules.get(canister) ?? new Uint8Array()
    const then = (flow: Flow<unknown>, end: () => void) => pending.push({ flow, end })
    const start = () => then(net.control(canister, 'start_canister'), () => controlled.delete(canister))
    const stopped = net.control(canister, 'stop_canister')
    then(stopped, () => (isUpgrade && isReplied(stopped) ? then(net.startUpgrade(canister, wasm), start) : start()))
  }
  return {
    again({ which }) {
      const once = run.sent[which % Math.max(1, run.sent.length)]
      if (once !== undefined) run.send(once)
    },
    deliver({ at, times }) {
      for (let i = 0; i < times; i++) if (!run.deliver(at)) return
    },
    advance({ seconds }) {
      net.setTime(net.nowNs() + BigInt(seconds) * NS_PER_SECOND)
      run.tick()
    },
    wait: ({ hours }) => run.wait(hours),
    stop: ({ canister }) => control(CANISTER_NAMES[canister % 3] ?? 'audit', false),
    upgrade: ({ canister }) => control(CANISTER_NAMES[canister % 3] ?? 'audit', true),
  }
}

function isReplied(flow: Flow<unknown>): boolean {
  try {
    flow.answer()
    return true
  } catch {
    return false
  }
}
