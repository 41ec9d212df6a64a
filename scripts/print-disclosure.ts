import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { withDisclosure } from './disclosure.ts'
import { ROOT } from './project.ts'

export const SECURITY_PATH = join(ROOT, 'docs/security.md')

/** `node scripts/boot.mjs print-disclosure`: writes the tables of docs/security.md, to be reviewed like code. */
export async function main(): Promise<void> {
  writeFileSync(SECURITY_PATH, withDisclosure(readFileSync(SECURITY_PATH, 'utf8')))
  await Promise.resolve()
}
