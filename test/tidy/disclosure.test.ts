import { readFileSync } from 'node:fs'

import { expect, test } from 'vitest'

import { withDisclosure } from '../../scripts/disclosure.ts'
import { SECURITY_PATH } from '../../scripts/print-disclosure.ts'

test('docs/security.md tells of every stored field (node scripts/boot.mjs print-disclosure writes it)', () => {
  const document = readFileSync(SECURITY_PATH, 'utf8')
  expect(document).toBe(withDisclosure(document))
})
