import { APPLE_DAY_BYTES, appleXml, appleZip } from './apple-export.fixture.ts'
import { importAppleXml } from './apple-health.ts'
import { importAppleZip } from './apple-zip.ts'

// A program: imports an export of so many bytes and says what it found. Started with a small heap, it ends early if it keeps what has passed.

const [kind, size] = process.argv.slice(2)
const days = Math.ceil(Number(size) / APPLE_DAY_BYTES)
let [readings, bytes, peak] = [0, 0, 0]
for await (const batch of kind === 'zip' ? importAppleZip(appleZip({ days })) : importAppleXml(appleXml({ days }))) {
  readings += batch.readings.length
  bytes = batch.doneBytes
  peak = Math.max(peak, process.memoryUsage().arrayBuffers)
}
process.stdout.write(JSON.stringify({ days, readings, bytes, peakBufferBytes: peak }))
