#!/usr/bin/env node
// The installed command: TypeScript is run as it is, so that nothing has to be compiled between packages.
import { register } from 'tsx/esm/api'

register()
const { main } = await import('../src/index.ts')
process.exitCode = await main(process.argv.slice(2))
