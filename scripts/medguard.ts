import { main as run } from '@medguard/cli'

/** `npm run -s medguard -- COMMAND …` */
export async function main(args: readonly string[]): Promise<void> {
  process.exitCode = await run(args)
}
