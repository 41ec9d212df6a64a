import { REQUESTS_FROM, SENSITIVE_ALWAYS } from '@medguard/protocol'
import { freshId, kindOf } from '../scenarios/clinic.ts'
import { HALVES, PLACES, vaultOf } from './model-facts.ts'
import { anyActing, bitOf, namedFor, principalOfReader, whoseOf } from './model-sharing.fixture.ts'
import { type Doings, READERS, type Run } from './model-steps.fixture.ts'

/** What patients, or who acts for them, lay down for all sharing. */
export function doingsOfRules(run: Run): Pick<Doings, 'rules' | 'lay'> {
  const { model } = run
  return {
    rules({ at, whom, isOn, whose, by }) {
      const person = READERS[whom % 3] ?? null
      const vault = whoseOf(whose)
      const rule =
        person === null
          ? { [isOn ? 'pause' : 'resume']: null }
          : { [isOn ? 'block' : 'unblock']: principalOfReader(run, person) }
      const what = person === null ? `paused ${vault}` : `blocked ${person} ${vault}`
      const who = anyActing(run, vault, by)
      const patientId = namedFor(run, who, vault)
      for (const half of HALVES) {
        if (at !== null && at !== half) continue
        run.quietly(who, half, 'changeRules', { patientId, change: rule, requestId: freshId() }, (answer) => {
          const [isDone, may] = [kindOf(answer) === 'Ok', model.facts.acts(half, who, vault, ['share'], run.step())]
          if (isDone) model.facts.turn(half, what, isOn, run.step())
          if (isDone && !may) model.faults.push(`${who} says in ${half} who is ${what}`)
          if (!isDone && isOn && may) model.faults.push(`${half} refuses that somebody is ${what}: ${kindOf(answer)}`)
        })
      }
    },
    lay({ at, whose, by, what, value }) {
      const vault = whoseOf(whose)
      const who = anyActing(run, vault, by)
      const patientId = namedFor(run, who, vault)
      const named = PLACES.filter((place, i) => vaultOf(place) === vault && (value >> i) % 2 === 1)
      const bits = named.reduce((sum, place) => sum | bitOf(place), SENSITIVE_ALWAYS)
      const from = value % REQUESTS_FROM.length
      const change = what === 'sensitive' ? { sensitive: bits } : { requestsFrom: from }
      for (const half of HALVES) {
        if (at !== null && at !== half) continue
        run.quietly(who, half, 'changeRules', { patientId, change, requestId: freshId() }, (answer) => {
          if (kindOf(answer) !== 'Ok') return
          if (!model.facts.acts(half, who, vault, ['share'], run.step()))
            model.faults.push(`${who} lays down in ${half} what is ${what} of ${vault}`)
          const turn = (fact: string, isOn: boolean) => model.facts.turn(half, fact, isOn, run.step())
          if (what === 'sensitive')
            for (const place of PLACES.filter((each) => vaultOf(each) === vault))
              turn(`sensitive ${place}`, named.includes(place))
          else for (const [i, each] of REQUESTS_FROM.entries()) turn(`requests ${each} ${vault}`, i === from)
        })
      }
    },
  }
}
