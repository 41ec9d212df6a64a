const PAGE_BYTES = 4096

/**
 * Many bytes, few of them other than zero: pages of 4 KiB, absent where they are all zero. A page is never changed in place, so that
 * several memories may share it.
 */
export class SparseBytes {
  /** Length with the zeros. */
  readonly length: number
  readonly #pages: Map<number, Uint8Array>

  constructor(length: number, pages: Iterable<readonly [number, Uint8Array]> = []) {
    this.length = length
    this.#pages = new Map(pages)
  }

  get pages(): ReadonlyMap<number, Uint8Array> {
    return this.#pages
  }

  /** A copy of `size` bytes. @throws RangeError beyond the end. */
  read(offset: number, size: number): Uint8Array {
    this.#check(offset, size)
    const bytes = new Uint8Array(size)
    for (let done = 0; done < size;) {
      const [page, within, part] = place(offset + done, size - done)
      const stored = this.#pages.get(page)
      if (stored !== undefined) bytes.set(stored.subarray(within, within + part), done)
      done += part
    }
    return bytes
  }

  /** @returns numbers of the pages that are other ones now. @throws RangeError beyond the end. */
  write(offset: number, bytes: Uint8Array): readonly number[] {
    this.#check(offset, bytes.length)
    const touched: number[] = []
    for (let done = 0; done < bytes.length;) {
      const [page, within, part] = place(offset + done, bytes.length - done)
      const written = this.#pages.get(page)?.slice() ?? new Uint8Array(PAGE_BYTES)
      written.set(bytes.subarray(done, done + part), within)
      this.#pages.set(page, written)
      touched.push(page)
      done += part
    }
    return touched
  }

  #check(offset: number, size: number): void {
    if (offset + size > this.length) throw new RangeError(`${offset} + ${size} is beyond the end at ${this.length}`)
  }
}

function place(at: number, left: number): readonly [page: number, within: number, size: number] {
  const page = Math.floor(at / PAGE_BYTES)
  const within = at - page * PAGE_BYTES
  return [page, within, Math.min(PAGE_BYTES - within, left)]
}
