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
  const trouble = await installPackages(['chromium', 'fonts-liberation'])
  const installed = findBrowser()
  return installed === null ? { missing: `${hint}${trouble}` } : { path: installed }
}

/** What the other engines are tried with: where each is, and the Debian package it comes from. */
export const ENGINE_PROGRAMS = [
  { path: '/usr/bin/firefox-esr', debian: 'firefox-esr' },
  { path: '/usr/bin/WebKitWebDriver', debian: 'webkit2gtk-driver' },
  { path: '/usr/bin/Xvfb', debian: 'xvfb' },
] as const

/** Installs, as root on Debian, what of the other engines is not there. Whatever is missing then is said by the test that wants it. */
export async function ensureEngines(): Promise<void> {
  const missing = ENGINE_PROGRAMS.filter(({ path }) => !existsSync(path)).map(({ debian }) => debian)
  if (missing.length > 0) console.log(await installPackages(missing))
}

/** @returns empty, or what went wrong, on lines of its own. */
async function installPackages(packages: readonly string[]): Promise<string> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return ''
  console.log(`Installing ${packages.join(', ')} (apt-get)`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const { code, output } = await runTool('apt-get', ['-q', ...args], { output: 'keep', env })
    if (code !== 0) return `\napt-get ${args.join(' ')} failed:\n${output}`
  }
  return ''
}
