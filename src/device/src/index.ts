/** The SDK of devices that post readings: in Node, in a browser's worker, or wherever there is WebCrypto. */
export { openDevice, type Backlog, type Device, type DeviceOptions, type Sent, WAITING_BYTES_MAX } from './device.ts'
export { DeviceFault, type DeviceFaultCode } from './fault.ts'
export { httpsRoad, type HttpsOptions } from './https-road.ts'
export { identityOf, type Pairing, readPairing } from './pairing.ts'
export { readingIn, type ReadFrom } from './reading-input.ts'
export { type Answer, type Asked, answerOf, callRoad, type Road, type Standing } from './road.ts'
export {
  batchOf,
  devicePlace,
  type ReadingsHeader,
  rewrapReadings,
  type SealedReadings,
  sealReadings,
} from './sealing.ts'
export { sendAll, type SendingOptions, waitMsOf } from './sending.ts'
export { simulate, type Simulated, type SimulatorOptions, type Truth } from './simulate.ts'
export type { DeviceStore } from './store.ts'
