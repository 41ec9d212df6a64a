import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import {
  AuditConfiguration,
  auditService,
  ConsentConfiguration,
  consentService,
  httpService,
  opt,
  printDid,
  RecordsConfiguration,
  recordsService,
} from '@medguard/protocol'

import { CANISTERS, ROOT, type CanisterName } from './project.ts'

export const didPath = (name: CanisterName) => join(ROOT, `canisters/${name}/src/${name}.did`)

/** The interfaces as the contract has them. An upgrade may bring a new configuration; an install brings none. */
export function printedDids(): Readonly<Record<CanisterName, string>> {
  return {
    consent: printDid(consentService, opt(ConsentConfiguration)),
    records: printDid({ ...recordsService, ...httpService }, opt(RecordsConfiguration)),
    audit: printDid(auditService, opt(AuditConfiguration)),
  }
}

/** `node scripts/boot.mjs print-did`: writes the `.did` files, to be reviewed like code. */
export async function main(): Promise<void> {
  const dids = printedDids()
  for (const name of CANISTERS) writeFileSync(didPath(name), dids[name])
  await Promise.resolve()
}
