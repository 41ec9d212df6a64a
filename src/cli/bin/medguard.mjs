#!/usr/bin/env -S MALLOC_MMAP_THRESHOLD_=131072 node --expose-gc --max-semi-space-size=1 --no-concurrent-array-buffer-sweeping
// Both settings keep memory low while large files pass through: what a chunk took goes back to the system at once.
import { loadCommand } from './load.mjs'

const { main } = await loadCommand()
process.exitCode = await main(process.argv.slice(2))
