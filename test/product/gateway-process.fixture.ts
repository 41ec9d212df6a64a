import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Ed25519KeyIdentity } from '@dfinity/identity'
import { openPatientTable, type PatientTable } from '@medguard/gateway'
import { exportJWK, generateKeyPair } from 'jose'

// The gateway as the process that an institution runs: it can be killed at each thing that it does, its disk filled and its clock put back.

const BIN = join(import.meta.dirname, '../../src/gateway/bin/medguard-gateway.mjs')

/**
 * `open`: any change to a file before it is ready. The others are counted from then on: `write`, half-way through one; `sync`, when what was written is not on the disk yet; `answer`, when an acknowledgement
 * is about to go out; `ask` and `told`, before a question to the network and after its answer.
 */
export const MOMENTS = ['open', 'write', 'sync', 'answer', 'ask', 'told'] as const
export interface Death {
  readonly moment: (typeof MOMENTS)[number]
  /** How many of these it survives. */
  readonly after: number
}
/** What is wrong with its machine. */
export interface Machine {
  readonly isFull?: boolean
  readonly clockMs?: number
}

/** Loaded before the gateway. At the moment that was asked for the process is gone, as by `kill -9`. */
const HOOK = `
import files from 'node:fs/promises'
import { Socket } from 'node:net'
import { syncBuiltinESMExports } from 'node:module'
const { moment, after } = JSON.parse(process.env.DEATH)
let [left, isReady, machine] = [after, false, {}]
const die = () => process.kill(process.pid, 'SIGKILL')
const isLast = (what) => moment === (isReady ? what : 'open') && left-- === 0
const step = (what) => { if (isLast(what)) die() }
const { open, rename } = files
files.open = async (path, flags, mode) => {
  const file = await open(path, flags, mode)
  const { write, datasync } = file
  file.write = async (bytes, from, length, position) => {
    const half = () => write.call(file, bytes, from, length >> 1, position)
    if (isLast('write')) { await half(); die() }
    if (machine.isFull) { await half(); throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' }) }
    return write.call(file, bytes, from, length, position)
  }
  file.datasync = async () => { step('sync'); return datasync.call(file) }
  return file
}
files.rename = async (from, to) => { step('rename'); return rename(from, to) }
syncBuiltinESMExports()
const { write } = Socket.prototype
Socket.prototype.write = function (bytes, ...rest) {
  if (bytes[0] === 0x0b) step('answer')
  return write.call(this, bytes, ...rest)
}
const { fetch, Date: Clock } = globalThis
globalThis.fetch = async (...asked) => {
  if (isReady) step('ask')
  const answer = await fetch(...asked)
  if (isReady) step('told')
  return answer
}
const nowMs = () => Clock.now() + (machine.clockMs ?? 0)
globalThis.Date = class extends Clock {
  constructor(...parts) { if (parts.length === 0) super(nowMs()); else super(...parts) }
  static now() { return nowMs() }
}
process.on('message', (told) => { machine = told; process.send(told) })
process.channel.unref()
const say = process.stdout.write
process.stdout.write = (...said) => { isReady = true; return say.apply(process.stdout, said) }
`

export interface GatewayProcess {
  readonly hl7v2Port: number
  readonly url: string
  /** Resolves when it is gone: the signal that ended it, or its code. */
  readonly ended: Promise<string | number | null>
  /** Puts its machine into this state. */
  set(machine: Machine): Promise<void>
  /** Messages that wait in its spool, and in quarantine. */
  waiting(): Promise<{ readonly spool: number; readonly quarantine: number }>
  /** Lets it end by itself. */
  stop(): Promise<void>
}
export interface GatewayFolder {
  readonly principal: string
  /** Works on its table of patients while no process runs. */
  table(work: (patients: PatientTable) => Promise<void>): Promise<void>
  /** @returns null when it died before it was ready. */
  start(death?: Death): Promise<GatewayProcess | null>
  remove(): Promise<void>
}

/** @param hl7v2 of its configuration, beside what it needs. */
export async function gatewayFolder(
  network: string,
  hl7v2: { readonly waitingMax?: number } = {},
): Promise<GatewayFolder> {
  const folder = mkdtempSync(join(tmpdir(), 'medguard-gateway-'))
  const [identity, keyFile, hook, config] = ['identity.json', 'sealing-key', 'hook.mjs', 'gateway.json'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string]
  const [seed, key] = [randomBytes(32), randomBytes(32)]
  const { publicKey } = await generateKeyPair('ES384')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES384' }
  writeFileSync(identity, JSON.stringify({ seed: seed.toString('hex') }), { mode: 0o600 })
  writeFileSync(keyFile, key.toString('hex'), { mode: 0o600 })
  writeFileSync(hook, HOOK)
  const http = { port: 0, clients: [{ clientId: 'ehr', jwks: { keys: [jwk] }, scopes: ['staff'] }] }
  const dataFolder = join(folder, 'data')
  writeFileSync(config, JSON.stringify({ network, identity, dataFolder, http, hl7v2: { port: 0, keyFile, ...hl7v2 } }))
  const running = new Set<ChildProcess>()
  return {
    principal: Ed25519KeyIdentity.generate(new Uint8Array(seed)).getPrincipal().toText(),
    async table(work) {
      const patients = await openPatientTable(join(dataFolder, 'hl7v2'), new Uint8Array(key))
      try {
        await work(patients)
      } finally {
        await patients.close()
      }
    },
    async start(death) {
      const child = spawn(process.execPath, [BIN, '--config', config], {
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        env: {
          ...process.env,
          NODE_OPTIONS: `--import ${hook}`,
          DEATH: JSON.stringify(death ?? { moment: 'never', after: 0 }),
        },
      })
      running.add(child)
      const started = await readyOf(child)
      void started?.ended.finally(() => running.delete(child))
      return started
    },
    async remove() {
      for (const child of running) {
        child.kill('SIGKILL')
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
      }
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function readyOf(child: ChildProcess): Promise<GatewayProcess | null> {
  const { stdout, stderr } = child
  if (stdout === null || stderr === null) throw new Error('started without pipes')
  let errors = ''
  stderr.on('data', (data: Buffer) => (errors += data.toString()))
  const ended = once(child, 'exit').then(([code, signal]) => (signal ?? code) as string | number | null)
  const line = await Promise.race([once(createInterface({ input: stdout }), 'line'), ended])
  if (line === 'SIGKILL') return null
  if (!Array.isArray(line)) throw new Error(`the gateway ended with ${String(line)}: ${errors}`)
  const { url, hl7v2Port } = JSON.parse(String(line[0])) as { url: string; hl7v2Port: number }
  return {
    url,
    hl7v2Port,
    ended,
    async set(machine) {
      const isSet = once(child, 'message')
      child.send(machine)
      await isSet
    },
    async waiting() {
      const text = await (await fetch(`${url}/metrics`)).text()
      const count = (where: string) =>
        Number(new RegExp(`messages_waiting\\{where="${where}"\\} (\\d+)`).exec(text)?.[1] ?? Number.NaN)
      return { spool: count('spool'), quarantine: count('quarantine') }
    },
    async stop() {
      child.kill('SIGTERM')
      const how = await ended
      if (how !== 0) throw new Error(`the gateway ended with ${String(how)}: ${errors}`)
    },
  }
}
