import { runBin, stopToolsOnSignal } from './run-tool.ts'

export interface Check {
  readonly name: string
  readonly group: 'lint' | 'format' | 'types'
  /** Path of the program under `node_modules`. */
  readonly bin: string
  readonly args: readonly string[]
}

export const CHECKS: readonly Check[] = [
  { name: 'lint', group: 'lint', bin: 'oxlint/bin/oxlint', args: ['--type-aware'] },
  { name: 'format', group: 'format', bin: 'oxfmt/bin/oxfmt', args: ['--check', '.'] },
  { name: 'types: all but canisters', group: 'types', bin: 'typescript/bin/tsc', args: ['-p', '.'] },
  { name: 'types: canisters', group: 'types', bin: 'typescript/bin/tsc', args: ['-p', 'canisters'] },
  {
    name: 'types: our declaration of Azle',
    group: 'types',
    bin: 'typescript/bin/tsc',
    args: ['-p', 'canisters/shared/drift'],
  },
]

/** Runs one check. @returns what it had to say, or null when all is well. */
export async function runCheck({ bin, args }: Check): Promise<string | null> {
  const { code, output } = await runBin(bin, args, { output: 'keep' })
  return code === 0 ? null : output
}

/** `npm run check`: exit code 1 when anything is found. */
export async function main(): Promise<void> {
  stopToolsOnSignal()
  for (const check of CHECKS) {
    const findings = await runCheck(check)
    console.log(`${findings === null ? 'ok    ' : 'FAILED'}  ${check.name}`)
    if (findings === null) continue
    console.log(findings)
    process.exitCode = 1
  }
}
