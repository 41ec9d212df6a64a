import {
  type AccessRequest,
  categoryBit,
  categoryName,
  type Category,
  categoryNumber,
  type PatientRules,
  Principal,
  purposeCode,
  PURPOSES,
  refuse,
  refusalOf,
  REQUEST_PAGE_MAX,
  REQUESTS_FROM,
  REQUESTS_LISTED_MAX,
  RIGHT,
  type Right,
  type RulesChange,
  SENSITIVE_ALWAYS,
  toHex,
} from '@medguard/protocol'
import { expectOneself } from './acting.ts'
import { Fault, type MedGuardClient } from './api.ts'
import { idOf, newId, okOf, Refused } from './outcome.ts'
import { optionOf } from './place.ts'
import type {
  AccessRequestInfo,
  AccessRequestState,
  Approval,
  MyRules,
  MyRulesChange,
  RulesMethods,
} from './rules-api.ts'
import type { Session } from './session.ts'

/** What a patient lays down for all sharing, and what others ask of them. */
export function rulesMethods(
  session: Session,
  { share, sharesGiven }: Pick<MedGuardClient, 'share' | 'sharesGiven'>,
): Omit<RulesMethods, 'whoCanOpen' | 'fillShares'> {
  const { canisters, unlocked, actsFor } = session
  const { consent, records } = canisters
  const vaultOf = (of: string | undefined) => optionOf(of === undefined ? actsFor : idOf(of))

  const rules = async (of?: string): Promise<MyRules> => {
    const arg = { patientId: vaultOf(of) }
    const [one, other] = await Promise.all([consent.rules(arg), records.rules(arg)])
    return joined(okOf(one), okOf(other))
  }
  const changeRules = async (change: MyRulesChange, of?: string): Promise<MyRules> => {
    const arg = { patientId: vaultOf(of), change: changeOf(change), requestId: newId() }
    // Either canister alone ends access: the second is asked also when the first gives no answer.
    const answers = await Promise.allSettled([consent.changeRules(arg), records.changeRules(arg)])
    const [one, other] = answers.map((answer) => {
      if (answer.status === 'rejected') throw answer.reason
      return okOf(answer.value)
    }) as [PatientRules, PatientRules]
    return joined(one, other)
  }
  const requests = async (direction: 'sent' | 'received', of?: string): Promise<AccessRequestInfo[]> => {
    if (direction === 'sent') expectOneself(session)
    if ((await session.enrolled()) === null) return []
    const all = new Map<string, AccessRequestInfo>()
    for (let from = 0, total = 1; from < total; from += REQUEST_PAGE_MAX) {
      const page = { from, count: REQUEST_PAGE_MAX }
      const answer =
        direction === 'sent'
          ? await consent.requestsSent(page)
          : await consent.requestsReceived({ patientId: vaultOf(of), ...page })
      const { total: count, requests: some } = okOf(answer)
      if (count > REQUESTS_LISTED_MAX) throw new Fault('ListIncomplete', 'a list of requests does not add up')
      total = count
      for (const request of some) all.set(toHex(request.askId), infoOf(request, direction))
    }
    return [...all.values()]
  }

  return {
    rules: (of) => unlocked(() => rules(of)),
    changeRules: (change, of) => unlocked(() => changeRules(change, of)),
    myRules: () =>
      unlocked(async () => {
        const shares = await sharesGiven()
        if (shares.kind === 'refused') throw new Refused(shares.refusal)
        return { rules: await rules(), shares: shares.value, requests: await requests('received') }
      }),
    agreement: (grantId) =>
      unlocked(async () => new TextDecoder().decode(okOf(await consent.agreement({ grantId: idOf(grantId) })))),
    requestAccess: (wanted) =>
      unlocked(async () => {
        const askId = newId()
        const { forOrganisation, purpose, periodNs, expiresNs } = wanted
        const arg = {
          askId,
          patient: principalOf(wanted.patient, 'patient'),
          forOrg: optionOf(forOrganisation === undefined ? null : idOf(forOrganisation)),
          categories: maskOf(wanted.categories),
          rights: rightsOf(wanted.rights),
          purpose: purposeCode(purpose),
          periodNs,
          expiresNs,
          requestId: newId(),
        }
        okOf(await consent.requestAccess(arg))
        return { askId: toHex(askId) }
      }),
    requests: (direction, of) => unlocked(() => requests(direction, of)),
    denyRequest: (askId) =>
      unlocked(async () => okOf(await consent.denyRequest({ askId: idOf(askId), requestId: newId() }))),
    withdrawRequest: (askId) =>
      unlocked(async () => okOf(await consent.withdrawRequest({ askId: idOf(askId), requestId: newId() }))),
    async approveRequest(askId, approval = {}) {
      const found = await unlocked(() => requests('received'))
      if (found.kind === 'refused') return found
      const request = found.value.find((each) => each.askId === askId)
      if (request === undefined) return { kind: 'refused', refusal: refusalOf(refuse.notPermitted) }
      return share(shareFor(request, approval))
    },
  }
}

function shareFor(request: AccessRequestInfo, { periodNs, ...less }: Approval) {
  const { askId, grantee, purpose } = request
  const startNs = BigInt(Date.now()) * 1_000_000n
  const organisation = isOrganisation(grantee)
  const categories = less.categories ?? request.categories
  const { records } = less
  const namesSensitive = less.namesSensitive === true || records !== undefined
  return {
    grantee,
    scope:
      records !== undefined
        ? { records, heldTo: [...new Set(records.map(({ category }) => category))] }
        : less.days === undefined
          ? { categories }
          : { range: { categories, ...less.days } },
    rights: less.rights ?? request.rights,
    purpose,
    startNs,
    endNs: startNs + (periodNs ?? request.periodNs),
    ...(organisation || namesSensitive ? { terms: { namesSensitive } } : {}),
    answering: askId,
  }
}

/** Organisations have principals of their own form, as which nobody can sign in: `orgId(16) || 01 || 7f`. */
function isOrganisation(principal: string): boolean {
  const bytes = Principal.fromText(principal).toUint8Array()
  return bytes.length === 18 && bytes[16] === 1 && bytes[17] === 0x7f
}

/** What holds is the stricter of the two. */
function joined(one: PatientRules, other: PatientRules): MyRules {
  const [blockedByOne, blockedByOther] = [one, other].map(({ blocked }) => blocked.map(String).toSorted())
  const blocked = [...new Set([...(blockedByOne ?? []), ...(blockedByOther ?? [])])]
  const isSettled =
    one.pausedNs.length === other.pausedNs.length &&
    one.sensitive === other.sensitive &&
    one.requestsFrom === other.requestsFrom &&
    String(blockedByOne) === String(blockedByOther)
  return {
    pausedNs: one.pausedNs[0] ?? other.pausedNs[0] ?? null,
    sensitive: categoriesIn(one.sensitive | other.sensitive),
    requestsFrom: REQUESTS_FROM[one.requestsFrom] ?? 'nobody',
    blocked,
    isSettled,
  }
}

function changeOf(change: MyRulesChange): RulesChange {
  switch (change.kind) {
    case 'pause':
      return { pause: null }
    case 'resume':
      return { resume: null }
    case 'block':
      return { block: principalOf(change.whom, 'block') }
    case 'unblock':
      return { unblock: principalOf(change.whom, 'unblock') }
    case 'sensitive':
      return { sensitive: maskOf(change.categories) | SENSITIVE_ALWAYS }
    case 'requestsFrom':
      return { requestsFrom: REQUESTS_FROM.indexOf(change.who) }
  }
}

function infoOf(request: AccessRequest, direction: 'sent' | 'received'): AccessRequestInfo {
  const { periodNs, askedNs, expiresNs, grantId } = request
  return {
    askId: toHex(request.askId),
    direction,
    requester: request.requester.toText(),
    grantee: request.grantee.toText(),
    patient: request.patient.toText(),
    categories: categoriesIn(request.categories),
    rights: (Object.keys(RIGHT) as Right[]).filter((right) => (request.rights & RIGHT[right]) !== 0),
    purpose: PURPOSES[request.purpose] ?? 'PATRQT',
    periodNs,
    askedNs,
    expiresNs,
    state: Object.keys(request.state)[0] as AccessRequestState,
    grantId: grantId[0] === undefined ? null : toHex(grantId[0]),
  }
}

export const maskOf = (categories: readonly Category[]): number =>
  categories.reduce((mask, category) => mask | categoryBit(categoryNumber(category) ?? 0), 0)
export const categoriesIn = (mask: number): Category[] =>
  [1, 2, 3, 4, 5, 6, 7, 8].flatMap((number) => {
    const name = categoryName(number)
    return name === null || (mask & categoryBit(number)) === 0 ? [] : [name]
  })
const rightsOf = (rights: readonly Right[]): number => rights.reduce((bits, right) => bits | RIGHT[right], 0)

function principalOf(text: string, field: string): Principal {
  try {
    return Principal.fromText(text)
  } catch {
    throw new Refused(refusalOf(refuse.badInput(field, 'format')))
  }
}
