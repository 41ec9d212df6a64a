import { main as run } from '@medguard/gateway'

export async function main(args: readonly string[]): Promise<void> {
  process.exitCode = await run(args)
}
