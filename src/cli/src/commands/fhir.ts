import { CATEGORIES, type MedGuardClient } from '@medguard/client'
import { hasErrors, isResource, isSummary, type Issue, readJson, summaryIssues } from '@medguard/fhir'
import type { CommandGroup } from '../command.ts'
import { UsageError, valueOf } from '../exit-code.ts'
import { expectFree, readFile } from '../files.ts'
import { written } from '../part-file.ts'
import { createProgress } from '../progress.ts'
import { fhirFileAt, whyNot } from './fhir-files.ts'
import { itemsStored } from './fhir-import.ts'

export const fhirCommands: CommandGroup = {
  usage: `\
  fhir export FILE                  your whole vault as a FHIR R4 bundle that anybody can read: records, who
                                    stored them, shares and log
  fhir summary FILE                 an International Patient Summary of what is in it
  fhir import FILE [--key ISSUERS]  each resource of a FHIR file as a record, of a C-CDA document too, or of a SMART Health
                                    Card by one of these issuers; what is there already is left out
  fhir check FILE                   whether a FHIR file is valid R4: asks nobody`,
  commands: {
    'fhir export': {
      args: 1,
      options: ['for-patient'],
      async run({ client, args: { subject, options } }) {
        expectFree(subject)
        await expectVault(client)
        const progress = createProgress(options.json === true)
        const report = await written(subject, (sink) => client.exportFhir(sink, progress))
        const { records, damaged, withoutContent, shares, lines, hasLog } = report
        return {
          value: { out: subject, ...report },
          words: [
            `wrote ${records} records, ${shares} shares and ${lines} lines of the log to ${subject}; it is not encrypted`,
            ...(withoutContent === 0 ? [] : [`${withoutContent} are too large and named only: medguard show ID --out`]),
            ...(hasLog ? [] : ['the log could not be checked: who stored what, and when, is not proven']),
            ...(damaged === 0 ? [] : [`${damaged} do not open, and are not in it`]),
          ].join('\n'),
        }
      },
    },
    'fhir summary': {
      args: 1,
      options: ['for-patient'],
      async run({ client, args: { subject } }) {
        expectFree(subject)
        await expectVault(client)
        const report = await written(subject, (sink) => client.exportSummary(CATEGORIES, sink))
        const missing = report.damaged === 0 ? '' : `; ${report.damaged} records cannot be read, and are not in it`
        return {
          value: { out: subject, ...report },
          words: `wrote a summary with ${report.entries} entries to ${subject}; it is not encrypted${missing}`,
        }
      },
    },
    'fhir import': {
      args: 1,
      options: ['for-patient', 'key'],
      async run({ client, ward, args: { subject, options } }) {
        const { items, ...about } = await fhirFileAt(subject, options.key)
        valueOf(await client.enrol())
        const person = ward === null ? (options.as ?? null) : null
        const { added, skipped } = await itemsStored(client, items, person)
        const unknown = items.filter(({ isKnown }) => !isKnown).length
        const { said, ...value } = about
        return {
          value: { ...value, added: added.length, skipped, unknown, records: added },
          words: [
            `stored ${added.length} records${skipped === 0 ? '' : `; ${skipped} were here already`}`,
            ...(unknown === 0 ? [] : [`${unknown} are of types that are not R4's: kept as they are`]),
            ...said,
          ].join('\n'),
        }
      },
    },
    'fhir check': {
      args: 1,
      options: [],
      async run({ args: { subject } }) {
        const read = readJson(readFile(subject))
        if (read.kind === 'unreadable') throw new UsageError(`${subject}: ${whyNot(read)}`)
        if (!isResource(read.value)) throw new UsageError(`${subject}: ${whyNot({ kind: 'notFhir' })}`)
        const { validate } = await import('@medguard/fhir/in-node')
        const issues = [...validate(read.value), ...(isSummary(read.value) ? summaryIssues(read.value) : [])]
        const failed = hasErrors(issues)
        return {
          value: { resourceType: read.value.resourceType, valid: !failed, issues },
          words: [...issues.map(issueText), failed ? 'NOT VALID' : 'valid FHIR R4'].join('\n'),
          verificationFailed: failed,
          cannotTell: issues.some(({ code }) => code === 'not-supported'),
        }
      },
    },
  },
}

const issueText = ({ severity, expression, details }: Issue): string => `${severity}  ${expression}: ${details}`

async function expectVault(client: MedGuardClient): Promise<void> {
  if (valueOf(await client.account()) === null)
    throw new UsageError('no records yet: add one, and your vault is opened')
}
