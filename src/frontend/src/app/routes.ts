import { CATEGORIES, type Category } from '@medguard/client'
import { parseFilter, type TimelineFilter } from '../records/timeline-filter.ts'
import { FORM_KINDS, type FormKind } from '../forms/form-store.ts'
import { unreachable } from './unreachable.ts'

// Where the reader is, as it stands in the address after `#`. Ids and filters only: the address goes into the browser's history, so
// titles, names and what somebody searched for do not.

export const LOG_FILTERS = ['everyone', 'others', 'me'] as const
export type LogFilter = (typeof LOG_FILTERS)[number]
export type Area = 'patient' | 'provider'
export const ORGANISATION_TABS = ['about', 'members', 'invitations', 'log'] as const
export type OrganisationTab = (typeof ORGANISATION_TABS)[number]

export const PATIENTS_TABS = ['now', 'past', 'asked'] as const
export type PatientsTab = (typeof PATIENTS_TABS)[number]

export const SHARING_TABS = ['people', 'links', 'organisations', 'past'] as const
export type SharingTab = (typeof SHARING_TABS)[number]

/** What can be sent to a patient: what has a form, or a file as it is. */
export const SENDABLE = [...FORM_KINDS, 'file'] as const
export type Sendable = (typeof SENDABLE)[number]

/** `again`: the short way, with somebody whom the reader has just picked. */
export type ShareStep = 1 | 2 | 3 | 4 | 'again'

export type Route =
  | { readonly name: 'home' }
  | { readonly name: 'records'; readonly show: readonly Category[]; readonly filter?: TimelineFilter }
  | { readonly name: 'record'; readonly recordId: string }
  | { readonly name: 'add'; readonly as: 'file' | 'note' }
  | { readonly name: 'sharing'; readonly tab: SharingTab }
  /** A form to fill in; null: which one. */
  | { readonly name: 'guided'; readonly kind: FormKind | null }
  /** Many results at once. */
  | { readonly name: 'panel' }
  | { readonly name: 'trends' | 'import' | 'report' | 'paper' }
  | { readonly name: 'correct'; readonly recordId: string }
  | { readonly name: 'share'; readonly step: ShareStep }
  | { readonly name: 'oneShare' | 'changeShare'; readonly shareId: string }
  /** A link for somebody without an account; and one that somebody was given, which nobody has to sign in for. */
  | { readonly name: 'newLink' | 'link' }
  | { readonly name: 'requests' }
  | { readonly name: 'request'; readonly askId: string }
  | { readonly name: 'rules' }
  | { readonly name: 'log'; readonly who: LogFilter }
  | { readonly name: 'vault' | 'recovery' | 'people' | 'lost' | 'profile' | 'notices' | 'inbox' | 'preferences' }
  | { readonly name: 'welcome'; readonly step: 1 | 2 }
  /** All of them (empty); the form for another one (`new`); a file of readings (`file`); what needs looking at (`alerts`); one, by its id, with all that it sent or that of one day. */
  | { readonly name: 'devices'; readonly at: string; readonly day?: string }
  | { readonly name: 'patients'; readonly tab: PatientsTab }
  | { readonly name: 'ask' }
  /** What patients' devices send, kept up. */
  | { readonly name: 'board' }
  | { readonly name: 'patient'; readonly grantId: string; readonly show: readonly Category[] }
  | { readonly name: 'patientRecord'; readonly grantId: string; readonly recordId: string }
  | { readonly name: 'patientResults'; readonly grantId: string }
  | { readonly name: 'patientAdd'; readonly grantId: string; readonly kind: Sendable | null }
  | { readonly name: 'patientCorrect'; readonly grantId: string; readonly recordId: string }
  | { readonly name: 'activity' }
  | { readonly name: 'organisations' }
  | { readonly name: 'organisation'; readonly orgId: string; readonly tab: OrganisationTab }
  | { readonly name: 'council' }
  | { readonly name: 'more'; readonly area: Area }
  | { readonly name: 'settings'; readonly area: Area }
  | { readonly name: 'device'; readonly area: Area }
  | { readonly name: 'help'; readonly area: Area; readonly topic: string | null }
  | { readonly name: 'privacy'; readonly area: Area }
  | { readonly name: 'notFound' }

export const HOME: Route = { name: 'home' }
export const PROVIDER_HOME: Route = { name: 'patients', tab: 'now' }

const ID = /^[0-9a-f]{32}$/
const DAY = /^\d{4}-\d{2}-\d{2}$/

/** @param hash with or without its `#`. Whatever is not an address of ours is `notFound`. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#/, '').split('?', 2)
  const parts = path.split('/').filter((part) => part !== '')
  const params = new URLSearchParams(query)
  return parts[0] === 'provider' ? parseProvider(parts.slice(1), params) : parsePatient(parts, params)
}

function parsePatient(parts: readonly string[], params: URLSearchParams): Route {
  const [first, second] = parts
  if (parts.length === 0) return HOME
  if (parts.length === 2 && first === 'records' && isId(second)) return { name: 'record', recordId: second }
  if (first === 'sharing' && isId(second) && (parts[2] ?? 'change') === 'change' && parts.length < 4)
    return { name: parts.length === 2 ? 'oneShare' : 'changeShare', shareId: second }
  if (parts.length === 2 && first === 'links' && second === 'new') return { name: 'newLink' }
  if (parts.length === 2 && first === 'requests' && isId(second)) return { name: 'request', askId: second }
  if (parts.length === 3 && first === 'records' && isId(second) && parts[2] === 'correct')
    return { name: 'correct', recordId: second }
  if (parts.length === 2 && first === 'forms') {
    if (second === 'panel') return { name: 'panel' }
    const kind = FORM_KINDS.find((one) => one === second)
    return kind === undefined ? { name: 'notFound' } : { name: 'guided', kind }
  }
  if (first === 'devices' && parts.length === 2 && second !== undefined) {
    if (!isId(second) && !['new', 'file', 'bluetooth', 'alerts'].includes(second)) return { name: 'notFound' }
    const day = params.get('day') ?? ''
    return { name: 'devices', at: second, ...(isId(second) && DAY.test(day) && { day }) }
  }
  if (parts.length > 1) return parseShared(parts, params, 'patient')
  switch (first) {
    case 'records':
      return recordsRoute(params)
    case 'add':
      return { name: 'add', as: params.get('as') === 'note' ? 'note' : 'file' }
    case 'forms':
      return { name: 'guided', kind: null }
    case 'trends':
    case 'import':
    case 'report':
    case 'paper':
    case 'requests':
    case 'rules':
    case 'vault':
    case 'recovery':
    case 'people':
    case 'lost':
    case 'profile':
    case 'notices':
    case 'inbox':
    case 'preferences':
    case 'link':
      return { name: first }
    case 'devices':
      return { name: 'devices', at: '' }
    case 'welcome':
      return { name: 'welcome', step: params.get('step') === '2' ? 2 : 1 }
    case 'sharing':
      return { name: 'sharing', tab: SHARING_TABS.find((tab) => tab === params.get('tab')) ?? 'people' }
    case 'share':
      return { name: 'share', step: stepOf(params.get('step')) }
    case 'log':
      return { name: 'log', who: LOG_FILTERS.find((filter) => filter === params.get('who')) ?? 'everyone' }
    default:
      return parseShared(parts, params, 'patient')
  }
}

function parseProvider(parts: readonly string[], params: URLSearchParams): Route {
  const [first, second] = parts
  if (parts.length === 0)
    return { name: 'patients', tab: PATIENTS_TABS.find((tab) => tab === params.get('tab')) ?? 'now' }
  if (first === 'ask' && parts.length === 1) return { name: 'ask' }
  if (first === 'board' && parts.length === 1) return { name: 'board' }
  if (first === 'activity' && parts.length === 1) return { name: 'activity' }
  if (first === 'council' && parts.length === 1) return { name: 'council' }
  if (first === 'organisations' && parts.length === 1) return { name: 'organisations' }
  if (first === 'organisations' && parts.length === 2 && isId(second)) {
    const tab = ORGANISATION_TABS.find((each) => each === params.get('tab')) ?? 'about'
    return { name: 'organisation', orgId: second, tab }
  }
  if (first === 'patients' && isId(second)) return parseGrant(second, parts.slice(2), params)
  return parseShared(parts, params, 'provider')
}

function parseGrant(grantId: string, [first, second, ...more]: readonly string[], params: URLSearchParams): Route {
  if (first === undefined) return { name: 'patient', grantId, show: categoriesOf(params) }
  if (first === 'results' && second === undefined) return { name: 'patientResults', grantId }
  if (first === 'add' && more.length === 0) {
    const kind = SENDABLE.find((one) => one === second) ?? null
    return kind === null && second !== undefined ? { name: 'notFound' } : { name: 'patientAdd', grantId, kind }
  }
  if (isId(first) && second === undefined) return { name: 'patientRecord', grantId, recordId: first }
  if (isId(first) && second === 'correct' && more.length === 0)
    return { name: 'patientCorrect', grantId, recordId: first }
  return { name: 'notFound' }
}

function parseShared(parts: readonly string[], params: URLSearchParams, area: Area): Route {
  if (parts.length !== 1) return { name: 'notFound' }
  switch (parts[0]) {
    case 'more':
      return { name: 'more', area }
    case 'settings':
    case 'device':
      return { name: parts[0], area }
    case 'help':
      return { name: 'help', area, topic: params.get('topic') }
    case 'privacy':
      return { name: 'privacy', area }
    default:
      return { name: 'notFound' }
  }
}

/** The address of a route, starting `#/`. `parseRoute` reads it back. */
export function printRoute(route: Route): string {
  switch (route.name) {
    case 'home':
    case 'notFound':
      return '#/'
    case 'records':
      return `#/records${queryOf({ show: route.show.join(','), ...route.filter })}`
    case 'record':
      return `#/records/${route.recordId}`
    case 'add':
      return `#/add${queryOf({ as: route.as === 'note' ? 'note' : '' })}`
    case 'guided':
      return `#/forms${route.kind === null ? '' : `/${route.kind}`}`
    case 'panel':
      return '#/forms/panel'
    case 'oneShare':
    case 'changeShare':
      return `#/sharing/${route.shareId}${route.name === 'oneShare' ? '' : '/change'}`
    case 'correct':
      return `#/records/${route.recordId}/correct`
    case 'sharing':
      return `#/sharing${queryOf({ tab: route.tab === 'people' ? '' : route.tab })}`
    case 'share':
      return `#/share${queryOf({ step: route.step === 1 ? '' : String(route.step) })}`
    case 'request':
      return `#/requests/${route.askId}`
    case 'newLink':
      return '#/links/new'
    case 'log':
      return `#/log${queryOf({ who: route.who === 'everyone' ? '' : route.who })}`
    case 'trends':
    case 'import':
    case 'report':
    case 'paper':
    case 'requests':
    case 'rules':
    case 'vault':
    case 'recovery':
    case 'people':
    case 'lost':
    case 'profile':
    case 'notices':
    case 'inbox':
    case 'preferences':
    case 'link':
      return `#/${route.name}`
    case 'devices':
      return `#/devices${route.at === '' ? '' : `/${route.at}`}${queryOf({ day: route.day ?? '' })}`
    case 'welcome':
      return `#/welcome${queryOf({ step: route.step === 1 ? '' : '2' })}`
    case 'patients':
      return `#/provider${queryOf({ tab: route.tab === 'now' ? '' : route.tab })}`
    case 'ask':
    case 'board':
      return `#/provider/${route.name}`
    case 'patient':
      return `#/provider/patients/${route.grantId}${queryOf({ show: route.show.join(',') })}`
    case 'patientRecord':
      return `#/provider/patients/${route.grantId}/${route.recordId}`
    case 'patientResults':
      return `#/provider/patients/${route.grantId}/results`
    case 'patientAdd':
      return `#/provider/patients/${route.grantId}/add${route.kind === null ? '' : `/${route.kind}`}`
    case 'patientCorrect':
      return `#/provider/patients/${route.grantId}/${route.recordId}/correct`
    case 'activity':
      return '#/provider/activity'
    case 'organisations':
      return '#/provider/organisations'
    case 'organisation':
      return `#/provider/organisations/${route.orgId}${queryOf({ tab: route.tab === 'about' ? '' : route.tab })}`
    case 'council':
      return '#/provider/council'
    case 'more':
    case 'settings':
    case 'device':
    case 'privacy':
      return `#${route.area === 'provider' ? '/provider' : ''}/${route.name}`
    case 'help':
      return `#${route.area === 'provider' ? '/provider' : ''}/help${queryOf({ topic: route.topic ?? '' })}`
    default:
      return unreachable(route)
  }
}

/** Whose record an address is about: `#/for/<patient id>/…` is about somebody for whom the reader acts, every other about the reader's own. */
const FOR = /^#?\/for\/([0-9a-f]{32})(?=[/?]|$)/

export interface Place {
  readonly route: Route
  /** Patient id; null for one's own record. */
  readonly ward: string | null
}
export function parsePlace(hash: string): Place {
  const ward = FOR.exec(hash)?.[1] ?? null
  const route = parseRoute(hash.replace(FOR, ''))
  return { route, ward: areaOf(route) === 'patient' ? ward : null }
}
/** `parsePlace` reads it back. What others share with oneself is nobody else's: in that view nobody acts for anybody. */
export function printPlace({ route, ward }: Place): string {
  const own = printRoute(route)
  return ward === null || areaOf(route) !== 'patient' ? own : `#/for/${ward}${own.slice(1)}`
}

export function areaOf(route: Route): Area {
  switch (route.name) {
    case 'patients':
    case 'ask':
    case 'board':
    case 'patient':
    case 'patientRecord':
    case 'patientResults':
    case 'patientAdd':
    case 'patientCorrect':
    case 'activity':
    case 'organisations':
    case 'organisation':
    case 'council':
      return 'provider'
    case 'more':
    case 'settings':
    case 'device':
    case 'help':
    case 'privacy':
      return route.area
    default:
      return 'patient'
  }
}

function recordsRoute(params: URLSearchParams): Route {
  const filter = parseFilter(params)
  const more = Object.keys(filter).length > 0 && { filter }
  return { name: 'records', show: categoriesOf(params), ...more }
}

const isId = (text: string | undefined): text is string => text !== undefined && ID.test(text)

function categoriesOf(params: URLSearchParams): Category[] {
  const wanted = (params.get('show') ?? '').split(',')
  return CATEGORIES.filter((category) => wanted.includes(category))
}

function stepOf(text: string | null): ShareStep {
  return ([1, 2, 3, 4, 'again'] as const).find((step) => String(step) === text) ?? 1
}

function queryOf(params: Record<string, string>): string {
  const filled = Object.entries(params).filter(([, value]) => value !== '')
  return filled.length === 0 ? '' : `?${filled.map(([name, value]) => `${name}=${value}`).join('&')}`
}
