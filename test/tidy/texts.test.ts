import { parseSync } from 'vite'
import { describe, expect, test } from 'vitest'

import { isTest, projectFiles, type ProjectFile } from './project-files.ts'

// No text of the page stands in its code: it would stay English in every language. What counts as text: anything with letters between tags,
// and any string in which two words follow each other, wherever it stands. Class names and the like are told apart by where they stand.

interface Node {
  readonly type: string
  readonly start: number
  readonly [field: string]: unknown
}

/** Attributes and fields that are shown or read out. */
const SHOWN =
  /^(title|historyTitle|label|description|placeholder|alt|legend|intro|what|all|hint|text|error|aria-(label|description|roledescription|valuetext))$/
/** Components whose attributes are names of texts. */
const NAMES_TEXTS = /^Marked$/
/** The same in every language. */
const NAMES = /MedGuard|Internet Identity|SNOMED CT|Internet Computer/g
/** Calls whose strings are for developers or for the machine. */
const MACHINE_CALLS = /^(t|assert|matchMedia|querySelector(All)?|closest|createPolicy|log|warn|error|getContext)$/

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
const nameOf = (value: unknown): string => {
  if (!isNode(value)) return ''
  return typeof value['name'] === 'string' ? value['name'] : nameOf(value['property'] ?? value['name'])
}
const isWords = (text: string) => /\p{L}{2,}[,:;.…!?]? +\p{L}/u.test(text.replaceAll(NAMES, ''))
const hasWord = (text: string) => /\p{L}{2,}/u.test(text.replaceAll(NAMES, ''))

/** A word that begins like a label does; keys of texts and names of icons do not. */
const isLabel = (text: string) => hasWord(text) && /^\p{Lu}/u.test(text)

/** Texts in a file, with their lines. */
function textsIn({ path, text }: ProjectFile): string[] {
  const found: string[] = []
  const say = (node: Node, what: string) =>
    found.push(`${path}:${text.slice(0, node.start).split('\n').length}: ${what.trim().replaceAll(/\s+/g, ' ')}`)
  const walk = (node: Node, shown: boolean): void => {
    switch (node.type) {
      case 'ImportDeclaration':
      case 'ExportAllDeclaration':
      case 'ThrowStatement':
      case 'TSLiteralType':
      case 'TSTypeAliasDeclaration':
        return
      case 'JSXAttribute':
        if (isNode(node['value']) && nameOf(node['name']) !== 'className')
          walk(node['value'], SHOWN.test(nameOf(node['name'])))
        return
      case 'JSXOpeningElement':
        if (NAMES_TEXTS.test(nameOf(node['name']))) return
        break
      case 'Property':
        if (isNode(node['value'])) walk(node['value'], SHOWN.test(nameOf(node['key'])))
        return
      case 'CallExpression':
      case 'NewExpression':
        if (MACHINE_CALLS.test(nameOf(node['callee'])) || /Error$|Fault$/.test(nameOf(node['callee']))) return
        break
      case 'JSXText':
        if (hasWord(String(node['value']))) say(node, String(node['value']))
        return
      case 'Literal':
        if (typeof node['value'] === 'string' && (isWords(node['value']) || (shown && isLabel(node['value']))))
          say(node, node['value'])
        return
      case 'TemplateElement': {
        const { cooked } = node['value'] as { cooked: string }
        if (isWords(`x${cooked}x`) && isWords(cooked.replaceAll(/mg-[\w-]+/g, ''))) say(node, cooked)
        return
      }
      default:
    }
    const inside = shown && ['Literal', 'JSXExpressionContainer', 'ConditionalExpression'].includes(node.type)
    for (const [field, value] of Object.entries(node)) {
      const parts: unknown[] = Array.isArray(value) ? value : [value]
      for (const part of parts) if (isNode(part)) walk(part, inside && field !== 'test')
    }
  }
  const { program, errors } = parseSync(path, text)
  if (errors.length > 0) throw new Error(`${path} does not parse`)
  walk(program as unknown as Node, false)
  return found
}

const file = (text: string): ProjectFile => ({ path: 'a.tsx', text })

describe('texts of the page', () => {
  test.each([
    'const a = <p>Hello</p>',
    'const a = <Page title="Hello" />',
    "const a = <Page title={isOver ? 'Ended' : title} />",
    "const a = { title: 'Two words' }",
    "const a = { label: 'Medicines' }",
    'const a = `${count} records of ${all}`',
    "say('It is done')",
  ])('are found in %s', (text) => {
    expect(textsIn(file(text))).toHaveLength(1)
  })

  test.each([
    'const a = <p className="mg-card mg-pad">{text}</p>',
    "throw new TypeError('used outside the page')",
    'const a = <Marked text="enrol.onlyYou" marks={{}} />',
    "t('shell.home')",
    "const a = { label: 'shell.home', step: 'sealing' }",
    'const a = <th scope="col">{x}</th>',
    'const a = <p className={`mg-card mg-${tone} mg-pad`}>·</p>',
  ])('are not seen in %s', (text) => {
    expect(textsIn(file(text))).toEqual([])
  })

  test('stand in the language files only', () => {
    const left = projectFiles(['.ts', '.tsx'])
      .filter(({ path }) => path.startsWith('src/frontend/src/') && !isTest(path))
      .filter(({ path }) => !/\/words\/[a-z]{2}(\.ts$|\/)/.test(path))
      .flatMap(textsIn)
    expect(left).toEqual([])
  })
})
