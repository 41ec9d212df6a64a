import { NS_PER_MINUTE, POWER } from '@medguard/protocol'
import { freshId, kindOf } from '../scenarios/clinic.ts'
import { CHILD, type Half, HALVES, OWNER, type PowerName, signIn } from './model-facts.ts'
import { WEEK_NS } from './model-people.ts'
import { anyActing, anySignIn, namedFor, whoseOf } from './model-sharing.fixture.ts'
import { type Doings, READERS, type Run } from './model-steps.fixture.ts'

const halvesOf = (at: Half | null): readonly Half[] => (at === null ? HALVES : [at])
const bitsOf = (powers: readonly PowerName[]): number => powers.reduce((sum, power) => sum | POWER[power], 0)
/** What anybody may hear, so that it says nothing of who may. */
const isLater = (kind: string): boolean => ['Busy', 'LogUnavailable', 'NotReady'].includes(kind)

/** Who acts in a patient's place: named, dismissed, gone by themselves; and what only a dependant's parent does. */
export function doingsOfCarers(run: Run): Pick<Doings, 'appoint' | 'dismiss' | 'resign' | 'announce'> {
  const { people } = run
  const anyCarer = (vault: string, whom: number): string => {
    const others = [...READERS, OWNER].filter((person) => person !== vault)
    return others[whom % others.length] ?? 'bob'
  }
  /** Mostly somebody who was named. */
  const namedCarer = (vault: string, whom: number): string => {
    const known = people.knownFor(vault)
    return (whom % 5 > 0 ? known[whom % Math.max(1, known.length)] : undefined) ?? anyCarer(vault, whom)
  }
  return {
    appoint({ whose, by, whom, at, powers: drawn, minutes: lasting, isAccepted }) {
      const vault = whoseOf(whose)
      // Nobody manages for who can sign in, nor acts for them without an end; some try.
      const isFair = vault === CHILD || by === 0
      const minutes = lasting ?? (isFair ? null : 60)
      const powers = isFair ? drawn : drawn.filter((power) => power !== 'manage')
      const person = anyCarer(vault, whom)
      const who = anyActing(run, vault, by)
      const startNs = run.net.nowNs()
      const endNs = minutes === null ? null : startNs + BigInt(minutes) * NS_PER_MINUTE
      const arg = {
        patientId: namedFor(run, who, vault),
        representative: run.principalOf(signIn(person, 1)),
        powers: bitsOf(powers),
        startNs,
        endNs: endNs === null ? [] : [endNs],
        requestId: freshId(),
      }
      const accepts = anySignIn(run, person, by)
      const accept = { patient: run.homeOf(vault), requestId: freshId() }
      for (const half of halvesOf(at))
        run.quietly(who, half, 'appoint', arg, (answer) => {
          if (kindOf(answer) !== 'Ok') return
          people.appointed(half, vault, who, { person, powers, endNs }, run.step())
          if (!isAccepted) return
          run.quietly(accepts, half, 'acceptAppointment', accept, (answer) =>
            kindOf(answer) === 'Ok' ? people.accepted(half, vault, accepts, run.step()) : undefined,
          )
        })
    },
    dismiss({ whose, by, whom, at }) {
      const vault = whoseOf(whose)
      const person = namedCarer(vault, whom)
      const who = anyActing(run, vault, by)
      const patientId = namedFor(run, who, vault)
      const representative = run.principalOf(signIn(person, 1))
      for (const half of halvesOf(at))
        run.quietly(who, half, 'dismiss', { patientId, representative, requestId: freshId() }, (answer) =>
          people.dismissed(half, vault, who, person, kindOf(answer), run.step()),
        )
    },
    resign({ whose, whom, at }) {
      const vault = whoseOf(whose)
      const who = anySignIn(run, namedCarer(vault, whom), whom)
      const patientId = run.patientIds.get(vault)
      for (const half of halvesOf(at))
        run.quietly(who, half, 'resign', { patientId, requestId: freshId() }, (answer) =>
          people.resigned(half, vault, who, kindOf(answer), run.step()),
        )
    },
    announce: ({ by, at, isOn }) => announce(run, anyActing(run, CHILD, by), at, isOn),
  }
}

/** Says that the dependant's vault is to be erased, or stops that. */
export function announce(run: Run, who: string, at: Half | null, isOn: boolean): void {
  const { people, model } = run
  const nowNs = () => model.facts.times[run.step()] ?? 0n
  const arg = { patientId: run.patientIds.get(CHILD), requestId: freshId() }
  for (const half of halvesOf(at))
    run.quietly(who, half, isOn ? 'announceErasure' : 'stopErasure', arg, (answer) => {
      const kind = kindOf(answer)
      const may = isOn
        ? people.isParent(half, who, CHILD, run.step()) && !model.facts.isHolder(half, who, CHILD, run.step())
        : model.facts.acts(half, who, CHILD, ['manage'], run.step())
      if (!isLater(kind) && may !== (kind === 'Ok'))
        model.faults.push(`${who} ${isOn ? 'announces' : 'stops'} that a vault is erased in ${half}: ${kind}`)
      if (kind !== 'Ok') return
      const readyNs = people.announced.get(half)
      if (!isOn) people.announced.delete(half)
      else if (readyNs === undefined || nowNs() >= readyNs + WEEK_NS) people.announced.set(half, nowNs() + WEEK_NS)
    })
}
