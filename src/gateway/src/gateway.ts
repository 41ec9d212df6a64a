import { createClient } from '@medguard/client'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { GatewayConfig } from './config/config.ts'
import { readIdentity, readNamed, readNetwork, readSealingKey, sealingKeyOf } from './config/identity.ts'
import { authorKeyIn } from './config/author-key.ts'
import { startCreates } from './creates/creates.ts'
import { createHandlers } from './http/handlers.ts'
import { createServer } from './http/server.ts'
import { failureOf, toStandardError, type WriteLine } from './log-lines.ts'
import { createCreatesDesk } from './creates/creates-desk.ts'
import { createDesk } from './messages/desk.ts'
import { startMessages } from './messages/messages.ts'
import { createMetrics } from './metrics.ts'
import { createExports } from './operations/exporting.ts'
import { isLive } from './patients/grants.ts'
import { createOnItsWay } from './patients/on-its-way.ts'
import { valueOf } from './patients/outcomes.ts'
import { createVaults } from './patients/vaults.ts'
import { createVersions } from './repository/versions.ts'
import { createWriter } from './repository/writing.ts'
import { loadDefinitions } from './search/definitions.ts'
import { createAssertions } from './smart/assertions.ts'
import { createTokens } from './smart/tokens.ts'

export interface Gateway {
  /** `http://127.0.0.1:8443` */
  readonly url: string
  /** Share code of the institution's gateway: what patients share with. */
  readonly principal: string
  /** Where messages of HL7 v2 come in; null where they do not. */
  readonly hl7v2Port: number | null
  /** Answers what is under way, and nothing more; then forgets every key and everything that was open. */
  close(): Promise<void>
}

const SWEEP_MS = 10_000

/** What a gateway would find, without serving or changing anything. */
export interface Check {
  readonly principal: string
  /** Whether it has started before. */
  readonly isEnrolled: boolean
  readonly patients: number
}

/** Reads all that the configuration names and asks the network once. @throws ConfigError, Fault, Refuse. */
export async function checkGateway({ identity, network, http, hl7v2 }: GatewayConfig): Promise<Check> {
  const client = createClient({ identity: readIdentity(identity), network: readNetwork(network) })
  try {
    for (const [place, path] of Object.entries({ ...http.tls, ...hl7v2?.tls })) readNamed(place, path)
    if (hl7v2 !== null) readSealingKey(hl7v2.keyFile)
    const account = valueOf(await client.account())
    const nowNs = BigInt(Date.now()) * 1_000_000n
    const live = valueOf(await client.sharesReceived()).filter((share) => isLive(share, nowNs))
    const patients = new Set(live.map(({ patientId }) => patientId)).size
    return { principal: client.principal, isEnrolled: account !== null, patients }
  } finally {
    client.lock()
  }
}

/** What an institution runs: FHIR at its edge, decrypting locally, in memory. @throws ConfigError, Fault, Refuse. */
export async function startGateway(config: GatewayConfig, write: WriteLine = toStandardError): Promise<Gateway> {
  const nowMs = () => Date.now()
  const identity = readIdentity(config.identity)
  const network = readNetwork(config.network)
  mkdirSync(config.dataFolder, { recursive: true, mode: 0o700 })
  const client = createClient({ identity, network, authors: authorKeyIn(config.dataFolder) })
  // What it stores is signed by it: whoever reads it elsewhere sees who said it.
  valueOf(await client.enrol())
  valueOf(await client.addAuthorKey())
  loadDefinitions()

  const onItsWay = createOnItsWay(client.principal)
  const vaults = createVaults(client, nowMs, onItsWay)
  const tokens = createTokens()
  const metrics = createMetrics()
  const startedMs = nowMs()
  const onBug = (error: unknown) => write({ event: 'failed', ...failureOf(error) })
  const creates = await startCreates({
    folder: join(config.dataFolder, 'creates'),
    key: sealingKeyOf(identity),
    client,
    vaults,
    onItsWay,
    nowMs,
    onBug,
  })
  const messages =
    config.hl7v2 === null
      ? null
      : await startMessages(config.hl7v2, {
          client,
          dataFolder: config.dataFolder,
          onAnswer: ({ ack }) => metrics.acknowledged(ack),
          onBug,
        }).catch(async (error: unknown) => {
          await creates.close()
          throw error
        })
  let origin = config.http.publicUrl ?? ''
  const handlers = createHandlers({
    client,
    parts: { vaults, writer: createWriter(client, vaults, creates, onItsWay), versions: createVersions(client) },
    exports: createExports(client, vaults),
    creates: createCreatesDesk(creates, vaults),
    desk: messages === null ? null : createDesk(messages, vaults),
    assertions: createAssertions(config.http.clients, startedMs),
    tokens,
    metrics,
    origin: () => origin,
    startedMs,
    nowMs,
  })
  const app = createServer(config.http, handlers, { tokens, metrics, write, nowMs })
  const address = await app.listen({ host: config.http.host, port: config.http.port })
  if (origin === '') origin = address
  const sweep = setInterval(() => void vaults.sweep().catch(() => vaults.close()), SWEEP_MS).unref()
  write({ event: 'started' })
  return {
    url: origin,
    principal: client.principal,
    hl7v2Port: messages?.port ?? null,
    async close() {
      write({ event: 'stopping' })
      clearInterval(sweep)
      await app.close()
      await Promise.all([creates.close(), messages?.close()])
      vaults.close()
      client.lock()
      write({ event: 'stopped' })
    },
  }
}
