import type { Act, Model } from './model.ts'
import { vaultOf } from './model-facts.ts'

// What the log of a patient must have of a run.

export interface LoggedLine {
  readonly event: string
  readonly requestId: string
  readonly grantId: string | null
  readonly timeNs: bigint
}

/** What each leaves in the log exactly once when it was done, and as often as it was kept back. */
const LINE_OF: Partial<Record<Act['kind'], readonly string[]>> = {
  derive: ['keyDerive'],
  list: ['listSession'],
  open: ['open'],
  commit: ['recordAdd', 'deposit'],
  postCapsule: ['capsule'],
  readWraps: ['rewrapBatch'],
}
const OUTCOMES = ['keyWithheld', 'keyFailed']

const told = ({ kind, who, place }: Act, what: string): string => `${kind} by ${who} at ${place}: ${what}`

/** What the log must have of all that, once everything is at rest. */
export function judgeLog({ acts, agreements, faults }: Model, vault: string, lines: readonly LoggedLine[]): void {
  for (const act of acts.filter(({ place }) => vaultOf(place) === vault)) {
    const events = LINE_OF[act.kind]
    if (events === undefined) continue
    const own = lines.filter((line) => line.requestId === act.requestId)
    const count = own.filter((line) => events.includes(line.event)).length
    const outcomes = own.filter((line) => OUTCOMES.includes(line.event)).length
    const isAnswered = acts.some((other) => other.requestId === act.requestId && other.answer === 'Ok')
    if (isAnswered && (count !== 1 || outcomes !== 0))
      faults.push(told(act, `${count} lines and ${outcomes} outcomes for what was given`))
    if (!isAnswered && count !== outcomes)
      faults.push(told(act, `${count} lines and ${outcomes} outcomes for what was kept back`))
  }
  for (const { id, copies, ...agreement } of agreements.values()) {
    if (agreement.vault !== vault) continue
    const count = (event: string) => lines.filter((line) => line.event === event && line.grantId === id).length
    const expected = [
      copies.consent === null ? 0 : 1,
      (copies.consent?.until ?? null) === null ? 0 : 1,
      (copies.records?.until ?? null) === null ? 0 : 1,
    ]
    const found = ['grant', 'revoke', 'copyWithdrawn'].map(count)
    if (found.join() !== expected.join())
      faults.push(`agreement ${id}: the log has ${found.join()} grant, revoke and withdrawal, not ${expected.join()}`)
  }
  for (const [i, line] of lines.entries())
    if (line.timeNs < (lines[i - 1]?.timeNs ?? 0n)) faults.push(`the log goes back in time at ${i}`)
}
