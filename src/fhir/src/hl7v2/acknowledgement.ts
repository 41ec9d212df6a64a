import type { Message } from './message.ts'
import { Hl7Problem } from './problem.ts'

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\E\\',
  '|': '\\F\\',
  '^': '\\S\\',
  '~': '\\R\\',
  '&': '\\T\\',
  '\r': ' ',
  '\n': ' ',
}
const escaped = (text: string): string => text.replaceAll(/[\\|^~&\r\n]/g, (one) => ESCAPES[one] ?? one)

/** `20240314120000+0000`. */
const stamp = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19).replaceAll(/\D/g, '')}+0000`

/**
 * What its sender hears of a message, as text in UTF-8 with default separators. Made again of the same message, `nowMs` and `id` it is the same: a sender that
 * repeats itself hears what it heard.
 *
 * @param message null for what could not be read.
 * @param problem null for `AA`.
 * @param id of the acknowledgement, its own MSH-10.
 */
export function acknowledge(
  message: Message | null,
  problem: Hl7Problem | null,
  { nowMs, id }: { readonly nowMs: number; readonly id: string },
): string {
  const said = (field: number): string => escaped(message?.head.text(field) ?? '')
  const event = escaped(message?.header.event ?? '')
  const head = ['MSH', '^~\\&', said(5), said(6), said(3), said(4), stamp(nowMs), '']
  const kind = event === '' ? 'ACK' : `ACK^${event}^ACK`
  const rest = [kind, escaped(id), said(11) || 'P', said(12) || '2.5.1', '', '', '', '', '', 'UNICODE UTF-8']
  const segments = [
    [...head, ...rest].join('|'),
    `MSA|${problem?.ack ?? 'AA'}|${escaped(message?.header.controlId ?? '')}`,
  ]
  if (problem !== null) {
    const { code, words, location, message: told } = problem
    segments.push(`ERR||${location}|${code}^${words}^HL70357|E||||${escaped(told)}`)
  }
  return `${segments.join('\r')}\r`
}
