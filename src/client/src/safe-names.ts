/** What no file system may be given, and what would make a name read as another one; both slashes are dealt with before. */
const UNSAFE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}:*?"<>|]|(?![\u200c\u200d])\p{Cf}/gu
/** Names that are devices on one of the systems, whatever their ending. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?$/i
const SEGMENT_BYTES_MAX = 120
const DEPTH_MAX = 8

/**
 * Paths for files, with `/` between folders, out of names that are somebody else's: relative, without `..`, without characters that mean something to a
 * shell, a terminal or a file system, each once also where case does not count, and none both a file and a folder. A name that is harmless stays as it is.
 * The same names in the same order give the same paths.
 */
export function safePaths(names: readonly string[]): string[] {
  const files = new Set<string>()
  const folders = new Set<string>()
  /** Ten thousand files of one name are not to be counted through from the beginning each. */
  const turns = new Map<string, number>()
  return names.map((name) => {
    const path = safePath(name)
    const pathKey = keyOf(path)
    for (let turn = turns.get(pathKey) ?? 1; ; turn++) {
      const tried = turn === 1 ? path : numbered(path, turn)
      turns.set(pathKey, turn + 1)
      const key = keyOf(tried)
      const above = foldersOf(key)
      if (files.has(key) || folders.has(key) || above.some((folder) => files.has(folder))) continue
      files.add(key)
      for (const folder of above) folders.add(folder)
      return tried
    }
  })
}

function safePath(name: string): string {
  const segments = name
    .split(/[/\\]+/)
    .filter((segment) => segment !== '' && segment !== '.')
    .map(safeSegment)
  const kept = segments.length > DEPTH_MAX ? [...segments.slice(0, DEPTH_MAX - 1), segments.at(-1) ?? ''] : segments
  return kept.length === 0 ? 'file' : kept.join('/')
}

function safeSegment(segment: string): string {
  const clean = shortened(segment.replaceAll(UNSAFE, '_'))
    .replace(/^\.+/, (dots) => '_'.repeat(dots.length)) // nothing hidden, and no `..`
    .replace(/[. ]+$/, (end) => '_'.repeat(end.length)) // another system would drop them, and find another name
    .replace(/^[ ~-]/, '_') // no option of a command, no home folder
  return DEVICE.test(clean) ? `_${clean}` : clean
}

/** At most so many bytes; the ending stays. */
function shortened(segment: string): string {
  const bytesOf = (text: string) => new TextEncoder().encode(text).length
  if (bytesOf(segment) <= SEGMENT_BYTES_MAX) return segment
  const ending = /\.[A-Za-z0-9]{1,8}$/.exec(segment)?.[0] ?? ''
  const chars = Array.from(segment.slice(0, 4 * SEGMENT_BYTES_MAX))
  while (bytesOf(chars.join('')) > SEGMENT_BYTES_MAX - ending.length) chars.pop()
  return chars.join('') + ending
}

/** `scan/1.dcm` becomes `scan-2/1.dcm` in the worst case, and `scan/1 (2).dcm` in the usual one. */
function numbered(path: string, turn: number): string {
  const [, before = path, ending = ''] = /^(.*?)(\.[A-Za-z0-9]{1,8})?$/s.exec(path) ?? []
  // One of its folders may be a file's name: that is not mended by another ending.
  return turn % 2 === 0 ? `${before} (${turn})${ending}` : `${path.replaceAll('/', '-')} (${turn})`
}

const keyOf = (path: string): string => path.normalize('NFKC').toLowerCase()

function foldersOf(path: string): string[] {
  const segments = path.split('/')
  return segments.slice(0, -1).map((_, i) => segments.slice(0, i + 1).join('/'))
}
