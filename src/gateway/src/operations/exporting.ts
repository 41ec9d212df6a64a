import type { MedGuardClient } from '@medguard/client'
import { createHash, randomBytes } from 'node:crypto'
import { badInput, Refuse } from '../faults.ts'
import type { JsonObject } from '../json.ts'
import type { Held } from '../patients/held.ts'
import { valueOf } from '../patients/outcomes.ts'
import type { Vaults } from '../patients/vaults.ts'
import type { Access } from '../repository/access.ts'
import { dateRange } from '../search/date-ranges.ts'
import { isType, TYPES } from '../search/definitions.ts'
import { allows } from '../smart/scopes.ts'

// FHIR Bulk Data Access 2.0. A file is made when it is fetched, out of what is shared at that moment: nothing lies on a disk, and nothing outlives its share.

const JOBS_PER_CLIENT_MAX = 10
const JOB_LIFE_MS = 3_600_000

interface Job {
  readonly clientId: string
  readonly types: readonly string[]
  readonly sinceMs: number | null
  readonly startedMs: number
  readonly request: string
  state: 'running' | 'done' | 'failed'
  counts: ReadonlyMap<string, number>
}

export function createExports(client: Pick<MedGuardClient, 'noteExport'>, vaults: Vaults) {
  const jobs = new Map<string, Job>()

  const resourcesOf = async (
    { types, sinceMs }: Pick<Job, 'types' | 'sinceMs'>,
    read: (some: readonly Held[]) => Promise<void>,
  ) => {
    // One patient after the other: each is opened before the next one is begun.
    const patients = new Set((await vaults.grants()).map(({ patientId }) => patientId))
    for (const patient of patients) {
      const { resources } = await vaults.view([patient])
      await read(
        resources.filter(
          ({ resource: { resourceType, meta } }) =>
            types.includes(resourceType) && (sinceMs === null || Date.parse(meta?.lastUpdated ?? '') >= sinceMs),
        ),
      )
    }
  }

  /** Counts what there is, and tells each patient's log that it is taken out. */
  const run = async (job: Job): Promise<void> => {
    const counts = new Map<string, number>()
    await resourcesOf(job, async (some) => {
      for (const { resource } of some) counts.set(resource.resourceType, (counts.get(resource.resourceType) ?? 0) + 1)
      const lines = new Map<string, string[]>()
      for (const { grantId, record, resource } of some)
        if (record !== null) lines.set(grantId, [...(lines.get(grantId) ?? []), JSON.stringify(resource)])
      for (const [grantId, of] of lines) {
        const sha256 = new Uint8Array(createHash('sha256').update(of.join('\n')).digest())
        valueOf(await client.noteExport(grantId, { sha256, count: of.length }))
      }
    })
    job.counts = counts
  }

  const jobOf = (id: string, { clientId, nowMs }: Pick<Access, 'clientId' | 'nowMs'>): Job => {
    for (const [old, { startedMs }] of jobs) if (nowMs - startedMs > JOB_LIFE_MS) jobs.delete(old)
    const job = jobs.get(id)
    if (job === undefined || job.clientId !== clientId) throw new Refuse(404, 'not-found', 'no such export')
    return job
  }

  return {
    /** @returns the id of the export. */
    start(search: URLSearchParams, access: Access, url: string): string {
      const mine = [...jobs.values()].filter(({ clientId }) => clientId === access.clientId)
      if (mine.length >= JOBS_PER_CLIENT_MAX)
        throw new Refuse(429, 'throttled', 'too many exports: end some', { retryAfterSeconds: 60 })
      const job: Job = {
        clientId: access.clientId,
        ...wantedOf(search, access),
        startedMs: access.nowMs,
        request: url,
        state: 'running',
        counts: new Map(),
      }
      const id = randomBytes(16).toString('hex')
      jobs.set(id, job)
      void run(job).then(
        () => (job.state = 'done'),
        () => (job.state = 'failed'),
      )
      return id
    },
    /** Null while it runs. */
    stateOf(id: string, access: Access): JsonObject | null {
      const job = jobOf(id, access)
      if (job.state === 'running') return null
      if (job.state === 'failed') throw new Refuse(502, 'exception', 'the export failed: begin it again')
      return {
        transactionTime: new Date(job.startedMs).toISOString(),
        request: job.request,
        requiresAccessToken: true,
        output: [...job.counts].map(([type, count]) => ({
          type,
          count,
          url: `${access.baseUrl}/export-jobs/${id}/${type}`,
        })),
        error: [],
      }
    },
    async file(id: string, type: string, access: Access): Promise<string> {
      const job = jobOf(id, access)
      if (job.state !== 'done' || !job.counts.has(type)) throw new Refuse(404, 'not-found', 'no such file')
      if (!allows(access.scopes, type, 'r'))
        throw new Refuse(403, 'forbidden', `no scope of this client covers ${type}.r`)
      const lines: string[] = []
      await resourcesOf(
        { ...job, types: [type] },
        async (some) => void lines.push(...some.map(({ resource }) => JSON.stringify(resource))),
      )
      return lines.length === 0 ? '' : `${lines.join('\n')}\n`
    },
    end(id: string, access: Access): void {
      jobOf(id, access)
      jobs.delete(id)
    },
  }
}
export type Exports = ReturnType<typeof createExports>

function wantedOf(search: URLSearchParams, { scopes }: Access): Pick<Job, 'types' | 'sinceMs'> {
  let types: readonly string[] = TYPES.filter((type) => type !== 'Binary' && allows(scopes, type, 'r'))
  let sinceMs: number | null = null
  for (const [name, value] of search) {
    if (name === '_type') {
      types = value.split(',')
      for (const type of types) {
        if (!isType(type)) throw badInput('_type: a type that is not served here')
        if (!allows(scopes, type, 'r')) throw new Refuse(403, 'forbidden', `no scope of this client covers ${type}.r`)
      }
    } else if (name === '_since') {
      sinceMs = dateRange(value)?.fromMs ?? null
      if (sinceMs === null) throw badInput('_since: not an instant')
    } else if (name !== '_outputFormat' || !value.endsWith('ndjson'))
      throw badInput(`$export does not know ${name.slice(0, 60)} so`)
  }
  if (types.length === 0) throw new Refuse(403, 'forbidden', 'no scope of this client lets it read anything')
  return { types, sinceMs }
}
