import { createReadStream } from 'node:fs'
import { access, constants } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { lockFolder } from '@medguard/client/node'
import { toHex } from '@medguard/protocol'
import type { Reading } from '@medguard/readings'
import type { Device } from '../device.ts'
import { DeviceFault } from '../fault.ts'
import { sendAll } from '../sending.ts'
import { simulate } from '../simulate.ts'
import type { DeviceStore } from '../store.ts'
import { openFolder } from './folder.ts'
import { type Line, linesOf } from './lines.ts'
import { openPaired, ownKey, pair } from './paired.ts'
import { stream, type Told } from './stream.ts'
import { EXIT, FAULT_EXIT, USAGE, waitingWords } from './words.ts'

class UsageError extends Error {
  override readonly name = 'UsageError'
}

const OPTIONS = {
  state: { type: 'string' },
  https: { type: 'boolean' },
  gateway: { type: 'string' },
  source: { type: 'string' },
  every: { type: 'string' },
  simulate: { type: 'string' },
  count: { type: 'string' },
  pace: { type: 'string' },
  'no-wait': { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const

const parse = (argv: readonly string[]) =>
  parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true })
type Options = ReturnType<typeof parse>['values']

interface Context {
  readonly store: DeviceStore
  readonly subject: string
  readonly options: Options
  readonly signal: AbortSignal
}
interface CommandAnswer {
  readonly value: unknown
  readonly words: string
  readonly code?: number
}

/** Runs one command. Answers go to standard output, what it waits for and what is wrong to standard error. */
export async function main(argv: readonly string[]): Promise<number> {
  const wantsJson = argv.includes('--json')
  try {
    const { positionals, values: options } = parse(argv)
    const [name = '', subject, ...rest] = positionals
    if (options.help === true || argv.length === 0) {
      process.stdout.write(`${USAGE}\n`)
      return EXIT.done
    }
    const command = COMMANDS[name]
    if (command === undefined) throw new UsageError(`no such command: ${name}`)
    if (rest.length > 0 || command.takes !== (subject !== undefined))
      throw new UsageError(`${name} takes ${command.takes ? 'one argument' : 'no argument'}`)
    return await locked(options, async (store, signal) => {
      const { value, words, code } = await command.run({ store, subject: subject ?? '', options, signal })
      if (value !== undefined) process.stdout.write(wantsJson ? `${JSON.stringify(value)}\n` : `${words}\n`)
      return code ?? EXIT.done
    })
  } catch (error) {
    const { kind, words, code } = explained(error)
    process.stderr.write(
      wantsJson ? `${JSON.stringify({ error: kind, message: words })}\n` : `medguard-device: ${words}\n`,
    )
    return code
  }
}

/** The folder is this process' until it ends. A signal lets it bring what it has to the disk. */
async function locked(
  options: Options,
  work: (store: DeviceStore, signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const path = options.state ?? '.medguard-device'
  // Two would seal two contents under one step of a chain.
  const unlock = await lockFolder(path, 'medguard-device')
  if (unlock === null) throw new DeviceFault('InUse', `another medguard-device works with ${path}`)
  const store = await openFolder(path)
  const over = new AbortController()
  const stop = (): void => over.abort()
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  try {
    return await work(store, over.signal)
  } finally {
    process.off('SIGTERM', stop)
    process.off('SIGINT', stop)
    process.stdin.destroy() // somebody may still hold its other end, and it would hold this process
    await unlock()
  }
}

const COMMANDS: Readonly<
  Record<string, { readonly takes: boolean; run: (context: Context) => Promise<CommandAnswer> }>
> = {
  key: {
    takes: false,
    async run({ store }) {
      const publicKey = toHex(await ownKey(store))
      return { value: { publicKey }, words: publicKey }
    },
  },
  pair: {
    takes: true,
    async run({ store, subject, options, signal }) {
      const code = subject === '-' ? await unlessStopped(signal, text(process.stdin)) : subject
      const { deviceId, publicKey } = await pair(store, code)
      const { device } = await opened(store, options)
      const asked = await device.ask()
      const id = toHex(deviceId)
      const seen = asked.kind === 'standing' ? asked.standing.state : asked.why
      const words =
        asked.kind === 'standing' ? `it is ${seen}` : `it could not be asked how it stands: ${waitingWords(seen)}`
      return {
        value: { deviceId: id, publicKey: toHex(publicKey), seen },
        words: `paired as device ${id.slice(0, 8)}; ${words}`,
      }
    },
  },
  status: {
    takes: false,
    async run({ store, options }) {
      const { device, pairing } = await opened(store, options)
      const [backlog, asked] = [await device.backlog(), await device.ask()]
      const deviceId = toHex(pairing.deviceId)
      const seen = asked.kind === 'standing' ? asked.standing.state : asked.why
      const words = [
        `device ${deviceId.slice(0, 8)}, for ${pairing.url}`,
        backlog.batches === 0 ? 'nothing waits' : `${backlog.batches} batches wait, ${backlog.sizeBytes} bytes`,
        asked.kind === 'standing' ? `the service sees it as ${seen}` : waitingWords(seen),
      ]
      return { value: { deviceId, waiting: backlog, seen }, words: words.join('\n') }
    },
  },
  post: {
    takes: true,
    async run({ store, subject, options, signal }) {
      const { device, source } = await opened(store, options)
      const readings = await unlessStopped(signal, readAll(await inputOf(subject), source))
      const batches = await device.keep(readings)
      const isLeft = await (options['no-wait'] === true ? tryOnce(device) : sendPatiently(device, signal))
      const waiting = (await device.backlog()).batches
      return {
        value: { readings: readings.length, batches, waiting },
        words: `${readings.length} readings are sealed, in ${batches} ${batches === 1 ? 'batch' : 'batches'}; ${waiting === 0 ? 'all are posted' : `${waiting} batches wait here`}`,
        code: isLeft ? EXIT.network : EXIT.done,
      }
    },
  },
  stream: {
    takes: false,
    async run({ store, options, signal }) {
      const { device, source } = await opened(store, options)
      const tell = (told: Told): void => void process.stdout.write(`${JSON.stringify(told)}\n`)
      const everyMs = secondsOf(options.every ?? '60') * 1000
      const lines = options.simulate === undefined ? linesOf(process.stdin, source) : simulated(options, tell)
      await stream(device, lines, {
        everyMs,
        tell,
        signal,
        isFinished: options['no-wait'] !== true,
      })
      return { value: undefined, words: '' }
    },
  },
}

async function opened(store: DeviceStore, options: Options) {
  if (options.gateway !== undefined && !URL.canParse(options.gateway)) throw new UsageError('--gateway is an origin')
  const { device, pairing } = await openPaired(store, { https: options.https === true, gateway: options.gateway })
  const name = options.source ?? `Device ${toHex(pairing.deviceId).slice(0, 8)}`
  const source = () => {
    const now = new Date()
    return { device: name, nowMs: now.getTime(), offsetMinutes: -now.getTimezoneOffset() }
  }
  return { device, pairing, source }
}

function secondsOf(option: string): number {
  const seconds = Number(option)
  if (!(seconds > 0) || seconds > 86_400) throw new UsageError('--every takes seconds, up to a day')
  return seconds
}

const COUNT_MAX = 100_000

async function* simulated(options: Options, tell: (told: Told) => void): AsyncGenerator<Line> {
  const numbers = [options.simulate, options.count ?? '288', options.pace ?? '0'].map(Number)
  const [seed = 0, count = 0, paceMs = 0] = numbers
  if (!numbers.every((each) => Number.isSafeInteger(each) && each >= 0) || count > COUNT_MAX)
    throw new UsageError('--simulate, --count and --pace are whole numbers')
  let number = 0
  for (const each of simulate({ seed, count })) {
    if (each.kind === 'measured') tell({ truth: each.truth })
    else yield { number: ++number, reading: each.reading }
    if (paceMs > 0) await delay(paceMs)
  }
}

async function inputOf(path: string): Promise<Readable> {
  if (path === '-') return process.stdin
  try {
    await access(path, constants.R_OK)
  } catch {
    throw new UsageError(`cannot read ${path}`)
  }
  return createReadStream(path)
}

/** What is read, unless a signal comes before its end. */
const unlessStopped = <T>(signal: AbortSignal, reading: Promise<T>): Promise<T> =>
  Promise.race([
    reading,
    new Promise<never>((_, reject) => {
      const stop = () => reject(new DeviceFault('Stopped', 'stopped before all was read: nothing was kept'))
      signal.addEventListener('abort', stop, { once: true })
    }),
  ])

const PROBLEMS_SHOWN = 5

/** All, or none of them: a file with a mistake is put right and posted as a whole. */
async function readAll(input: Readable, source: Parameters<typeof linesOf>[1]): Promise<Reading[]> {
  const readings: Reading[] = []
  const problems: string[] = []
  for await (const line of linesOf(input, source)) {
    if ('problem' in line) problems.push(`line ${line.number}: ${line.problem}`)
    else readings.push(line.reading)
  }
  if (problems.length > 0) {
    const more = problems.length > PROBLEMS_SHOWN ? `, and ${problems.length - PROBLEMS_SHOWN} more` : ''
    throw new UsageError(`nothing was kept: ${problems.slice(0, PROBLEMS_SHOWN).join(', ')}${more}`)
  }
  return readings
}

const note = (why: string): void => void process.stderr.write(`waiting: ${waitingWords(why)}\n`)

async function sendPatiently(device: Device, signal: AbortSignal): Promise<boolean> {
  await sendAll(device, { signal, onWait: note })
  return signal.aborted
}

/** @returns whether something was left. */
async function tryOnce(device: Device): Promise<boolean> {
  for (;;) {
    const sent = await device.send()
    if (sent.kind === 'later') note(sent.why)
    if (sent.kind !== 'kept') return sent.kind === 'later'
  }
}

function explained(error: unknown): { readonly kind: string; readonly words: string; readonly code: number } {
  if (error instanceof UsageError || isOptionError(error))
    return { kind: 'usage', words: `${error.message}\nSee: medguard-device --help`, code: EXIT.usage }
  if (error instanceof DeviceFault) return { kind: error.code, words: error.message, code: FAULT_EXIT[error.code] }
  // The stack holds places in our code, never a reading.
  const words = `a bug, please report it:\n${error instanceof Error ? error.stack : String(error)}`
  return { kind: 'bug', words, code: EXIT.bug }
}

const isOptionError = (error: unknown): error is Error =>
  error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
