import { t } from '../words/language.ts'

const stamp = (ms: number) => new Date(ms).toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
const escaped = (text: string) => text.replaceAll(/[\\;,]/g, '\\$&')

/**
 * A calendar entry (RFC 5545) for the moment when a share ends, with a reminder a day before. It says nothing of whom or what: calendars are read by their
 * makers, and by colleagues.
 * @param id a number of its own
 */
export function endInCalendar(endMs: number, nowMs: number, id: string = crypto.randomUUID()): string {
  const says = escaped(t('calendar.summary'))
  return [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//MedGuard//share//EN',
    'BEGIN:VEVENT',
    `UID:${id}`,
    `DTSTAMP:${stamp(nowMs)}`,
    `DTSTART:${stamp(endMs)}`,
    `SUMMARY:${says}`,
    'BEGIN:VALARM',
    'ACTION:DISPLAY',
    'TRIGGER:-P1D',
    `DESCRIPTION:${says}`,
    'END:VALARM',
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ].join('\r\n')
}
