// The command, put together from its TypeScript in memory: nothing has to be compiled between packages. The compiler runs in a process of its own and
// the text is small, since what this process keeps for itself it cannot give to a large file.
import { execFileSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

/** @returns {Promise<{ main: (argv: readonly string[]) => Promise<number> }>} */
export async function loadCommand() {
  const require = `import { createRequire as createRequireHere } from 'node:module'; const require = createRequireHere(${JSON.stringify(import.meta.url)});`
  const text = execFileSync(
    createRequire(import.meta.url).resolve('esbuild/bin/esbuild'),
    [
      fileURLToPath(new URL('../src/index.ts', import.meta.url)),
      '--bundle',
      '--platform=node',
      '--format=esm',
      '--target=node20',
      '--minify-whitespace',
      '--minify-syntax',
      '--log-level=error',
      // Its definitions are files: it is put together when it is asked for.
      `--alias:@medguard/fhir/in-node=${fileURLToPath(new URL('fhir-in-node.mjs', import.meta.url))}`,
      `--alias:nodemailer=${fileURLToPath(new URL('mail-in-node.mjs', import.meta.url))}`,
      `--banner:js=${require}`,
    ],
    { maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  return import(`data:text/javascript;base64,${text.toString('base64')}`)
}
