import { basename } from 'node:path'

import { expect, test } from 'vitest'

import { isTest, projectFiles, SOURCE_ENDINGS } from './project-files.ts'

const LINES_MAX = 350

test('a source file fits the head of its reader', () => {
  const tooLong = projectFiles(SOURCE_ENDINGS)
    .filter(({ path, text }) => !isTest(path) && !/^\/\/ (Printed|Generated|Made) by /.test(text))
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > LINES_MAX)
  expect(tooLong).toEqual([])
})

test('names are kebab-case, components are PascalCase, and no file is a drawer for everything', () => {
  const odd = projectFiles(SOURCE_ENDINGS)
    .map(({ path }) => path)
    .filter((path) => {
      const name = basename(path).replace(/(\.\w+)*$/, '')
      const isKebab = /^[a-z0-9]+(-[a-z0-9]+)*$/.test(name)
      const isComponent = path.endsWith('.tsx') && /^[A-Z][A-Za-z0-9]*$/.test(name)
      return (!isKebab && !isComponent) || /^(utils?|helpers?|common|misc)$/.test(name)
    })
  expect(odd).toEqual([])
})
