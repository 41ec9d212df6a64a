import type { MedGuardClient } from '@medguard/client'
import {
  hasErrors,
  isResource,
  isSummary,
  type Issue,
  readJson,
  summaryIssues,
  summaryOf,
  vaultBundle,
} from '@medguard/fhir'
import { createHash } from 'node:crypto'
import type { CommandGroup } from '../command.ts'
import { UsageError, valueOf } from '../exit-code.ts'
import { expectFree, readFile } from '../files.ts'
import { errorCodeOf } from '../new-file.ts'
import { openPart } from '../part-file.ts'
import { createProgress } from '../progress.ts'
import { fhirFileAt, whyNot } from './fhir-files.ts'
import { itemsStored } from './fhir-import.ts'
import { patientOf, sourcesOf, vaultContents } from './fhir-vault.ts'

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
        const nowMs = Date.now()
        const { contents, hasLog, counts } = await vaultContents(client, nowMs, createProgress(options.json === true))
        await written(client, subject, vaultBundle(contents), () => counts.records)
        const { records, damaged, withoutContent } = counts
        const [shares, lines] = [contents.consents.length, contents.log.length]
        return {
          value: { out: subject, ...counts, shares, lines, hasLog },
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
        const patient = await patientOf(client)
        const sources = await sourcesOf(client)
        const summary = summaryOf(sources, patient, Date.now())
        const entries = summary.entry?.length ?? 0
        await written(client, subject, [`${JSON.stringify(summary, null, 1)}\n`], () => sources.length)
        return {
          value: { out: subject, records: sources.length, entries },
          words: `wrote a summary with ${entries} entries to ${subject}; it is not encrypted`,
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

/** Into a new file, which gets its name when the log has it that it was taken out. */
async function written(
  client: MedGuardClient,
  out: string,
  pieces: AsyncIterable<string> | Iterable<string>,
  countOf: () => number,
): Promise<void> {
  const part = await openPart(out, `${Date.now()}`)
  const hash = createHash('sha256')
  let sizeBytes = 0
  try {
    for await (const piece of pieces) {
      const bytes = new TextEncoder().encode(piece)
      hash.update(bytes)
      await part.sink.write(bytes, sizeBytes)
      sizeBytes += bytes.length
    }
    const count = countOf()
    if (count > 0) valueOf(await client.noteExport(null, { sha256: new Uint8Array(hash.digest()), count }))
  } catch (error) {
    await part.discard()
    throw error
  }
  await part.finish(sizeBytes).catch((error: unknown) => {
    const isTaken = errorCodeOf(error) === 'EEXIST'
    throw new UsageError(isTaken ? `${out} is there already` : `cannot write ${out}`, { cause: error })
  })
}
