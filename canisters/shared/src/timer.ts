import { beginMessage } from './flow.ts'
import { reportBug } from './bug.ts'
import { engine, host } from './host.ts'
import { isSpliced, runNative } from './native.ts'
import { OPERATION } from './native-layout.ts'

const reportTimer = (error: unknown): never => reportBug(error, 'a timer')

/**
 * Runs `job` in a message of its own, not before `delaySeconds`. A hint: timers do not outlive an upgrade, so whatever has a deadline is
 * checked at use as well and armed again afterwards.
 */
export function setTimer(delaySeconds: number, job: () => void | Promise<void>): void {
  const id = host().setTimer(delaySeconds)
  // Azle's timers (ic-cdk-timers) remember in the heap what they asked the network for. Had a message of theirs trapped, they would wait for ever
  // for one that came already, and ask for none that is later. One that finds nothing due asks for what is next.
  if (isSpliced) runNative(OPERATION.wake, 0)
  const callbacks = (engine._azleTimerCallbacks ??= {})
  // Below 2^53 as a number it reads the same, and costs a tenth.
  callbacks[String(Number(id))] = () => {
    beginMessage()
    try {
      const running = job()
      if (running !== undefined) running.catch(reportTimer)
    } catch (error) {
      reportTimer(error)
    }
  }
}
