export { staff, STAFF_USAGE } from './desk-command.ts'
export { type Inbound, type InboundCounts, type InboundOptions, openInbound } from './inbound.ts'
