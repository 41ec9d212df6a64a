// Which asset answers which path.
import type { Asset, Records } from './records.ts'

/** Answers every path that no other asset answers. */
export const FALLBACK_KEY = '/index.html'
const INDEX = 'index.html'
const HTML = '.html'

export const isHtml = (key: string): boolean => key.endsWith(HTML)

/** `/a` may stand for `/a.html` and `/a/index.html`, `/a/` for `/a/index.html`. In the order in which they are tried. */
function aliasesOf(path: string): string[] {
  if (path.endsWith('/')) return [path + INDEX]
  return isHtml(path) ? [] : [path + HTML, `${path}/${INDEX}`]
}

/** Every path that the asset with this key may answer, its own first. */
export function pathsOf(key: string): string[] {
  if (!isHtml(key)) return [key]
  const paths = [key, key.slice(0, -HTML.length)]
  if (!key.endsWith(`/${INDEX}`)) return paths
  const folder = key.slice(0, -INDEX.length)
  // No browser asks for the empty path.
  return folder === '/' ? [...paths, folder] : [...paths, folder, folder.slice(0, -1)]
}

/** The asset that answers a path, itself or as an alias; an asset at the very path always goes first. */
export function resolve(records: Pick<Records, 'asset'>, path: string): { key: string; asset: Asset } | null {
  const own = records.asset(path)
  if (own !== null) return { key: path, asset: own }
  for (const key of aliasesOf(path)) {
    const asset = records.asset(key)
    if (asset !== null) return asset.isAliased === false ? null : { key, asset }
  }
  return null
}
