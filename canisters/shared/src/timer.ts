import { beginMessage } from './flow.ts'
import { reportBug } from './bug.ts'
import { engine, host } from './host.ts'

const reportTimer = (error: unknown): never => reportBug(error, 'a timer')

/**
 * Runs `job` in a message of its own, not before `delaySeconds`. A hint: timers do not outlive an upgrade, so whatever has a deadline is
 * checked at use as well and armed again afterwards.
 */
export function setTimer(delaySeconds: number, job: () => void | Promise<void>): void {
  const id = host().setTimer(delaySeconds)
  const callbacks = (engine._azleTimerCallbacks ??= {})
  callbacks[id.toString()] = () => {
    beginMessage()
    try {
      const running = job()
      if (running !== undefined) running.catch(reportTimer)
    } catch (error) {
      reportTimer(error)
    }
  }
}
