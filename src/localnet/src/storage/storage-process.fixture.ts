// A process (or worker thread) of its own that uses a storage directory: `node --import tsx storage-process.fixture.ts <what> <dir>`.
import { writeSync } from 'node:fs'
import { setTimeout } from 'node:timers'
import { parentPort } from 'node:worker_threads'
import { countIn, deltaAt } from './deltas.fixture.ts'
import { openStorage, StorageError } from './index.ts'

const [, , what, dir] = process.argv
if (dir === undefined) throw new Error('no directory given')
const say = (line: string | number) => (parentPort === null ? writeSync(1, `${line}\n`) : parentPort.postMessage(line))
const attempt = (act: () => void) => {
  try {
    act()
    say('stored')
  } catch (error) {
    say(error instanceof StorageError ? error.code : String(error))
  }
}

if (what === 'append') {
  // Appends for ever, and says the number of each delta once it is acknowledged. Compacts every few deltas.
  const storage = openStorage(dir, 300_000)
  for (let number = countIn(storage) + 1; ; number++) {
    storage.append(deltaAt(number))
    say(number)
  }
} else if (what === 'hold') {
  try {
    openStorage(dir)
    say('held')
  } catch (error) {
    say(error instanceof StorageError ? error.code : String(error))
  }
  setTimeout(() => {}, 600_000)
} else if (what === 'fill') {
  // The parent limits the size of files to less than the second delta.
  const storage = openStorage(dir)
  attempt(() => storage.append({ puts: [['a', new Uint8Array(1000)]], deletes: [] }))
  attempt(() => storage.append({ puts: [['b', new Uint8Array(8 * 1024 * 1024)]], deletes: ['a'] }))
  attempt(() => storage.append({ puts: [['c', new Uint8Array(1000)]], deletes: [] }))
  storage.close()
}
