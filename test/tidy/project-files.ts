import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')
/** Made, downloaded or kept by a run: nothing of ours to read. */
const NOT_OURS = new Set(['node_modules', 'dist', '.azle', '.medguard', '.git', 'test-results', 'playwright-report'])

export interface ProjectFile {
  /** Relative to the project, with slashes. */
  readonly path: string
  readonly text: string
}

/** Every file of the project whose name ends in one of `endings`. */
export function projectFiles(endings: readonly string[]): ProjectFile[] {
  return walk('').flatMap((path) =>
    endings.some((ending) => path.endsWith(ending)) ? [{ path, text: readFileSync(join(ROOT, path), 'utf8') }] : [],
  )
}

function walk(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (NOT_OURS.has(entry.name)) return []
    return entry.isDirectory() ? walk(path) : [path]
  })
}

export const SOURCE_ENDINGS = ['.ts', '.tsx', '.mjs']
/** Tests, their fixtures and what they share. */
export const isTest = (path: string) => /\.(test|spec|fixture|bench)\.tsx?$/.test(path) || /^(test|bench)\//.test(path)

/** The module specifiers of a source file: `import … from`, `export … from`, `import()` and bare imports. */
export function importsOf(text: string, { types = true } = {}): string[] {
  const withTypes = types ? text : text.replaceAll(/\bimport type [^']*'[^']*'/g, '')
  const code = withTypes.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '')
  const found = code.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*)'([^'\n]+)'/g)
  return [...found].map((match) => match[1] ?? '')
}
