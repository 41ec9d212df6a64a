import type { RefusalKind } from '@medguard/protocol'
import { type Caller, CALLERS, CROWD } from './ward.ts'

// What callers may expect of a method, by kind of method.

export type Expected = 'Ok' | RefusalKind
export type Expectations = Readonly<Record<Caller, Expected>>

const ALL: readonly Caller[] = [...CALLERS, ...CROWD]
const forAll = (expected: Expected): Expectations => {
  const entries = ALL.map((caller) => [caller, expected] as const)
  return Object.fromEntries(entries) as Record<Caller, Expected>
}
/** The same for some callers. */
export const forEach = <C extends Caller>(callers: readonly C[], expected: Expected): Readonly<Record<C, Expected>> =>
  Object.fromEntries(callers.map((caller) => [caller, expected] as const)) as Record<C, Expected>

const HOLDERS = ['owner', 'furtherSignIn'] as const
/** Who has every power that there is over the vault they knock at. */
const HOLDERS_AND_MANAGERS = [...HOLDERS, 'manager'] as const
const ADDERS = [...HOLDERS_AND_MANAGERS, 'carerForAll'] as const
const WRITERS = [...ADDERS, 'writer', 'device'] as const
/** To whom a grant was made, or to whose hospital, whatever became of it. */
export const PARTIES = [
  ...(['live', 'rewrapper', 'expired', 'revoked', 'otherScope'] as const),
  ...(['writer', 'device', 'notYet', 'paused', 'member', 'memberOfSuspended'] as const),
] as const
/** Whoever has no account: `formerSignIn` has none any more. */
const WITHOUT_ACCOUNT = ['stranger', 'controller', 'canister', 'formerSignIn', 'councillor', 'sensor'] as const

export const nobody: Expectations = { ...forAll('NotPermitted'), anonymous: 'NotSignedIn' }
export const holders: Expectations = { ...nobody, ...forEach(HOLDERS, 'Ok') }
export const ownerOnly: Expectations = { ...nobody, ...forEach(HOLDERS_AND_MANAGERS, 'Ok') }
/** A grantee whose grant covers this, and rests, hears so. */
const resting = { paused: 'Paused', memberOfSuspended: 'Unverified' } as const
export const readers: Expectations = {
  ...ownerOnly,
  ...resting,
  ...forEach(['live', 'rewrapper', 'member', 'carerReading', 'carerForAll'], 'Ok'),
  expired: 'ConsentEnded',
  revoked: 'ConsentEnded',
}
/** Whose grant lets them open something, be it this or another kind; whoever reads without one is told nothing of it. */
export const underGrantToOpen: Expectations = {
  ...nobody,
  ...resting,
  ...forEach(['live', 'rewrapper', 'member', 'otherScope'], 'Ok'),
  expired: 'ConsentEnded',
  revoked: 'ConsentEnded',
}
/** Who reads where they are, and so knows what is there. */
export const READERS: readonly Caller[] = ALL.filter((caller) => readers[caller] === 'Ok')
/** Whoever may end what the owner shared. */
export const ownersGrants: Expectations = { ...holders, carerForAll: 'Ok' }
export const isHolder = (caller: Caller): boolean => holders[caller] === 'Ok'
export const readersForOwner: Expectations = { ...ownerOnly, carerReading: 'Ok', carerForAll: 'Ok' }
export const writers: Expectations = { ...nobody, ...forEach(WRITERS, 'Ok') }
export const adders: Expectations = { ...nobody, ...forEach(ADDERS, 'Ok') }
export const rewrappers: Expectations = { ...ownerOnly, rewrapper: 'Ok', carerForAll: 'Ok' }
export const sharers: Expectations = { ...ownerOnly, carerForAll: 'Ok' }
export const controllerOnly: Expectations = { ...nobody, controller: 'IdConflict' }
export const everybody: Expectations = forAll('Ok')
export const signedIn: Expectations = { ...everybody, anonymous: 'NotSignedIn' }
export const enrolled: Expectations = { ...signedIn, ...forEach(WITHOUT_ACCOUNT, 'NotPermitted') }
/** Whoever has an account of their own keeps it, whatever id they name. */
export const hasAnother: Expectations = { ...instead(enrolled, 'IdConflict'), ...forEach(HOLDERS, 'Ok') }
/** Nobody shares what is not theirs, be it somebody's or nobody's. */
export const grantsNothing: Expectations = instead(enrolled, 'BadInput')
export const grantsOwn: Expectations = { ...grantsNothing, ...forEach(HOLDERS, 'Ok') }

/** Where it is `Ok`, something else. */
function instead(expectations: Expectations, expected: Expected): Expectations {
  const entries = ALL.map(
    (caller) => [caller, expectations[caller] === 'Ok' ? expected : expectations[caller]] as const,
  )
  return Object.fromEntries(entries) as Record<Caller, Expected>
}
