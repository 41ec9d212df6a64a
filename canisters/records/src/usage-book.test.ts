import { memoryMap } from '@medguard/shared'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Upload } from './codec.ts'
import { createUsageBook } from './usage-book.ts'

const id = (n: number) => new Uint8Array(16).fill(n)
const uploadOf = (patient: number, grant: number | null, sizeBytes: bigint): Upload => ({
  chunkCount: 1,
  chunkLog2: 16,
  sizeBytes,
  bodyNo: 1n,
  patientId: id(patient),
  compartmentKind: 1,
  cid: id(9),
  grantId: grant === null ? null : id(grant),
  touchedNs: 0n,
  uploadId: null,
})
const openBook = () =>
  createUsageBook({ ofPatients: memoryMap(), underGrants: memoryMap() }, (patientId) => patientId[0] === 7)

test('room under a grant is what was begun under it and not given up, whatever is deleted', () => {
  const step = fc.record({
    kind: fc.constantFrom('begin', 'giveUp', 'delete'),
    patient: fc.integer({ min: 1, max: 2 }),
    grant: fc.option(fc.integer({ min: 3, max: 5 })),
    size: fc.bigInt({ min: 0n, max: 50n }),
    n: fc.nat(20),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const book = openBook()
      const open: Upload[] = []
      for (const { kind, patient, grant, size, n } of steps) {
        const chosen = open[n % Math.max(1, open.length)]
        if (kind === 'begin') {
          const upload = uploadOf(patient, grant, size)
          book.begin(upload)
          open.push(upload)
        } else if (chosen !== undefined && kind === 'giveUp') {
          book.giveUp(chosen)
          open.splice(open.indexOf(chosen), 1)
        } else if (chosen !== undefined) {
          // Of a version that was finished and is deleted: the vault has its bytes back, the grant nothing.
          book.count(chosen.patientId, { versions: 0, sizeBytes: -chosen.sizeBytes })
          book.count(chosen.patientId, { versions: 0, sizeBytes: chosen.sizeBytes })
        }
        for (const grantId of [3, 4, 5]) {
          const its = open.filter((upload) => upload.grantId?.[0] === grantId)
          const sizeBytes = its.reduce((sum, upload) => sum + upload.sizeBytes, 0n)
          expect(book.under(id(grantId))).toEqual({ versions: its.length, sizeBytes })
        }
      }
    }),
  )
})

test('what was begun before it was counted, or in a vault that is gone, takes nothing away and adds nothing', () => {
  const book = openBook()
  book.giveUp(uploadOf(1, 3, 10n))
  expect(book.under(id(3))).toEqual({ versions: 0, sizeBytes: 0n })
  book.begin(uploadOf(1, 3, 5n))
  book.giveUp(uploadOf(1, 3, 10n))
  expect(book.under(id(3))).toEqual({ versions: 1, sizeBytes: 5n })
  book.begin(uploadOf(7, 4, 5n))
  expect(book.under(id(4))).toEqual({ versions: 0, sizeBytes: 0n })
  expect(book.of(id(7))).toEqual({ versions: 0, sizeBytes: 0n })
})
