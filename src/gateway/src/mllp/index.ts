export { MLLP_LIMITS, type Mllp, type MllpLimits, type MllpOptions, startMllp } from './server.ts'
