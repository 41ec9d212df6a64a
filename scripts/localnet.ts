import { main as run } from '@medguard/localnet/start'

/** `npm run localnet -- start …` */
export async function main(args: readonly string[]): Promise<void> {
  process.exitCode = await run(args)
}
