export { main } from './main.ts'
export { EXIT } from './exit-code.ts'
export { openIdentities } from './identities.ts'
