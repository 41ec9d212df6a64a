/** What takes Node: the base definitions of R4 are 50 MB, and no page loads these libraries. */
export { loadDefinitions, validate } from './validation/index.ts'
export { type CcdaFile, readCcda } from './documents/ccda.ts'
export { type CardFile, type Issuer, issuersIn, readHealthCards } from './documents/health-card.ts'
