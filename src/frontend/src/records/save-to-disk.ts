/**
 * Hands bytes to the browser's download. Always as `application/octet-stream`: under its own type a blob address of ours could be opened as a page
 * of this origin.
 */
export function saveToDisk(content: Uint8Array | Blob, fileName: string): void {
  const part = content instanceof Blob ? content : new Uint8Array(content)
  const address = URL.createObjectURL(new Blob([part], { type: 'application/octet-stream' }))
  const link = document.createElement('a')
  link.href = address
  link.download = safeFileName(fileName)
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 60_000) // the browser may ask the reader where to, first
}

/** A name without folders, control characters or direction marks that would disguise its ending. At most 120 characters. */
export function safeFileName(name: string): string {
  const clean = name
    .replaceAll(/[\p{Cc}\p{Cf}/\\:*?"<>|]/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .replace(/^[.\s]+/, '')
    .trim()
  if (clean === '') return 'record'
  const ending = /\.[a-z0-9]{1,8}$/i.exec(clean)?.[0] ?? ''
  return clean.slice(0, clean.length - ending.length).slice(0, 120 - ending.length) + ending
}
