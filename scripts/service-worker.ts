import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

import { build } from 'esbuild'

import { type HeaderRule, headersOf } from './app-headers.ts'
import { contentTypeOf } from './page/content-types.ts'
import { ROOT } from './project.ts'

const SOURCE = join(ROOT, 'src/frontend/src/offline/service-worker.ts')
/** Stands for the origin of a page that learns it only where it is served: a development build. */
export const SITE = 'http://site.invalid'
const DOCUMENT = '/index.html'
/** In the root of the page: a service worker serves what is beside and below its own file. */
const SERVICE_WORKER = 'sw.js'
/** Readers of files, and the views that use them: large, and needed by few. What only they refer to is not part of the shell either. */
const READER = /^\/assets\/(reader-|pdf-|PdfView-|DicomFiles-)/
/** What recognises letters in pictures (src/frontend/src/paper): more than all the rest of the page. */
const ASKED = /^\/assets\/(tesseract-core-|[a-z]{3}\.traineddata-)/
/** Names of files with their hash, as the build writes them into each other. */
const NAMED = /[\w-]+-[\w-]{8}\.(?:js|css)/g

/**
 * Writes the service worker into a built page, with the hash of every other file and the headers that each is served with.
 * @param rules those of the page; `SITE` in them stands for an origin that is not known yet.
 */
export async function writeServiceWorker(folder: string, rules: readonly HeaderRule[]): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [SOURCE],
    bundle: true,
    minify: true,
    format: 'iife',
    target: 'es2022',
    write: false,
    define: { SHELL_LIST: JSON.stringify(shellList(folder, rules)) },
  })
  for (const { contents } of outputFiles) writeFileSync(join(folder, SERVICE_WORKER), contents)
}

/** As `ShellList` of the worker describes it. */
function shellList(folder: string, rules: readonly HeaderRule[]) {
  const contents = filesOf(folder)
  const shell = shellOf(contents)
  const headers: Readonly<Record<string, string>>[] = []
  const indexes = new Map<string, number>()
  const headersIndex = (path: string): number => {
    const own = { ...headersOf(rules, path), 'content-type': contentTypeOf(path) }
    const name = JSON.stringify(own)
    const index = indexes.get(name) ?? headers.push(own) - 1
    indexes.set(name, index)
    return index
  }
  const files = [...contents].map(([path, bytes]) => ({
    path,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    headers: headersIndex(path),
    isShell: shell.has(path),
    isAsked: ASKED.test(path),
  }))
  const version = createHash('sha256')
    .update(JSON.stringify([files, headers]))
    .digest('hex')
    .slice(0, 16)
  return { version, site: SITE, files, headers }
}

/** Every file of the page by its path, but for the worker itself and what is not served. */
function filesOf(folder: string): Map<string, Buffer> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.') && entry.name !== SERVICE_WORKER)
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
  return new Map(paths.map((path) => [`/${relative(folder, path).split(sep).join('/')}`, readFileSync(path)]))
}

/** What the document refers to, and what that refers to, and so on; with everything that stands beside it. */
function shellOf(contents: ReadonlyMap<string, Buffer>): ReadonlySet<string> {
  const shell = new Set([...contents.keys()].filter((path) => !path.startsWith('/assets/')))
  const todo = [DOCUMENT]
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    const named = contents.get(path)?.toString('latin1').matchAll(NAMED) ?? []
    for (const [name] of named) {
      const found = `/assets/${name}`
      if (!contents.has(found) || shell.has(found) || READER.test(found)) continue
      shell.add(found)
      todo.push(found)
    }
  }
  return shell
}
