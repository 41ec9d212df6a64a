import { main as run } from '@medguard/device/command'

export async function main(args: readonly string[]): Promise<void> {
  process.exitCode = await run(args)
}
