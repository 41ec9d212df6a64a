import { expect, test } from 'vitest'
import { projectFiles } from './project-files.ts'

/** As a title stands in a test file: whole, in quotes of its own. */
const quoted = (title: string) => ["'", '`'].map((quote) => `${quote}${title}${quote},`)

test('a document that names a test names one that is there', () => {
  const texts = new Map(projectFiles(['.test.ts', '.spec.ts']).map(({ path, text }) => [path, text]))
  const named = projectFiles(['.md']).flatMap(({ path, text }) =>
    [...text.matchAll(/`([\w./-]+\.(?:test|spec)\.ts)` "([^"]+)"/g)].map(([, file = '', title = '']) => ({
      path,
      file,
      title,
    })),
  )
  expect(named.filter(({ path }) => path === 'docs/device-conformance.md').length).toBeGreaterThan(15)
  const absent = named.filter(({ file, title }) => !quoted(title).some((each) => texts.get(file)?.includes(each)))
  expect(absent).toEqual([])
})
