import { main } from '@medguard/cli'
import { createInterface } from 'node:readline'
import type { HostAnswer } from './hosted-command.ts'

// `medguard` as it is, one command after the other in one process: a line of JSON with the arguments of each comes in, and one with what it said goes out.

const { stdout, stderr } = process
const answer = stdout.write.bind(stdout)

for await (const line of createInterface({ input: process.stdin })) {
  const said: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] }
  const keep = (stream: 'stdout' | 'stderr') => (data: string | Uint8Array) => said[stream].push(Buffer.from(data)) > 0
  Object.assign(stdout, { write: keep('stdout') })
  Object.assign(stderr, { write: keep('stderr') })
  const code = await main(JSON.parse(line) as string[])
  const text = (stream: 'stdout' | 'stderr') => Buffer.concat(said[stream]).toString('base64')
  answer(`${JSON.stringify({ code, stdout: text('stdout'), stderr: text('stderr') } satisfies HostAnswer)}\n`)
}
