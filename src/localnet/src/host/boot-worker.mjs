// Node 20 runs no TypeScript in a worker: loaders of the parent do not reach it, so the worker registers its own.
import { workerData } from 'node:worker_threads'
import { register } from 'tsx/esm/api'

register()
await import(workerData.entry)
