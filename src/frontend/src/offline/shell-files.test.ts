import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { createShell, type ShellFile, type ShellList } from './shell-files.ts'

const SITE = 'http://site.invalid'
const ORIGIN = 'https://page.example'
const hashOf = (text: string) => createHash('sha256').update(text).digest('hex')
const FILES: readonly ShellFile[] = [
  { path: '/index.html', sha256: hashOf('the page'), headers: 0, isShell: true, isAsked: false },
  { path: '/assets/index-abcdefgh.js', sha256: hashOf('its code'), headers: 1, isShell: true, isAsked: false },
  { path: '/assets/reader-abcdefgh.js', sha256: hashOf('a reader'), headers: 1, isShell: false, isAsked: false },
  { path: '/assets/large-abcdefgh.js', sha256: hashOf('letters'), headers: 1, isShell: false, isAsked: true },
]
const LIST: ShellList = {
  version: '0011223344556677',
  site: SITE,
  files: FILES,
  headers: [
    { 'content-type': 'text/html', 'content-security-policy': `connect-src ${SITE}/api/` },
    { 'content-type': 'text/javascript' },
  ],
}

/** What the browser has in its cache, and what a network answers. */
function device(network: Record<string, string>) {
  const stored = new Map<string, Response>()
  const asked: string[] = []
  const shell = createShell(LIST, {
    origin: ORIGIN,
    cache: async () => ({
      match: async (url) => stored.get(url as string)?.clone(),
      put: async (url, response) => void stored.set(url as string, response),
    }),
    fetch: async (path) => {
      asked.push(path)
      const text = network[path]
      return text === undefined ? new Response('nothing here', { status: 404 }) : new Response(text)
    },
  })
  return { shell, stored, asked }
}
const WHOLE = {
  '/index.html': 'the page',
  '/assets/index-abcdefgh.js': 'its code',
  '/assets/reader-abcdefgh.js': 'a reader',
  '/assets/large-abcdefgh.js': 'letters',
}

test('what is kept is the shell alone, and comes back with the headers of the build', async () => {
  const { shell, stored } = device(WHOLE)
  await shell.keepShell()
  expect([...stored.keys()].toSorted()).toEqual([`${ORIGIN}/assets/index-abcdefgh.js`, `${ORIGIN}/index.html`])
  const page = await shell.document()
  expect(await page?.text()).toBe('the page')
  expect(page?.headers.get('content-security-policy')).toBe(`connect-src ${ORIGIN}/api/`)
})

test('a file that is not the one of the build is neither kept nor given out', async () => {
  const { shell } = device({ ...WHOLE, '/assets/index-abcdefgh.js': 'other code' })
  await expect(shell.keepShell()).rejects.toThrow('not the file of this build')
  await expect(shell.file('/assets/index-abcdefgh.js')).rejects.toThrow('not the file of this build')
})

test('what somebody else has put into the cache is not given out, bytes or headers', async () => {
  const { shell, stored } = device(WHOLE)
  await shell.keepShell()
  stored.set(`${ORIGIN}/index.html`, new Response('another page'))
  expect(await shell.document()).toBeNull()
  stored.set(`${ORIGIN}/index.html`, new Response('the page', { headers: { 'content-security-policy': '' } }))
  expect((await shell.document())?.headers.get('content-security-policy')).toBe(`connect-src ${ORIGIN}/api/`)
  stored.set(`${ORIGIN}/assets/index-abcdefgh.js`, new Response('other code'))
  expect(await (await shell.file('/assets/index-abcdefgh.js'))?.text()).toBe('its code') // fetched anew
})

test('files that few need are kept once they were needed, or all when told so, and others are none of its business', async () => {
  const { shell, asked } = device(WHOLE)
  await shell.file('/assets/reader-abcdefgh.js')
  await shell.file('/assets/reader-abcdefgh.js')
  expect(asked).toEqual(['/assets/reader-abcdefgh.js'])
  await shell.keepAll()
  await shell.keepAll()
  expect(asked).toHaveLength(3)
  await shell.file('/assets/large-abcdefgh.js') // never ahead of being asked for
  await shell.file('/assets/large-abcdefgh.js')
  expect(asked).toHaveLength(4)
  expect(await shell.file('/api/v2/status')).toBeNull()
})
