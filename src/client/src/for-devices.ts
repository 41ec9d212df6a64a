// What a device takes of the client: it opens nothing. By a door of its own, since bundlers that make one file keep all that a part loaded later could need.
export { Fault } from './api.ts'
export { boundedFetch } from './bounded-fetch.ts'
export { connectDevice, type DeviceIdentity } from './device-calls.ts'
export type { DevicePairing } from './devices-api.ts'
