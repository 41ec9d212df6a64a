import { CATEGORIES } from '@medguard/client'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { areaOf, parsePlace, parseRoute, PATIENTS_TABS, printRoute, type Route, SHARING_TABS } from './routes.ts'
import { createRouter } from './router.ts'

const id = fc.stringMatching(/^[0-9a-f]{32}$/)
const show = fc.subarray([...CATEGORIES])
const area = fc.constantFrom('patient' as const, 'provider' as const)
const route: fc.Arbitrary<Route> = fc.oneof(
  fc.record({
    name: fc.constantFrom('home' as const, 'activity' as const, 'requests' as const, 'rules' as const, 'ask' as const),
  }),
  fc.record({
    name: fc.constantFrom('notices' as const, 'inbox' as const, 'preferences' as const, 'profile' as const),
  }),
  fc.record({ name: fc.constant('records' as const), show }),
  fc.record({ name: fc.constant('record' as const), recordId: id }),
  fc.record({ name: fc.constant('request' as const), askId: id }),
  fc.record({ name: fc.constantFrom('oneShare' as const, 'changeShare' as const), shareId: id }),
  fc.record({ name: fc.constant('devices' as const), at: fc.oneof(fc.constantFrom('', 'new', 'file'), id) }),
  fc.record({ name: fc.constant('devices' as const), at: id, day: fc.constantFrom('2025-01-31', '1999-12-01') }),
  fc.record({ name: fc.constant('add' as const), as: fc.constantFrom('file' as const, 'note' as const) }),
  fc.record({ name: fc.constant('sharing' as const), tab: fc.constantFrom(...SHARING_TABS) }),
  fc.record({
    name: fc.constant('share' as const),
    step: fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const),
  }),
  fc.record({
    name: fc.constant('log' as const),
    who: fc.constantFrom('everyone' as const, 'others' as const, 'me' as const),
  }),
  fc.record({ name: fc.constant('board' as const) }),
  fc.record({ name: fc.constant('patients' as const), tab: fc.constantFrom(...PATIENTS_TABS) }),
  fc.record({ name: fc.constant('patient' as const), grantId: id, show }),
  fc.record({ name: fc.constant('patientRecord' as const), grantId: id, recordId: id }),
  fc.record({ name: fc.constant('patientResults' as const), grantId: id }),
  fc.record({
    name: fc.constant('patientAdd' as const),
    grantId: id,
    kind: fc.constantFrom(null, 'lab' as const, 'visit' as const),
  }),
  fc.record({ name: fc.constant('patientCorrect' as const), grantId: id, recordId: id }),
  fc.record({ name: fc.constantFrom('more' as const, 'settings' as const), area }),
  fc.record({ name: fc.constant('help' as const), area, topic: fc.constantFrom(null, 'log', 'stopping') }),
)

describe('addresses', () => {
  test('every page is found again under its address', () => {
    fc.assert(
      fc.property(route, (one) => {
        expect(parseRoute(printRoute(one))).toEqual(one)
      }),
    )
  })

  test('whatever stands in an address is a page or nothing, and never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(parseRoute(`#${text}`).name).toMatch(/^[a-zA-Z]+$/)
      }),
    )
  })

  test.each([
    '#/records/short',
    '#/records/ZZ',
    '#/nowhere',
    '#/records/../x',
    '#/provider/patients',
    '#/add/x',
    '#/devices/short',
    '#/devices/new/x',
    '#/provider/home',
  ])('%s is no page', (address) => {
    expect(parseRoute(address)).toEqual({ name: 'notFound' })
  })

  test('pages with other people’s records are provider pages, all others are not', () => {
    expect(areaOf(parseRoute('#/provider'))).toBe('provider')
    expect(areaOf(parseRoute('#/provider/settings'))).toBe('provider')
    expect(areaOf(parseRoute('#/settings'))).toBe('patient')
    expect(areaOf(parseRoute('#/'))).toBe('patient')
  })

  test('a wrong filter shows everything instead of nothing', () => {
    expect(parseRoute('#/records?show=nonsense,labs')).toEqual({ name: 'records', show: ['labs'] })
    expect(parseRoute('#/log?who=nobody')).toEqual({ name: 'log', who: 'everyone' })
  })
})

/** A browser's address line and history, as far as the router uses them. */
function browserAt(hash: string) {
  const entries: { state: unknown; hash: string }[] = [{ state: null, hash }]
  let at = 0
  const heard: (() => void)[] = []
  const location = {
    get hash() {
      return entries[at]?.hash ?? ''
    },
  }
  const history = {
    get state() {
      return entries[at]?.state ?? null
    },
    pushState(state: unknown, _: string, address: string) {
      entries.splice(++at, entries.length, { state, hash: address })
    },
    replaceState(state: unknown, _: string, address: string) {
      entries[at] = { state, hash: address }
    },
  }
  const window = {
    location,
    history,
    addEventListener: (name: string, hear: () => void) => name === 'popstate' && heard.push(hear),
  }
  return {
    window: window as unknown as Window,
    entries,
    back() {
      at--
      for (const hear of heard) hear()
    },
  }
}

describe('the router', () => {
  test('Back finds the page with its filter and what was searched for', () => {
    const browser = browserAt('#/records')
    const router = createRouter(browser.window)
    router.getState().go({ name: 'records', show: ['labs'] })
    router.getState().setSearch('glucose')
    router.getState().go({ name: 'record', recordId: '0'.repeat(32) })
    expect(router.getState().search).toBe('')
    browser.back()
    expect(router.getState().route).toEqual({ name: 'records', show: ['labs'] })
    expect(router.getState().search).toBe('glucose')
  })

  test('what is searched for never stands in an address', () => {
    const browser = browserAt('#/records')
    const router = createRouter(browser.window)
    router.getState().setSearch('depression')
    router.getState().go({ name: 'records', show: ['labs'] })
    expect(browser.entries.map(({ hash }) => hash).join(' ')).not.toContain('depression')
  })

  test('going where one is adds nothing to the history', () => {
    const browser = browserAt('#/')
    const router = createRouter(browser.window)
    router.getState().go({ name: 'home' })
    expect(browser.entries).toHaveLength(1)
  })

  test('the record that is open stays until somebody switches, and Back opens the one of before', () => {
    const child = 'c'.repeat(32)
    const browser = browserAt(`#/for/${child}/records`)
    const router = createRouter(browser.window)
    expect(router.getState()).toMatchObject({ ward: child, route: { name: 'records' } })
    router.getState().setSearch('asthma')
    router.getState().go({ name: 'home' })
    expect(browser.entries.at(-1)?.hash).toBe(`#/for/${child}/`)
    router.getState().switchTo(null)
    expect(router.getState()).toMatchObject({ ward: null, route: { name: 'home' }, search: '' })
    router.getState().go({ name: 'vault' })
    expect(browser.entries.at(-1)?.hash).toBe('#/vault')
    browser.back()
    browser.back()
    expect(router.getState().ward).toBe(child)
  })

  test('nobody acts for anybody in the provider view', () => {
    const child = 'c'.repeat(32)
    expect(createRouter(browserAt(`#/for/${child}/provider`).window).getState().ward).toBeNull()
    const browser = browserAt(`#/for/${child}/`)
    const router = createRouter(browser.window)
    router.getState().go({ name: 'patients', tab: 'now' })
    expect(browser.entries.at(-1)?.hash).toBe('#/provider')
    router.getState().go({ name: 'home' })
    expect(router.getState().ward).toBeNull()
  })

  test.each(['#/for/', '#/for/cc/records', `#/for/${'c'.repeat(33)}/`])('%s is nobody’s record', (hash) => {
    expect(parsePlace(hash)).toEqual({ route: { name: 'notFound' }, ward: null })
  })
})
