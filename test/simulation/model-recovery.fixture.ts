import { NS_PER_HOUR, NS_PER_SECOND } from '@medguard/protocol'
import { freshId, kindOf } from '../scenarios/clinic.ts'
import { HALVES, OWNER, signIn } from './model-facts.ts'
import { anySignIn } from './model-sharing.fixture.ts'
import { type Doings, READERS, type Run } from './model-steps.fixture.ts'

const WAIT_NS = 72n * NS_PER_HOUR
const isOk = (answer: unknown): boolean => kindOf(answer) === 'Ok'

/** Somebody who lost their sign-ins comes back with their printed kit, unless one of them says no for three days. */
export function doingsOfRecovery(run: Run): Pick<Doings, 'recover'> {
  const { facts, faults } = run.model
  /** By canister and person: who is to come in, and since when that is known. */
  const waiting = new Map<string, { readonly sinceNs: bigint; readonly number: number }>()
  const nowNs = () => facts.times[run.step()] ?? 0n

  const begin = (person: string): void => {
    const number = (run.signIns.get(person) ?? 1) + 1
    run.signIns.set(person, number)
    const kit = `kit of ${person}`
    const settings = { kit: [run.principalOf(kit)], guardians: [], threshold: 0 }
    const start = { newPrincipal: run.principalOf(signIn(person, number)), requestId: freshId() }
    for (const half of HALVES) {
      const who = anySignIn(run, person, 0)
      run.quietly(who, half, 'setRecovery', { patientId: [], settings, requestId: freshId() }, () =>
        run.quietly(kit, half, 'startRecovery', start, (answer) => {
          if (isOk(answer)) waiting.set(`${half} ${person}`, { sinceNs: nowNs(), number })
        }),
      )
    }
  }
  const veto = (person: string, number: number): void => {
    for (const half of HALVES) {
      const who = anySignIn(run, person, number)
      run.quietly(who, half, 'vetoRecovery', { patientId: [], requestId: freshId() }, (answer) => {
        if (!isOk(answer)) return
        waiting.delete(`${half} ${person}`)
        if (!facts.isKnown(half, who, run.step())) faults.push(`${who} stops a recovery in ${half}`)
      })
    }
  }
  const complete = (person: string): void => {
    const known = run.signIns.get(person) ?? 1
    for (const half of HALVES) {
      const number = waiting.get(`${half} ${person}`)?.number ?? known
      const who = signIn(person, number)
      const arg = { home: run.principalOf(signIn(person, 1)), requestId: freshId() }
      run.quietly(who, half, 'completeRecovery', arg, (answer) => {
        if (!isOk(answer) || facts.isKnown(half, who, run.step())) return
        const by = waiting.get(`${half} ${person}`)
        // A step is noted a little before the canister looks at its clock.
        if (by?.number !== number || nowNs() + NS_PER_SECOND < by.sinceNs + WAIT_NS)
          faults.push(`${who} takes over an account in ${half}`)
        waiting.delete(`${half} ${person}`)
        for (let n = 1; n <= (run.signIns.get(person) ?? 1); n++)
          facts.turn(half, `sign-in ${signIn(person, n)}`, n === number, run.step())
      })
    }
  }
  return {
    recover({ whom, what, hours }) {
      const person = whom % 3 > 0 ? OWNER : (READERS[0] ?? 'ann')
      const isWaiting = HALVES.some((half) => waiting.has(`${half} ${person}`))
      if (what === 'begin' || (what === 'complete' && !isWaiting)) begin(person)
      else if (what === 'veto') veto(person, whom)
      else {
        // What was begun and not committed is given up meanwhile, and is sent no more.
        while (run.deliver(0)) continue
        run.sent.splice(0)
        run.net.setTime(run.net.nowNs() + BigInt(hours) * NS_PER_HOUR)
        run.tick()
        complete(person)
      }
    },
  }
}
