/**
 * Part of a row or key that has a fixed length, at a place known before: what rows are described with. Reading is total: a value that `write` never
 * makes is `undefined`, which no field has as its value.
 */
export interface Field<T> {
  readonly sizeBytes: number
  /** Every value writes all of them. */
  readonly isFilled?: true
  /** `at + sizeBytes` is within `bytes`; `view` is on the same bytes. */
  read(bytes: Uint8Array, view: DataView, at: number): T | undefined
  write(bytes: Uint8Array, view: DataView, at: number, value: T): void
}
export type Fields = Readonly<Record<string, Field<unknown>>>
export type ValueOf<F extends Fields> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never }

export const u8: Field<number> = {
  sizeBytes: 1,
  isFilled: true,
  read: (bytes, _view, at) => bytes[at],
  write(bytes, _view, at, value) {
    bytes[at] = value
  },
}
export const u32: Field<number> = {
  sizeBytes: 4,
  isFilled: true,
  read: (_bytes, view, at) => view.getUint32(at),
  write: (_bytes, view, at, value) => view.setUint32(at, value),
}
export const u64: Field<bigint> = {
  sizeBytes: 8,
  isFilled: true,
  read: (_bytes, view, at) => view.getBigUint64(at),
  write: (_bytes, view, at, value) => view.setBigUint64(at, value),
}
/** One byte, 0 or 1. */
export const flag: Field<boolean> = {
  sizeBytes: 1,
  read: (bytes, _view, at) => (bytes[at] === 1 ? true : bytes[at] === 0 ? false : undefined),
  write(bytes, _view, at, value) {
    bytes[at] = value ? 1 : 0
  },
}
/** That many bytes, read as a part of the row: not a copy. @throws RangeError when writing bytes of another length. */
export const bytes = (sizeBytes: number): Field<Uint8Array> => ({
  sizeBytes,
  isFilled: true,
  read: (row, _view, at) => row.subarray(at, at + sizeBytes),
  write(row, _view, at, value) {
    if (value.length !== sizeBytes) throw new RangeError('a field has the length its row says')
    row.set(value, at)
  },
})
/** A raw principal: its length, 1 to 29, then 29 bytes, padded with zeros. */
export const principal: Field<Uint8Array> = {
  sizeBytes: 30,
  read(row, _view, at) {
    const length = row[at] ?? 0
    return length < 1 || length > 29 ? undefined : row.subarray(at + 1, at + 1 + length)
  },
  write(row, _view, at, value) {
    if (value.length < 1 || value.length > 29) throw new RangeError('a principal has 1 to 29 bytes')
    row[at] = value.length
    row.set(value, at + 1)
  },
}
/** A flag, then the field, of zeros for null. */
export const nullable = <T>(field: Field<T>): Field<T | null> => ({
  sizeBytes: 1 + field.sizeBytes,
  read(row, view, at) {
    const isThere = row[at]
    return isThere === 1 ? field.read(row, view, at + 1) : isThere === 0 ? null : undefined
  },
  write(row, view, at, value) {
    if (value === null) return
    row[at] = 1
    field.write(row, view, at + 1, value)
  },
})
/** Exactly `count` of them. @throws RangeError when writing another number. */
export const list = <T>(field: Field<T>, count: number): Field<readonly T[]> => ({
  sizeBytes: count * field.sizeBytes,
  read(row, view, at) {
    const values: T[] = []
    for (let i = 0; i < count; i++) {
      const value = field.read(row, view, at + i * field.sizeBytes)
      if (value === undefined) return undefined
      values.push(value)
    }
    return values
  },
  write(row, view, at, values) {
    if (values.length !== count) throw new RangeError('a list has the length its row says')
    for (let i = 0; i < count; i++) field.write(row, view, at + i * field.sizeBytes, values[i] as T)
  },
})
