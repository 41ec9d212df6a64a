export { type Delivery, type DeliveryParts, type DeliveryState, startDelivery } from './delivery.ts'
export { openOrderBook, type OrderBook } from './order-book.ts'
export { type Matcher, openPatientTable, type PatientRow, type PatientTable } from './patient-table.ts'
export { hl7v2Reader, type Readable, type Reader } from './reading-entries.ts'
