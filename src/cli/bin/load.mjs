// The command, put together from its TypeScript in memory: nothing has to be compiled between packages, and the process does not keep a compiler
// beside it, which would take as much memory as a large file may.
import { fileURLToPath } from 'node:url'

/** @returns {Promise<{ main: (argv: readonly string[]) => Promise<number> }>} */
export async function loadCommand() {
  const { build, stop } = await import('esbuild')
  const require = `import { createRequire as createRequireHere } from 'node:module'; const require = createRequireHere(${JSON.stringify(import.meta.url)});`
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../src/index.ts', import.meta.url))],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'error',
    minifySyntax: true,
    minifyWhitespace: true,
    banner: { js: require },
  })
  await stop()
  return import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`)
}
