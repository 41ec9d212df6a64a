export { main } from './main.ts'
export { COMMANDS } from './commands/index.ts'
export { EXIT } from './exit-code.ts'
export { openIdentities } from './identities.ts'
