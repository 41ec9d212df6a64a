import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

import { runTool } from './run-tool.ts'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/** Path of a Chromium on this machine: `MEDGUARD_BROWSER`, else the first one on PATH; null when there is none. */
export function findBrowser(): string | null {
  const told = process.env['MEDGUARD_BROWSER']
  if (told !== undefined) return existsSync(told) ? told : null
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin']
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find((path) => existsSync(path)) ?? null
}

/** Finds a browser or, as root on Debian, installs one. @returns its path, or why there is none. */
export async function ensureBrowser(): Promise<{ readonly path: string } | { readonly missing: string }> {
  const found = findBrowser()
  if (found !== null) return { path: found }
  const hint = 'no Chromium found: install the package chromium, or name one in MEDGUARD_BROWSER'
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return { missing: hint }
  console.log('Installing Chromium (apt-get)')
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-liberation']]) {
    const { code, output } = await runTool('apt-get', ['-q', ...args], { output: 'keep', env })
    if (code !== 0) return { missing: `${hint}\napt-get ${args.join(' ')} failed:\n${output}` }
  }
  const installed = findBrowser()
  return installed === null ? { missing: hint } : { path: installed }
}
