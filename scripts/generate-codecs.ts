// Codecs of every service, as scripts/codec-printer prints them. The build writes what the contract changed; a test compares (test/tidy/contract).
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import {
  AuditConfiguration,
  auditService,
  ConsentConfiguration,
  consentService,
  managementService,
  nat32,
  RecordsConfiguration,
  recordsService,
} from '@medguard/protocol'

import { curvesService } from '../test/canisters/curves-service.ts'
import { livesService } from '../test/canisters/lives-service.ts'
import { stumblerService } from '../test/canisters/stumbler-service.ts'
import { Entry, fillerService, toolkitService } from '../test/canisters/toolkit-service.ts'
import { type CodecFile, printCodecs } from './codec-printer/print-codecs.ts'
import { ROOT } from './project.ts'

const ours = (name: string, serviceTypeName: string) => ({
  name,
  serviceType: { name: serviceTypeName, from: '@medguard/protocol' },
  runtime: '../candid.ts',
})

/** Canisters of tests are configured with a number, if at all. */
const ofTests = (name: string, serviceTypeName: string, from: string) => ({
  name,
  serviceType: { name: serviceTypeName, from },
  runtime: '@medguard/shared/candid',
  configuration: nat32,
})

/** By path. Each canister takes the endpoints of its own file, and the calls of others. */
export const CODEC_FILES: Readonly<Record<string, CodecFile>> = {
  'canisters/shared/src/codecs/consent.ts': {
    ...ours('consent', 'ConsentService'),
    service: consentService,
    configuration: ConsentConfiguration,
    calls: [
      'authoriseList',
      'authoriseOpen',
      'authoriseWrite',
      'authoriseReadWraps',
      'authoriseRewrap',
      'authoriseRetire',
      'logShardOf',
    ],
  },
  'canisters/shared/src/codecs/records.ts': {
    ...ours('records', 'RecordsService'),
    service: recordsService,
    configuration: RecordsConfiguration,
  },
  'canisters/shared/src/codecs/audit.ts': {
    ...ours('audit', 'AuditService'),
    service: auditService,
    configuration: AuditConfiguration,
    calls: ['append', 'noteReaders', 'head', 'consistencyProof'],
  },
  'canisters/shared/src/codecs/management.ts': {
    ...ours('management', 'ManagementService'),
    service: managementService,
    calls: ['raw_rand', 'vetkd_derive_key', 'schnorr_public_key', 'sign_with_schnorr', 'canister_info'],
  },
  'test/canisters/curves-codecs.ts': {
    ...ofTests('curves', 'CurvesService', './curves-service.ts'),
    service: curvesService,
  },
  'test/canisters/lives-codecs.ts': {
    ...ofTests('lives', 'LivesService', './lives-service.ts'),
    service: livesService,
  },
  'test/canisters/stumbler-codecs.ts': {
    ...ofTests('stumbler', 'StumblerService', './stumbler-service.ts'),
    service: stumblerService,
    calls: ['state'],
  },
  'test/canisters/toolkit-codecs.ts': {
    ...ofTests('toolkit', 'ToolkitService', './toolkit-service.ts'),
    service: toolkitService,
    calls: ['ping'],
    rows: { entryRow: Entry },
  },
  'test/canisters/toolkit-filler-codecs.ts': {
    ...ofTests('filler', 'FillerService', './toolkit-service.ts'),
    service: fillerService,
  },
}

/** @returns paths of the files that were not what the contract prints, and are now. */
export function writeCodecs(): string[] {
  const written: string[] = []
  for (const [name, file] of Object.entries(CODEC_FILES)) {
    const path = join(ROOT, name)
    const text = printCodecs(file)
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
    writeFileSync(path, text)
    written.push(name)
  }
  return written
}
