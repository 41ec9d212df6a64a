// What each canister stores, and who is told: docs/security.md is made of it. No canister links this.

/** Who is told a stored field by some method, beside whoever can read the canister's whole memory: its nodes and its controller. */
export type Reader = 'patient' | 'representative' | 'grantee' | 'practitioner' | 'administrator' | 'anybody'

/**
 * - `clear`: means something to whoever reads it.
 * - `id`: random, means nothing by itself, but is the same wherever it stands.
 * - `hash`: of something that cannot be guessed.
 * - `sealed`: ciphertext under keys that no canister has.
 */
export type Form = 'clear' | 'id' | 'hash' | 'sealed'

export interface Disclosed {
  readonly field: string
  readonly form: Form
  /** Nobody, when empty. */
  readonly to: readonly Reader[]
  /** Why it is stored at all; for what is in clear also what it tells. */
  readonly why: string
}
/** What each section of a canister's store holds. A section that is missing here does not compile. */
export type Disclosure<Sections> = Readonly<Record<keyof Sections & string, readonly Disclosed[]>>

export const clear = (field: string, to: readonly Reader[], why: string): Disclosed => ({
  field,
  form: 'clear',
  to,
  why,
})
export const id = (field: string, to: readonly Reader[], why: string): Disclosed => ({ field, form: 'id', to, why })
export const hash = (field: string, to: readonly Reader[], why: string): Disclosed => ({ field, form: 'hash', to, why })
export const sealed = (field: string, to: readonly Reader[], why: string): Disclosed => ({
  field,
  form: 'sealed',
  to,
  why,
})
/** For sections that tell of no person. */
export const ofNobody = (field: string, why: string): Disclosed => ({ field, form: 'clear', to: [], why })

/** Sections that consent and records both have, each its own copy. */
export const keptTwice = {
  configuration: [ofNobody('canister ids, key name, limits', 'how the deployment is set up')],
  layout: [ofNobody('number', 'which layout the rows have')],
  outbox: [clear('lines of the log on their way', [], 'the same fields as in the log, until it has acknowledged them')],
  logShards: [
    id('patient id, number of a canister of the log', ['patient', 'representative'], 'where the lines about them are'),
  ],
  shardOutboxes: [
    clear('lines of the log on their way', [], 'the same fields as in the log, until it has acknowledged them'),
  ],
  requests: [clear('principal, request ids and times of ten minutes', [], 'so that a question is answered once')],
  repeats: [
    clear(
      'principal, request ids and answers of the last day',
      ['patient', 'grantee'],
      'so that a change that is sent twice happens once',
    ),
  ],
  budgets: [
    clear(
      'principal or patient id, how much of an hour’s budget is left',
      [],
      'so that nobody spends what others need',
    ),
  ],
  owners: [
    id('patient id', ['patient', 'grantee'], 'names a vault where a principal must not stand'),
    clear('principal', ['patient', 'grantee'], 'whose vault it is'),
  ],
  grants: [
    id('grant id, patient id, compartment ids', ['patient', 'representative', 'grantee'], 'what is shared'),
    clear('principal of the recipient', ['patient', 'representative', 'grantee'], 'tells who is trusted by whom'),
    clear('rights, purpose, period, when it was ended', ['patient', 'representative', 'grantee'], 'decides what opens'),
    hash('agreement', ['patient', 'representative', 'grantee'], 'what was agreed to, provable later'),
    id('patient id of who gave a grant in the patient’s place', [], 'so that it ends with their powers'),
  ],
  links: [
    clear('principal, the principal its account was enrolled with', ['patient'], 'several sign-ins of one person'),
  ],
  circles: [
    clear(
      'principals of an account, since when, which are retired',
      ['patient', 'representative'],
      'who is the patient',
    ),
  ],
  offers: [
    clear('principal that may join an account, until when', ['patient', 'representative'], 'both have to agree'),
  ],
  representatives: [
    clear('principal, powers, period', ['patient', 'representative'], 'tells who cares for whom'),
    id('patient id of the representative', [], 'that they are who accepted'),
  ],
  powers: [clear('two patient ids, powers, period', ['representative'], 'decides what is done in a patient’s place')],
  wards: [id('patient ids of those one acts for', ['representative'], 'so that they are found')],
  appointments: [
    clear('principals of who named and who was named', [], 'so that the one who was told finds it, and nobody else'),
  ],
  announcedErasures: [
    clear('when a dependant’s vault may be erased', ['representative'], 'so that who looks after them can stop it'),
  ],
  recoverySettings: [
    clear(
      'principals of kit and guardians, how many it takes',
      ['patient'],
      'tells whom the patient trusts to bring them back',
    ),
  ],
  recoveries: [
    clear(
      'new principal, since when, until when it waits',
      ['patient', 'representative'],
      'so that the patient can stop it',
    ),
    clear('which guardian agreed to which principal', [], 'enough of them start a recovery'),
  ],
  recoveryIndex: [
    clear(
      'principals of kits, guardians and new principals',
      [],
      'so that who was told finds the account, and nobody else',
    ),
  ],
  patientRules: [
    clear('since when sharing is paused', ['patient', 'representative'], 'decides that nothing opens'),
    clear('which kinds need to be named, who may ask', ['patient', 'representative'], 'decides what a grant may cover'),
    clear('principals that are blocked', ['patient', 'representative'], 'tells whom the patient does not want'),
  ],
  devices: [
    id('device id, patient id, compartment id', ['patient', 'representative'], 'what may post where'),
    clear(
      'public key and principal of a device, since when, whether it is paused or removed',
      ['patient', 'representative'],
      'tells how many devices a patient has and which category each is for; their names and kinds are sealed',
    ),
    id('patient id of who let it post', [], 'so that it is paused when they may not let others write any more'),
  ],
  trust: [
    clear(
      'name and kind of an organisation, who registered it, when it was verified, until when',
      ['anybody'],
      'tells whom care is shared with',
    ),
    clear(
      'principals and roles of its members, who named them',
      ['administrator', 'patient'],
      'tells who works where; of one person also whoever has their principal',
    ),
    clear(
      'who invited a principal that has not answered',
      ['practitioner', 'administrator'],
      'so that the one who is invited sees it',
    ),
    clear('principals of the council, and how many have to agree', ['anybody'], 'tells who vouches for organisations'),
    clear(
      'hash of each invitation’s code, when it was made and whether it was claimed',
      ['administrator'],
      'tells how many people an organisation invites',
    ),
    clear(
      'principals of those who claimed an invitation',
      [],
      'so that they can open an account; the organisation is not told',
    ),
    clear('what the council votes on, who voted', [], 'told to the council itself; what was decided is in the log'),
  ],
}
