import { CATEGORIES, type Category } from '@medguard/client'
import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { UsageError } from '../exit-code.ts'
import { isLanguage, type Language } from './texts.ts'

/** What `medguard watch` is told by a file of its owner: whose readings, who is to hear of alerts, and how. */
export interface WatchConfig {
  /** One's own readings, or those that others share with this account. */
  readonly of: 'own' | 'shared'
  readonly kinds: readonly Category[]
  readonly people: readonly WatchPerson[]
  /** Whether people of this list are told while somebody is on duty who is not on it. */
  readonly others: 'tell' | 'leave'
  readonly server: MailServer | null
  /** Where MedGuard is opened; null: messages have no link. */
  readonly link: string | null
  readonly nameDevice: boolean
  /** Null: each is told once. */
  readonly repeatMinutes: number | null
  readonly heartbeatHours: number
  readonly blindMinutes: number
}
export interface WatchPerson {
  /** Principals: of each sign-in that this person goes on duty by. */
  readonly who: readonly string[]
  readonly channels: readonly Channel[]
}
interface Reached {
  /** The same for the same address, over restarts. */
  readonly name: string
  readonly language: Language
}
export type Channel =
  | (Reached & { readonly kind: 'mail'; readonly to: string })
  | (Reached & { readonly kind: 'webhook'; readonly url: string; readonly secret: Uint8Array })
export interface MailServer {
  readonly host: string
  readonly port: number
  /** `none` to this very machine only. */
  readonly security: 'tls' | 'starttls' | 'none'
  readonly user: string | null
  readonly password: string | null
  readonly from: string
  /** PEM of who signed its certificate; null: those that the system trusts. */
  readonly authority: string | null
}

const PEOPLE_MAX = 50
const SIGN_INS_MAX = 20
const SECRET_MIN_BYTES = 24
const MINUTES_MAX = 10_080
const OTHERS_MODE = 0o077
/** One address, nothing that could add a header or another recipient. */
const ADDRESS = /^[^\s@<>,;:"()[\]\\]{1,64}@[A-Za-z0-9.-]{1,190}$/
const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[?::1\]?)$/
const STANDARD_SECRET = /^whsec_([A-Za-z0-9+/]+={0,2})$/

/** @param resolveWho gives the principal of a share code or of a name on this machine. @throws UsageError */
export function readConfig(path: string, resolveWho: (who: string) => string): WatchConfig {
  let text: string
  try {
    if (process.platform !== 'win32' && (statSync(path).mode & OTHERS_MODE) !== 0)
      throw new UsageError(`others can read ${path}, which may hold passwords: chmod 600 ${path}`)
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`${path} cannot be read`, { cause: error })
  }
  return parseConfig(text, { folder: dirname(resolve(path)), resolveWho })
}

interface Around {
  /** Paths in the file start from there. */
  readonly folder: string
  readonly resolveWho: (who: string) => string
}

/** @throws UsageError that names the place. */
export function parseConfig(text: string, { folder, resolveWho }: Around): WatchConfig {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (error) {
    throw new UsageError('watch: the file is not JSON', { cause: error })
  }
  const file = fieldsOf(json, 'the file', [
    'of',
    'kinds',
    'people',
    'others',
    'mail',
    'link',
    'nameDevice',
    'repeatMinutes',
    'heartbeatHours',
    'blindMinutes',
  ])
  const server = file['mail'] === undefined ? null : serverOf(file['mail'], folder)
  const people = listOf(file['people'], 'people', PEOPLE_MAX).map((each, i) =>
    personOf(each, `people[${i}]`, { resolveWho, hasMail: server !== null }),
  )
  const names = people.flatMap(({ channels }) => channels.map(({ name }) => name))
  expect(new Set(names).size === names.length, 'people', 'an address is named twice')
  const link = file['link'] === undefined ? null : urlOf(file['link'], 'link')
  const { nameDevice = false } = file
  expect(typeof nameDevice === 'boolean', 'nameDevice', 'true or false')
  return {
    of: oneOf(file['of'], ['own', 'shared'], 'of'),
    kinds: listOf(file['kinds'] ?? ['vitals'], 'kinds', CATEGORIES.length).map((kind) =>
      oneOf(kind, CATEGORIES, 'kinds'),
    ),
    people,
    others: oneOf(file['others'] ?? 'tell', ['tell', 'leave'], 'others'),
    server,
    link,
    nameDevice,
    repeatMinutes: file['repeatMinutes'] === undefined ? null : numberOf(file['repeatMinutes'], 'repeatMinutes'),
    heartbeatHours: numberOf(file['heartbeatHours'] ?? 24, 'heartbeatHours'),
    blindMinutes: numberOf(file['blindMinutes'] ?? 10, 'blindMinutes'),
  }
}

function personOf(json: unknown, place: string, around: Pick<Around, 'resolveWho'> & { readonly hasMail: boolean }) {
  const { who, mail, webhook, language = 'en' } = fieldsOf(json, place, ['who', 'mail', 'webhook', 'language'])
  const signIns = (Array.isArray(who) ? listOf(who, `${place}.who`, SIGN_INS_MAX) : [who]).map((each) => {
    expect(
      typeof each === 'string',
      `${place}.who`,
      'a share code, the name of an identity on this machine, or several',
    )
    return around.resolveWho(each)
  })
  expect(typeof language === 'string' && isLanguage(language), `${place}.language`, 'en, cs or ar')
  const channels: Channel[] = []
  if (mail !== undefined) {
    expect(typeof mail === 'string' && ADDRESS.test(mail), `${place}.mail`, 'one address')
    expect(around.hasMail, 'mail', 'a server, since somebody is told by mail')
    channels.push({ kind: 'mail', name: `mail ${mail}`, language, to: mail })
  }
  if (webhook !== undefined) {
    const { url, secret } = fieldsOf(webhook, `${place}.webhook`, ['url', 'secret'])
    const address = urlOf(url, `${place}.webhook.url`)
    const [, base64 = ''] = STANDARD_SECRET.exec(typeof secret === 'string' ? secret : '') ?? []
    const bytes = Uint8Array.from(Buffer.from(base64, 'base64'))
    expect(bytes.length >= SECRET_MIN_BYTES, `${place}.webhook.secret`, 'whsec_ and at least 24 bytes in base64')
    channels.push({ kind: 'webhook', name: `webhook ${address}`, language, url: address, secret: bytes })
  }
  expect(channels.length > 0, place, 'mail, webhook or both')
  return { who: signIns, channels }
}

function serverOf(json: unknown, folder: string): MailServer {
  const { host, port, security, user, password, from, authority } = fieldsOf(json, 'mail', [
    'host',
    'port',
    'security',
    'user',
    'password',
    'from',
    'authority',
  ])
  expect(typeof host === 'string' && host !== '', 'mail.host', 'a name')
  expect(typeof from === 'string' && ADDRESS.test(from), 'mail.from', 'one address')
  expect((user === undefined) === (password === undefined), 'mail.password', 'both user and password, or neither')
  for (const [name, value] of Object.entries({ user, password, authority }))
    expect(value === undefined || typeof value === 'string', `mail.${name}`, 'text')
  const way = oneOf(security, ['tls', 'starttls', 'none'], 'mail.security')
  expect(way !== 'none' || LOOPBACK.test(host), 'mail.security', 'tls or starttls, since it is another machine')
  return {
    host,
    port: numberOf(port, 'mail.port', 65_535),
    security: way,
    user: typeof user === 'string' ? user : null,
    password: typeof password === 'string' ? password : null,
    from,
    authority: typeof authority === 'string' ? readAuthority(resolve(folder, authority)) : null,
  }
}

function readAuthority(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`watch: mail.authority: ${path} cannot be read`, { cause: error })
  }
}

function expect(isRight: boolean, place: string, wanted: string): asserts isRight {
  if (!isRight) throw new UsageError(`watch: ${place}: ${wanted}`)
}

function fieldsOf(json: unknown, place: string, names: readonly string[]): Readonly<Record<string, unknown>> {
  expect(typeof json === 'object' && json !== null && !Array.isArray(json), place, 'an object')
  const foreign = Object.keys(json).find((name) => !names.includes(name))
  expect(foreign === undefined, place, `nobody knows "${foreign}"`)
  return json as Readonly<Record<string, unknown>>
}

function listOf(json: unknown, place: string, max: number): readonly unknown[] {
  expect(Array.isArray(json) && json.length > 0 && json.length <= max, place, `a list of 1 to ${max}`)
  return json
}

function oneOf<T extends string>(json: unknown, all: readonly T[], place: string): T {
  const found = all.find((each) => each === json)
  expect(found !== undefined, place, all.join(', '))
  return found
}

function numberOf(json: unknown, place: string, max = MINUTES_MAX): number {
  expect(typeof json === 'number' && Number.isInteger(json) && json >= 1 && json <= max, place, `1 to ${max}`)
  return json
}

function urlOf(json: unknown, place: string): string {
  const url = typeof json === 'string' && URL.canParse(json) ? new URL(json) : null
  const isFit = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname))
  expect(url !== null && isFit && url.username === '' && url.password === '', place, 'an https address')
  return url.href
}
