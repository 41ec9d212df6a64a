import { expect, test } from './fixtures/test.ts'

// A script that got into the page in spite of the policy (here through the debugger, which the policy does not hold) is the page: it sees what is on the screen
// and can ask as the page asks. What it must not get is a key, another place to send anything to, or code of its own that goes on running elsewhere.

test('a script in the page reaches no key, no worker of its own and no other place', async ({ people }) => {
  const person = await people.isHome('patient', {
    serviceWorkers: 'allow', // its own registration is one of the things that the page refuses
    with: [{ title: 'A result', content: 'private' }],
  })
  const { page } = person
  await person.go('#/records')
  await expect(page.getByText('A result')).toBeVisible()
  const got = await page.evaluate(async () => {
    const failure = async (work: () => unknown): Promise<string> => {
      try {
        await work()
        return 'went through'
      } catch (error) {
        return (error as Error).name
      }
    }
    const settled = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.addEventListener('success', () => resolve(request.result))
        request.addEventListener('error', () => reject(new Error('no answer of the database')))
      })
    const database = await settled(indexedDB.open('medguard'))
    const kept = (await settled(database.transaction('session').objectStore('session').get('kept'))) as {
      key: CryptoKeyPair
    }
    database.close()
    const scripts = performance.getEntriesByType('resource').map(({ name }) => name)
    const workerFile = scripts.find((name) => /key-worker/.test(name)) ?? '/assets/key-worker.js'
    const { trustedTypes } = window as unknown as {
      trustedTypes: { createPolicy(name: string, rules: object): { createScriptURL(url: string): string } }
    }
    const pass = { createScriptURL: (url: string) => url }
    const globals = Object.values(Object.getOwnPropertyDescriptors(window)).map(({ value }): unknown => value)
    return {
      exportSessionKey: await failure(() => crypto.subtle.exportKey('pkcs8', kept.key.privateKey)),
      exportSessionKeyAsJwk: await failure(() => crypto.subtle.exportKey('jwk', kept.key.privateKey)),
      wrapSessionKey: await failure(async () => {
        const around = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['wrapKey'])
        await crypto.subtle.wrapKey('pkcs8', kept.key.privateKey, around, { name: 'AES-GCM', iv: new Uint8Array(12) })
      }),
      // The page's policy is in a variable of a module, and the browser makes no second one.
      sameNamedPolicy: await failure(() => trustedTypes.createPolicy('medguard-url', pass)),
      otherPolicy: await failure(() => trustedTypes.createPolicy('mine', pass)),
      defaultPolicy: await failure(() => trustedTypes.createPolicy('default', pass)),
      ownWorker: await failure(() => new Worker(URL.createObjectURL(new Blob(['postMessage(1)'])))),
      ourWorkerFile: await failure(() => new Worker(workerFile, { type: 'module' })),
      sharedWorker: await failure(() => new SharedWorker(workerFile)),
      serviceWorker: await failure(() => navigator.serviceWorker.register(workerFile)),
      policyInGlobals: globals.some(
        (value) => typeof value === 'object' && value !== null && 'createScriptURL' in value,
      ),
      workerInGlobals: globals.some((value) => value instanceof Worker || value instanceof MessagePort),
    }
  })
  expect(got).toEqual({
    exportSessionKey: 'InvalidAccessError',
    exportSessionKeyAsJwk: 'InvalidAccessError',
    wrapSessionKey: 'InvalidAccessError',
    sameNamedPolicy: 'TypeError',
    otherPolicy: 'TypeError',
    defaultPolicy: 'TypeError',
    ownWorker: 'TypeError',
    ourWorkerFile: 'TypeError',
    sharedWorker: 'TypeError',
    serviceWorker: 'TypeError',
    policyInGlobals: false,
    workerInGlobals: false,
  })
  expect(page.workers()).toHaveLength(1)
  // The browser said so each time: three policies and four addresses.
  await expect.poll(() => person.problems.length).toBe(7)
  for (const problem of person.problems.splice(0)) expect(problem).toMatch(/TrustedTypePolicy|TrustedScriptURL/)
})

test('a worker that ends takes its keys along: the page says so and asks to sign in', async ({ people }) => {
  const person = await people.isHome('patient', { with: [{ title: 'A result', content: 'private' }] })
  const { page } = person
  await person.go('#/records')
  await expect(page.getByText('A result')).toBeVisible()
  await person.go('#/add?as=note')
  await page.getByRole('textbox', { name: 'Note' }).fill('Half written')
  await page.workers()[0]?.evaluate(() => self.close())
  await expect(page.getByRole('heading', { level: 1, name: 'MedGuard had to stop' })).toBeFocused()
  await expect(page.getByText('What you were writing is kept')).toBeVisible()
  await expect(page.getByText('Half written')).toHaveCount(0)
  await person.signIn()
  await expect(page.getByRole('textbox', { name: 'Note' })).toHaveValue('Half written')

  // Locking ends it too, and another one, which knows nobody, waits for the next sign-in.
  const [before] = page.workers()
  await page.getByRole('button', { name: 'Lock' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Locked' })).toBeVisible()
  await expect.poll(() => page.workers().includes(before as NonNullable<typeof before>)).toBe(false)
})
