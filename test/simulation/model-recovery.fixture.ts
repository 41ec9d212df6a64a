import { freshId, kindOf } from '../scenarios/clinic.ts'
import { CHILD, type Half, HALVES, OWNER, signIn } from './model-facts.ts'
import type { Settings } from './model-recoveries.ts'
import { anyActing, anySignIn, namedFor } from './model-sharing.fixture.ts'
import { type Doings, READERS, type Run } from './model-steps.fixture.ts'

const isOk = (answer: unknown): boolean => kindOf(answer) === 'Ok'

/** Somebody who lost their sign-ins comes back with their printed kit or by their guardians, unless one of them says no for three days. */
export function doingsOfRecovery(run: Run): Pick<Doings, 'recover'> {
  const { recoveries } = run
  const { facts, faults } = run.model
  const nowNs = () => facts.times[run.step()] ?? 0n
  const kitOf = (person: string): string => `kit of ${person}`
  const guardiansOf = (person: string): string[] => [...READERS, OWNER].filter((each) => each !== person)
  /** Of whom something is asked in both canisters: what each says is judged by what that one was told. */
  const inBoth = (ask: (half: Half) => void): void => HALVES.forEach(ask)

  const set = (person: string, by: number, settings: Settings): void => {
    const who = anyActing(run, person, by)
    const arg = {
      kit: settings.hasKit ? [run.principalOf(kitOf(person))] : [],
      guardians: settings.guardians.map((each) => run.principalOf(signIn(each, 1))),
      threshold: settings.threshold,
    }
    const patientId = namedFor(run, who, person)
    inBoth((half) =>
      run.quietly(who, half, 'setRecovery', { patientId, settings: arg, requestId: freshId() }, (answer) => {
        if (!isOk(answer)) return
        const may = facts.isHolder(half, who, person, run.step()) || run.people.isParent(half, who, person, run.step())
        if (!may || facts.isNew(half, who, run.step())) faults.push(`${who} says who brings ${person} back in ${half}`)
        recoveries.of(half, person).set(settings, nowNs())
      }),
    )
  }
  /** The sign-in that somebody waits for, or a new one. */
  const numberFor = (person: string, isNew: boolean): number => {
    const known = run.signIns.get(person) ?? 0
    const waiting = HALVES.map((half) => recoveries.of(half, person).waits(nowNs())?.number)
    const present = waiting.find((number) => number !== undefined)
    if (present !== undefined && !isNew) return present
    run.signIns.set(person, known + 1)
    return known + 1
  }
  const byKit = (person: string, number: number): void =>
    inBoth((half) => {
      const arg = { newPrincipal: run.principalOf(signIn(person, number)), requestId: freshId() }
      run.quietly(kitOf(person), half, 'startRecovery', arg, (answer) => {
        const may =
          !facts.is(half, `gone ${person}`, run.step()) && recoveries.of(half, person).startByKit(number, nowNs())
        if (may !== isOk(answer)) faults.push(`the kit of ${person} in ${half}: ${kindOf(answer)}`)
      })
    })
  const approve = (person: string, guardian: string, number: number, by: number): void =>
    inBoth((half) => {
      const who = anySignIn(run, guardian, by)
      const newPrincipal = run.principalOf(signIn(person, number))
      const arg = { ward: run.homeOf(person), newPrincipal, requestId: freshId() }
      run.quietly(who, half, 'approveRecovery', arg, (answer) => {
        const isThere = facts.isKnown(half, who, run.step()) && !facts.is(half, `gone ${person}`, run.step())
        if (kindOf(answer) === 'Busy') return
        const count = isThere ? recoveries.of(half, person).approve(guardian, number, nowNs()) : null
        const told = (answer as { Ok?: { approvals: number; readyNs: [] | [bigint] } }).Ok
        if (told?.approvals !== (count ?? undefined))
          faults.push(`${who} is guardian number ${count} of ${person} in ${half}, and is told ${told?.approvals}`)
      })
    })
  const veto = (person: string, by: number): void =>
    inBoth((half) => {
      const who = anyActing(run, person, by)
      const patientId = namedFor(run, who, person)
      run.quietly(who, half, 'vetoRecovery', { patientId, requestId: freshId() }, (answer) => {
        if (facts.acts(half, who, person, ['manage'], run.step()) !== isOk(answer))
          faults.push(`${who} stops that ${person} comes back in ${half}: ${kindOf(answer)}`)
        if (isOk(answer)) recoveries.of(half, person).veto()
      })
    })
  const complete = (person: string): void =>
    inBoth((half) => {
      const number = recoveries.of(half, person).waits(nowNs())?.number ?? Math.max(1, run.signIns.get(person) ?? 1)
      const who = signIn(person, number)
      const arg = { home: run.homeOf(person), requestId: freshId() }
      run.quietly(who, half, 'completeRecovery', arg, (answer) => {
        if (facts.isKnown(half, who, run.step()) || facts.is(half, `gone ${person}`, run.step())) return
        const waiting = recoveries.of(half, person).waits(nowNs())
        const isFirst = !facts.wasEver(half, `sign-in ${who}`)
        const may = isFirst && waiting?.number === number && nowNs() >= waiting.readyNs
        if (may !== isOk(answer)) faults.push(`${who} takes over an account in ${half}: ${kindOf(answer)}`)
        if (!isOk(answer)) return
        recoveries.of(half, person).done()
        for (let n = 1; n <= (run.signIns.get(person) ?? 1); n++)
          facts.turn(half, `sign-in ${signIn(person, n)}`, n === number, run.step())
      })
    })

  const later = (person: string, hours: number): void => {
    run.wait(hours)
    complete(person)
  }

  return {
    recover({ whom, by, what, guardians, threshold, hasKit, hours }) {
      const person = [OWNER, OWNER, CHILD, READERS[0] ?? 'ann'][whom % 4] ?? OWNER
      const named = guardiansOf(person).slice(0, guardians)
      const settings = { hasKit, guardians: named, threshold: Math.min(threshold, named.length) }
      if (what === 'set') set(person, by, settings)
      else if (what === 'kit') byKit(person, numberFor(person, by % 4 === 0))
      else if (what === 'approve')
        approve(person, guardiansOf(person)[by % 2] ?? 'bob', numberFor(person, by % 4 === 0), by)
      else if (what === 'veto') veto(person, by)
      else if (what === 'complete') later(person, hours)
      else {
        set(person, by, settings)
        while (run.deliver(0)) continue
        const number = numberFor(person, false)
        if (hasKit) byKit(person, number)
        for (const each of named.slice(0, by % 3)) approve(person, each, number, by)
        if (what === 'comeBack') later(person, hours)
      }
    },
  }
}
