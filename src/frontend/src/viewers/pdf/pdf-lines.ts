/** Text of a page as pdf.js finds it: where its baseline begins, in the page's own units. */
export interface PlacedText {
  readonly str: string
  readonly transform: readonly number[]
  readonly width: number
  readonly height: number
}

/**
 * Lines as they are seen, from the top: texts whose baselines are less than half a letter apart, from the left. A table's row is one line, however the file
 * orders its cells.
 */
export function linesOfTexts(texts: readonly PlacedText[]): string[] {
  const placed = texts
    .map(({ str, transform, height }) => ({ str, x: transform[4] ?? 0, y: transform[5] ?? 0, height }))
    .filter(({ str }) => str.trim() !== '')
    .toSorted((a, b) => b.y - a.y)
  const lines: { y: number; height: number; texts: { str: string; x: number }[] }[] = []
  for (const { str, x, y, height } of placed) {
    const last = lines.at(-1)
    if (last !== undefined && last.y - y < Math.max(last.height, height, 1) / 2) last.texts.push({ str, x })
    else lines.push({ y, height, texts: [{ str, x }] })
  }
  return lines.map((line) =>
    line.texts
      .toSorted((a, b) => a.x - b.x)
      .map(({ str }) => str.trim())
      .join(' '),
  )
}
