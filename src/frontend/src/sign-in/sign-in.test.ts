import { describe, expect, test, vi } from 'vitest'
import { readNetwork } from '../config-network.ts'
import { readConfig } from '../config.ts'
import { createIdleWatch } from './idle-watch.ts'
import { createSeatMemory, idleLimitMs, SEAT_NAMES, SEATS } from './seats.ts'
import type { ExtendAnswer, Session, SignedIn } from './session.ts'
import { createSessionStore } from './session-store.ts'

const LOCAL = { origin: 'http://x.localhost:5000', protocol: 'http:', hostname: 'x.localhost', port: '5000' }

describe('constants of a build', () => {
  const build = (constants: Record<string, string>) => {
    for (const [name, value] of Object.entries(constants)) vi.stubEnv(name, value)
    return () => vi.unstubAllEnvs()
  }
  const DEVELOPMENT = {
    VITE_MEDGUARD_MODE: 'development',
    VITE_MEDGUARD_IDENTITY_PROVIDER: 'http://idp.localhost:4943/#authorize',
  }

  test('a development build finds its sign-in on the port the page came from, and derives for the origin without it', () => {
    const undo = build(DEVELOPMENT)
    expect(readConfig(LOCAL)).toMatchObject({
      mode: 'development',
      identityProvider: 'http://idp.localhost:5000/#authorize',
      derivationOrigin: 'http://x.localhost',
    })
    expect(readNetwork(LOCAL)).toMatchObject({ url: 'http://x.localhost:5000' })
    undo()
  })

  test('a development build outside this computer trusts nobody', () => {
    const undo = build(DEVELOPMENT)
    expect(readConfig({ ...LOCAL, hostname: 'medguard.example' })).toBeNull()
    undo()
  })

  test('a build without constants, or a production build without a network, trusts nobody', () => {
    expect(readConfig(LOCAL)).toBeNull()
    const undo = build({
      VITE_MEDGUARD_MODE: 'production',
      VITE_MEDGUARD_IDENTITY_PROVIDER: 'https://id.example',
      VITE_MEDGUARD_NETWORK: '',
    })
    expect(readConfig(LOCAL)).toBeNull()
    vi.stubEnv('VITE_MEDGUARD_NETWORK', '{}')
    expect(readNetwork(LOCAL)).toBeNull()
    undo()
  })
})

describe('sessions', () => {
  function person(principal: string) {
    let locked = 0
    const client = { lock: () => void locked++ } as unknown as SignedIn['client']
    const signedIn = {
      client,
      principal,
      endsAtMs: 9e15,
      isShared: false,
      hasOthersData: false,
      recoverWithKit: async () => null,
    }
    return { signedIn, locked: () => locked }
  }
  function sessions(kept: SignedIn | null, next: SignedIn[], { wasIdle = false, canCut = true } = {}) {
    const log: string[] = []
    const answers: ((answer: ExtendAnswer) => void)[] = []
    const session: Session = {
      restore: () => Promise.resolve(kept),
      signIn: () => {
        const signedIn = next.shift()
        return Promise.resolve(signedIn === undefined ? { kind: 'closed' } : { kind: 'signedIn', signedIn })
      },
      prepare: () => {},
      extend: () => new Promise((resolve) => void answers.push(resolve)),
      shorten: (lastsMs) => {
        log.push(`cut to ${lastsMs / 60_000} min`)
        return canCut ? Promise.resolve(Date.now() + lastsMs) : Promise.reject(new Error('no cryptography'))
      },
      follow: () => Promise.resolve(Date.now() + 1),
      removeOthersData: () => {
        log.push('removed')
        return Promise.resolve()
      },
      signOut: () => {
        log.push('forgotten')
        return Promise.resolve()
      },
    }
    const store = createSessionStore({
      open: () => Promise.resolve(session),
      wasIdle: () => wasIdle,
      said: (what) => log.push(what),
    })
    const extended = (answer: ExtendAnswer) => answers.shift()?.(answer)
    return { store, log, view: () => store.getState().view, extended }
  }

  test('a kept session is taken up again', async () => {
    const { store, view } = sessions(person('a').signedIn, [])
    await store.getState().start()
    expect(view()).toMatchObject({ status: 'signedIn', principal: 'a', switched: false })
  })

  test('closing and opening the page is no way around the lock', async () => {
    const { store, view, log } = sessions(person('a').signedIn, [], { wasIdle: true })
    await store.getState().start()
    expect(view()).toMatchObject({ status: 'signedOut', why: 'idle' })
    expect(log).toEqual(['forgotten'])
  })

  test('locking forgets the keys in memory, the session on this device, and tells the other tabs', async () => {
    const ann = person('a')
    const { store, view, log } = sessions(ann.signedIn, [])
    await store.getState().start()
    await store.getState().leave('idle')
    expect(view()).toMatchObject({ status: 'signedOut', why: 'idle' })
    expect(ann.locked()).toBe(1)
    expect(log).toEqual(['signedIn', 'idle', 'forgotten'])
  })

  test('entering the provider area cuts a long session to its hour, once, and under the same client', async () => {
    const ann = person('a')
    const { store, view, log } = sessions(ann.signedIn, [])
    await store.getState().start()
    expect(view()).toMatchObject({ isShort: false })
    await store.getState().shorten()
    await store.getState().shorten()
    expect(view()).toMatchObject({ status: 'signedIn', isShort: true, client: ann.signedIn.client })
    expect(log).toEqual(['signedIn', 'cut to 60 min', 'newEnd'])
  })

  test('a session that cannot be cut ends', async () => {
    const { store, view } = sessions(person('a').signedIn, [], { canCut: false })
    await store.getState().start()
    await store.getState().shorten()
    expect(view()).toMatchObject({ status: 'signedOut', why: 'ended' })
  })

  test('a session that is extended lasts on under the same client, and the other tabs hear of it', async () => {
    const ann = person('a')
    const { store, view, log, extended } = sessions(ann.signedIn, [])
    await store.getState().start()
    const first = store.getState().extend('patient')
    expect(store.getState().extending).toBe('waiting')
    extended({ kind: 'closed' })
    await first
    expect([store.getState().extending, log]).toEqual(['closed', ['signedIn']])
    const second = store.getState().extend('patient')
    extended({ kind: 'extended', endsAtMs: 9.1e15 })
    await second
    expect(view()).toMatchObject({ status: 'signedIn', client: ann.signedIn.client, endsAtMs: 9.1e15 })
    expect([store.getState().extending, log, ann.locked()]).toEqual(['no', ['signedIn', 'newEnd'], 0])
  })

  test('somebody else’s sign-in extends nothing: what was open is closed', async () => {
    const ann = person('a')
    const { store, view, log, extended } = sessions(ann.signedIn, [])
    await store.getState().start()
    const extending = store.getState().extend('patient')
    extended({ kind: 'other' })
    await extending
    expect(view()).toMatchObject({ status: 'signedOut', why: 'other' })
    expect([log, ann.locked()]).toEqual([['signedIn', 'other', 'forgotten'], 1])
  })

  test('a sign-in that comes back after the session ended extends nothing', async () => {
    const { store, view, log, extended } = sessions(person('a').signedIn, [])
    await store.getState().start()
    const extending = store.getState().extend('patient')
    await store.getState().leave('ended')
    extended({ kind: 'extended', endsAtMs: 9.1e15 })
    await extending
    expect(view()).toMatchObject({ status: 'signedOut', why: 'ended' })
    expect(log).toEqual(['signedIn', 'ended', 'forgotten'])
  })

  test('a session that another tab cut is as short here', async () => {
    const { store, view } = sessions(person('a').signedIn, [])
    await store.getState().start()
    await store.getState().follow()
    expect(view()).toMatchObject({ isShort: true })
  })

  test('somebody else signing in is noticed, the same person is not', async () => {
    const { store, view } = sessions(person('a').signedIn, [person('a').signedIn, person('b').signedIn])
    await store.getState().start()
    await store.getState().leave('idle')
    await store.getState().signIn('patient')
    expect(view()).toMatchObject({ status: 'signedIn', switched: false })
    await store.getState().leave('signedOut')
    await store.getState().signIn('patient')
    expect(view()).toMatchObject({ status: 'signedIn', principal: 'b', switched: true })
  })

  test('a session that another took the place of ends here, and leaves what is stored to the other', async () => {
    for (const why of ['replaced', 'stopped'] as const) {
      const ann = person('a')
      const { store, view, log } = sessions(ann.signedIn, [])
      await store.getState().start()
      await store.getState().leave(why)
      expect(view()).toMatchObject({ status: 'signedOut', why })
      expect(ann.locked()).toBe(1)
      expect(log).toEqual(['signedIn', why])
    }
  })

  test('what is kept here of somebody else is said first, and goes only when the one who signed in says so', async () => {
    const { store, view, log } = sessions({ ...person('b').signedIn, hasOthersData: true }, [])
    await store.getState().start()
    expect(view()).toMatchObject({ status: 'signedIn', hasOthersData: true })
    await store.getState().removeOthersData()
    expect(view()).toMatchObject({ status: 'signedIn', hasOthersData: false })
    expect(log).toEqual(['signedIn', 'removed'])
  })

  test('a closed sign-in window leaves the reason for signing in on the page', async () => {
    const { store, view } = sessions(null, [])
    await store.getState().start()
    await store.getState().signIn('patient')
    expect(view()).toEqual({ status: 'signedOut', why: 'fresh', trouble: 'closed', waiting: false })
  })
})

describe('what somebody signs in for', () => {
  test('decides how long a session lasts and how long nobody may touch it (decision 37)', () => {
    const minutes = ({ lastsMs, idleMs }: (typeof SEATS)['patient']) => [lastsMs / 60_000, idleMs / 60_000]
    expect(SEAT_NAMES.map((seat) => [seat, ...minutes(SEATS[seat])])).toEqual([
      ['patient', 480, 10],
      ['provider', 60, 5],
      ['shared', 60, 2],
    ])
    expect([idleLimitMs('provider', false), idleLimitMs('provider', true)]).toEqual([300_000, 120_000])
  })

  test('is remembered on the device, and nonsense there is nothing', () => {
    const kept = new Map<string, string>()
    const memory = createSeatMemory({
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
    })
    expect(memory.read()).toBeNull()
    memory.write('shared')
    expect(memory.read()).toBe('shared')
    kept.set('medguard.seat', 'for ever')
    expect(memory.read()).toBeNull()
  })
})

describe('idle time', () => {
  test('counts from the last touch in any tab, and before the first one there was none', () => {
    const kept = new Map<string, string>()
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    }
    let now = 1_000_000
    const page = {} as unknown as Parameters<typeof createIdleWatch>[0]
    const here = createIdleWatch(page, storage, () => now)
    const there = createIdleWatch(page, storage, () => now)
    expect(here.idleMs()).toBe(1_000_000)
    there.touch()
    now += 6_000
    expect(here.idleMs()).toBe(6_000)
    here.touch()
    expect(here.idleMs()).toBe(0)
    now -= 60_000 // the clock is set back: nobody was there in the future
    expect(here.idleMs()).toBe(946_000)
    for (const nonsense of ['', 'soon', '9e99', 'NaN']) {
      kept.set('medguard.touched', nonsense)
      expect(here.idleMs(), nonsense).toBe(946_000)
    }
  })
})
