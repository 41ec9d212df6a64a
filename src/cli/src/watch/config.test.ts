import { expect, test } from 'vitest'
import { UsageError } from '../exit-code.ts'
import { parseConfig } from './config.ts'
import { KINDS, LANGUAGES, textOf } from './texts.ts'

const SECRET = `whsec_${Buffer.alloc(24, 1).toString('base64')}`
const mail = { host: 'mail.test', port: 465, security: 'tls', from: 'watch@clinic.test' }
const nurse = { who: 'nurse', mail: 'nurse@clinic.test' }
const hook = (webhook: object) => [{ who: 'nurse', webhook: { url: 'https://hook.test/', secret: SECRET, ...webhook } }]
const good = { of: 'shared', people: [nurse], mail }
const parsed = (config: unknown) =>
  parseConfig(typeof config === 'string' ? config : JSON.stringify(config), {
    folder: '/etc/medguard',
    resolveWho: (who) => `principal of ${who}`,
  })

test('what the file does not say is once, each day, within ten minutes, and nothing of the patient', () => {
  expect(parsed(good)).toMatchObject({
    kinds: ['vitals'],
    others: 'tell',
    people: [{ who: ['principal of nurse'], channels: [{ kind: 'mail', language: 'en', to: 'nurse@clinic.test' }] }],
    nameDevice: false,
    repeatMinutes: null,
    heartbeatHours: 24,
    blindMinutes: 10,
    link: null,
  })
  expect(parsed({ ...good, people: [{ ...nurse, who: ['nurse', 'phone'] }] }).people[0]?.who).toEqual([
    'principal of nurse',
    'principal of phone',
  ])
  expect(parsed({ ...good, people: hook({ url: 'http://127.0.0.1:8080/' }) }).people[0]?.channels).toHaveLength(1)
})

test.each<[place: string, config: unknown]>([
  ['the file is not JSON', '{'],
  ['the file', []],
  ['the file', { ...good, peple: [] }],
  ['of', { ...good, of: 'all' }],
  ['kinds', { ...good, kinds: ['weather'] }],
  ['people', { ...good, people: [] }],
  ['people', { ...good, people: [nurse, { ...nurse, who: 'doctor' }] }],
  ['people[0]', { ...good, people: [{ who: 'nurse' }] }],
  ['people[0].who', { ...good, people: [{ ...nurse, who: 7 }] }],
  ['people[0].who', { ...good, people: [{ ...nurse, who: [] }] }],
  ['people[0].who', { ...good, people: [{ ...nurse, who: ['nurse', 7] }] }],
  ['people[0].language', { ...good, people: [{ ...nurse, language: 'xx' }] }],
  ['people[0].mail', { ...good, people: [{ ...nurse, mail: 'a@b.test, c@d.test' }] }],
  ['people[0].mail', { ...good, people: [{ ...nurse, mail: 'a@b.test\r\nBcc: c@d.test' }] }],
  ['people[0].webhook.url', { ...good, people: hook({ url: 'http://hook.test/' }) }],
  ['people[0].webhook.url', { ...good, people: hook({ url: 'https://me:secret@hook.test/' }) }],
  ['people[0].webhook.secret', { ...good, people: hook({ secret: 'whsec_c2hvcnQ=' }) }],
  ['mail', { ...good, mail: undefined }],
  ['mail.port', { ...good, mail: { ...mail, port: 70_000 } }],
  ['mail.security', { ...good, mail: { ...mail, security: 'none' } }],
  ['mail.from', { ...good, mail: { ...mail, from: 'Clinic <watch@clinic.test>' } }],
  ['mail.password', { ...good, mail: { ...mail, user: 'watch' } }],
  ['mail.authority', { ...good, mail: { ...mail, authority: 'none.pem' } }],
  ['link', { ...good, link: 'javascript:alert(1)' }],
  ['nameDevice', { ...good, nameDevice: 'yes' }],
  ['repeatMinutes', { ...good, repeatMinutes: 0 }],
])('says that %s is wrong', (place, config) => {
  expect(() => parsed(config)).toThrow(UsageError)
  expect(() => parsed(config)).toThrow(`watch: ${place}`)
})

test('that some cannot be read stands in the place of that nothing can, and beside that the watch runs', () => {
  const message = { id: 'x', count: 0, isAgain: false, isPartly: true, devices: [], link: null }
  for (const language of LANGUAGES) {
    const [blind, partly, beat] = [
      textOf({ ...message, kind: 'blind', isPartly: false }, language).text.split('\n'),
      textOf({ ...message, kind: 'blind' }, language).text.split('\n'),
      textOf({ ...message, kind: 'heartbeat' }, language).text.split('\n'),
    ]
    expect(partly).not.toContain(blind[0])
    expect(beat[1]).toBe(partly[0])
  }
})

test('every message says in every language that it is no medical alarm, and a name of a device changes nothing but its line', () => {
  for (const language of LANGUAGES)
    for (const kind of KINDS) {
      const message = { kind, id: 'x', count: 1, isAgain: true, isPartly: false, devices: ["$' {{name}}"], link: null }
      const { subject, text } = textOf(message, language)
      expect(subject).toContain('MedGuard')
      expect(text).toContain("$' {{name}}\n")
      expect(text.trimEnd().split('\n').at(-1)).toBe(
        textOf({ ...message, kind: 'look' }, language)
          .text.trimEnd()
          .split('\n')
          .at(-1),
      )
    }
})
