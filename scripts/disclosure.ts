import { audit } from '@medguard/audit/disclosure'
import { consent } from '@medguard/consent/disclosure'
import { records, recordsMemories } from '@medguard/records/disclosure'
import type { Disclosed } from '@medguard/shared/disclosure'

const BEGIN = '<!-- begin: node scripts/boot.mjs print-disclosure -->'
const END = '<!-- end -->'

/** Every stored field as tables, for docs/security.md. */
export function printDisclosure(): string {
  return [
    table('consent', Object.entries(consent)),
    table('records', [
      ...Object.entries(records),
      ...Object.entries(recordsMemories).map(([name, fields]) => [`memory ${name}`, fields] as const),
    ]),
    table('audit', Object.entries(audit)),
  ].join('\n')
}

function table(canister: string, sections: readonly (readonly [string, readonly Disclosed[]])[]): string {
  const rows = sections.flatMap(([section, fields]) =>
    fields.map(
      ({ field, form, to, why }, i) => `| ${i === 0 ? section : ''} | ${field} | ${form} | ${to.join(', ')} | ${why} |`,
    ),
  )
  return [
    `**${canister}**`,
    '',
    '| section | field | form | told to | why |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

/** The document with the tables as they are now between its marks. @throws Error for a document without them. */
export function withDisclosure(document: string): string {
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)]
  if (from < 0 || to < from) throw new Error('the document has no place for the tables')
  return `${document.slice(0, from + BEGIN.length)}\n\n${printDisclosure()}\n${document.slice(to)}`
}
