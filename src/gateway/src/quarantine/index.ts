export { openQuarantine, type Quarantine, type QuarantinedHead, type QuarantineReason } from './quarantine.ts'
