// Who may do what, said again as plainly as it can be: names instead of bytes, lists instead of books, and none of the canisters' code. What it says and
// what `decide` says has to be the same in every world (evaluator.test.ts), and so has what three installed canisters do (on-wasm.test.ts).

export interface World {
  readonly now: number
  readonly hasCouncil: boolean
  /** Whose accounts are open. */
  readonly enrolled: readonly string[]
  readonly patients: readonly {
    name: string
    owner: string
    categories: readonly string[]
    /** Categories that no grant covers but by naming them as that. */
    sensitive: readonly string[]
    paused: boolean
    blocked: readonly string[]
  }[]
  /** Who acts for a patient: without an end, 0. */
  readonly carers: readonly { of: string; who: string; powers: readonly string[]; start: number; end: number }[]
  readonly organisations: readonly { name: string; verifiedUntil: number; suspended: boolean }[]
  readonly members: readonly { of: string; who: string; roles: readonly string[]; until: number; accepted: boolean }[]
  readonly grants: readonly Grant[]
}
export interface Grant {
  readonly name: string
  readonly patient: string
  readonly to: string
  /** Categories, or `share NAME` of the grant for records picked one by one. */
  readonly compartments: readonly string[]
  readonly namesSensitive: boolean
  readonly rights: readonly string[]
  readonly purpose: string
  readonly start: number
  readonly end: number
  readonly ended: number | null
  /** None: any clinical one. */
  readonly roles: readonly string[]
  readonly excluded: readonly string[]
}
export interface Question {
  readonly who: string
  readonly patient: string
  readonly compartment: string
  readonly grant: string | null
  readonly right: string
}
const CLINICAL = ['physician', 'nurse', 'pharmacist', 'laboratory', 'therapist']

export function mayDo(world: World, { who, patient: name, compartment, grant: grantName, right }: Question): boolean {
  const { now, hasCouncil, enrolled, patients, organisations, members, grants } = world
  const patient = patients.find((each) => each.name === name)
  if (patient === undefined || !enrolled.includes(who)) return false
  if (grantName === null) {
    const powers = { list: ['read'], open: ['read'], write: ['write'], rewrap: ['read', 'write'] }[right] ?? []
    const isOwn = patient.categories.includes(compartment) || sharesOf(world, name).includes(compartment)
    return mayAct(world, { who, patient: name, powers }) && isOwn
  }

  const grant = grants.find((each) => each.name === grantName)
  if (grant === undefined || grant.patient !== name) return false
  if (!grant.namesSensitive && grant.compartments.some((each) => patient.sensitive.includes(each))) return false
  if (!grant.compartments.includes(compartment) || !grant.rights.includes(right)) return false
  if (now < grant.start || now >= grant.end || (grant.ended !== null && now >= grant.ended)) return false
  if (patient.paused || patient.blocked.includes(who) || patient.blocked.includes(grant.to)) return false

  const inForce = (org: string) =>
    organisations.some((each) => each.name === org && !each.suspended && now < each.verifiedUntil)
  const hasRole = (org: string, roles: readonly string[]) =>
    members.some(
      (m) =>
        m.of === org && m.who === who && m.accepted && now < m.until && m.roles.some((role) => roles.includes(role)),
    )
  if (grant.to === who) {
    if (!hasCouncil || grant.purpose === 'PATRQT' || grant.purpose === 'FAMRQT') return true
    const vouching = grant.rights.every((each) => each === 'write') ? [...CLINICAL, 'system'] : CLINICAL
    return organisations.some(({ name: org }) => inForce(org) && hasRole(org, vouching))
  }
  const roles = grant.roles.length === 0 ? CLINICAL : grant.roles
  return inForce(grant.to) && hasRole(grant.to, roles) && !grant.excluded.includes(who)
}

/** Whether somebody acts for a patient: as themselves, or in their place with all of these powers. */
export function mayAct(
  { now, enrolled, patients, carers }: World,
  { who, patient, powers }: { readonly who: string; readonly patient: string; readonly powers: readonly string[] },
): boolean {
  const cares = carers.some(
    (c) =>
      c.of === patient &&
      c.who === who &&
      powers.every((power) => c.powers.includes(power)) &&
      now >= c.start &&
      (c.end === 0 || now < c.end),
  )
  return enrolled.includes(who) && (cares || patients.some((each) => each.name === patient && each.owner === who))
}

const sharesOf = ({ grants }: World, patient: string): string[] =>
  grants.flatMap(({ name, patient: of, compartments }) =>
    of === patient ? compartments.filter((each) => each === `share ${name}`) : [],
  )
