import { dayTimeText } from '../app/dates.ts'
import { t } from '../words/language.ts'
import type { LogRow } from './log-words.ts'

/** Entries as text that people can read, newest first, each with the number by which the evidence has it. Whole codes: short ones prove nothing. */
export function logDocument(rows: readonly LogRow[], madeMs: number): string {
  const lines = rows.map((row) => {
    const act = row.object === null ? row.verb : t('log.single', { verb: row.verb, object: row.object })
    const who = row.isMe ? t('logReport.documentYou', { code: row.actorCode }) : row.actorCode || row.actor
    const reason = row.reason === null ? '' : ` (${row.reason})`
    return `${dayTimeText(row.timeMs)}\n  ${who}\n  ${act}${reason}\n  ${t('log.entry', { number: row.key })}\n`
  })
  const head = [t('logReport.documentTitle'), t('logReport.documentMade', { at: dayTimeText(madeMs) })]
  return `${[...head, t('logReport.documentProof'), ''].join('\n')}\n${lines.join('\n')}`
}
