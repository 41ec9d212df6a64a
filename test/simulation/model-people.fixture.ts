import { encodeAct, NS_PER_MINUTE, ROLE } from '@medguard/protocol'
import { freshId, kindOf } from '../scenarios/clinic.ts'
import { utf8 } from '../scenarios/trust-table.ts'
import { CHILD, CLINIC, type Half, HALVES, OWNER, signIn } from './model-facts.ts'
import { announce } from './model-carers.fixture.ts'
import { anyActing, namedFor } from './model-sharing.fixture.ts'
import { COUNCIL, type Doings, READERS, type Run } from './model-steps.fixture.ts'

const halvesOf = (at: Half | null): readonly Half[] => (at === null ? HALVES : [at])
const HOURS_ANNOUNCED = 169
const isOk = (answer: unknown): boolean => kindOf(answer) === 'Ok'

/** Who works for the clinic, who comes with which sign-in, and who goes for good. */
export function doingsOfPeople(run: Run): Pick<Doings, 'member' | 'clinic' | 'link' | 'erase'> {
  const { facts } = run.model
  /** A term that was set, by canister and person, and whether they accepted it. */
  const terms = new Map<string, { endNs: bigint; hasAccepted: boolean }>()
  for (const half of HALVES) terms.set(`${half} ann`, { endNs: 1n << 63n, hasAccepted: true })

  const takeOn = (half: Half, person: string, minutes: number): void => {
    const endNs = run.net.nowNs() + BigInt(minutes) * NS_PER_MINUTE
    const { orgId } = run
    const who = signIn(person, 1)
    const principal = run.principalOf(who)
    const term = {
      orgId,
      principal,
      roles: ROLE.physician,
      validUntilNs: endNs,
      requestId: freshId(),
    }
    run.quietly(run.chief, half, 'setMember', term, (answer) => {
      if (!isOk(answer)) return
      const hasAccepted = terms.get(`${half} ${person}`)?.hasAccepted === true
      terms.set(`${half} ${person}`, { endNs, hasAccepted })
      facts.turn(half, `member ${person}`, hasAccepted, run.step(), endNs)
    })
    run.quietly(who, half, 'acceptMembership', { orgId, requestId: freshId() }, (answer) => {
      const term = terms.get(`${half} ${person}`)
      if (!isOk(answer) || term === undefined) return
      term.hasAccepted = true
      facts.turn(half, `member ${person}`, true, run.step(), term.endNs)
    })
  }
  const letGo = (half: Half, person: string, isForGood: boolean): void => {
    const arg = {
      orgId: run.orgId,
      principal: run.principalOf(signIn(person, 1)),
      requestId: freshId(),
    }
    run.quietly(run.chief, half, isForGood ? 'removeMember' : 'suspendMember', arg, (answer) => {
      if (!isOk(answer)) return
      facts.turn(half, `member ${person}`, false, run.step())
      const term = terms.get(`${half} ${person}`)
      if (term !== undefined && isForGood) term.hasAccepted = false
    })
  }

  return {
    member({ at, whom, isOn, minutes }) {
      const person = READERS[whom % 2] ?? 'ann'
      for (const half of halvesOf(at))
        if (isOn) takeOn(half, person, minutes)
        else letGo(half, person, minutes === 1)
    },
    clinic({ at, isOn }) {
      const act = encodeAct({ kind: isOn ? 'reinstate' : 'suspend', orgId: run.orgId }, utf8)
      for (const half of halvesOf(at))
        run.quietly(COUNCIL, half, 'councilVote', { actId: freshId(), act, requestId: freshId() }, (answer) => {
          if (isOk(answer)) facts.turn(half, CLINIC, isOn, run.step())
          else if (!isOn) run.model.faults.push(`${half} refuses to suspend: ${kindOf(answer)}`)
        })
    },
    link({ at, whom, isOn: isWanted }) {
      const person = whom % 4 === 3 ? CHILD : whom % 2 === 0 ? OWNER : (READERS[0] ?? 'ann')
      const known = run.signIns.get(person) ?? 0
      const isOn = isWanted || known <= 1
      const next = signIn(person, isOn ? known + 1 : known)
      // A dependant is handed their first sign-in, which others take back while it is new.
      const by = anyActing(run, person, whom)
      if (isOn) run.signIns.set(person, known + 1)
      const principal = run.principalOf(next)
      const patientId = namedFor(run, by, person)
      for (const half of halvesOf(at)) {
        const judge = (isOnNow: boolean) => {
          const isTheirs = facts.isHolder(half, by, person, run.step())
          const manages = facts.acts(half, by, person, ['manage'], run.step())
          const isNew = facts.isNew(half, next, run.step())
          const may = isOnNow ? run.people.hasAll(half, by, person, run.step()) : manages && isNew
          const isChange = isOnNow || facts.isKnown(half, next, run.step())
          const isYounger = !isOnNow && facts.isNew(half, by, run.step()) && !isNew
          if (isChange && ((!isTheirs && !may) || isYounger))
            run.model.faults.push(`${by} turns ${next} ${isOnNow ? 'on' : 'off'} in ${half}`)
        }
        if (!isOn) {
          run.quietly(by, half, 'unlink', { patientId, principal, requestId: freshId() }, (answer) => {
            if (!isOk(answer)) return
            judge(false)
            facts.turn(half, `sign-in ${next}`, false, run.step())
          })
          continue
        }
        const accept = { home: run.homeOf(person), requestId: freshId() }
        run.quietly(by, half, 'offerLink', { patientId, newPrincipal: principal, requestId: freshId() }, (answer) => {
          if (!isOk(answer)) return
          judge(true)
          run.quietly(next, half, 'acceptLink', accept, (answer) => {
            if (!isOk(answer)) return
            facts.turn(half, `sign-in ${next}`, true, run.step())
            facts.linked(half, next, run.step())
          })
        })
      }
    },
    erase({ at, whom }) {
      const person = whom % 5 === 0 ? OWNER : whom % 5 === 1 ? CHILD : (READERS[whom % 2] ?? 'ann')
      const who = person === CHILD ? anyActing(run, CHILD, whom) : signIn(person, 1)
      if (person === CHILD) {
        announce(run, who, null, true)
        run.wait(whom % 2 === 1 ? HOURS_ANNOUNCED : 1)
      }
      const patientId = run.patientIds.get(person) ?? new Uint8Array()
      const finish = { patientId, receiptHash: new Uint8Array(32), requestId: freshId() }
      const gone = (half: Half, answer: unknown): void => {
        if ((answer as { Ok?: { isDone: boolean } }).Ok?.isDone === true) run.people.gone(half, person, run.step())
      }
      for (const half of halvesOf(at)) {
        const method = half === 'consent' ? 'eraseBegin' : 'erase'
        run.quietly(who, half, method, { patientId, requestId: freshId() }, (answer) => {
          if (!isOk(answer)) return
          const isBegun = facts.is(half, `erased ${person}`, run.step())
          if (!isBegun && !run.people.mayErase(half, who, person, run.step()))
            run.model.faults.push(`${who} erases ${person} in ${half}`)
          facts.turn(half, `erased ${person}`, true, run.step())
          gone(half, answer)
          if (half === 'consent') run.quietly(who, half, 'eraseFinish', finish, (answer) => gone(half, answer))
        })
      }
    },
  }
}
