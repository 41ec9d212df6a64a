export { SpoolFault, type SpoolFaultCode } from './fault.ts'
export { openSpool, type Spool, type SpoolEntry, type SpoolHead, type Taken, WAITING_MAX } from './spool.ts'
