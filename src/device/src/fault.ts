/**
 * `BadPairing`: no pairing code, or not for the key at hand. `OtherDevice`: readings of another one wait here. `NotPaired`, `InUse`: as they say. `Full`: too much waits.
 * `Damaged`: what lies here is not what was written; it is left as it is. `Stopped`: by a signal, before it had read all.
 */
export type DeviceFaultCode = 'BadPairing' | 'OtherDevice' | 'NotPaired' | 'InUse' | 'Full' | 'Damaged' | 'Stopped'

/** What is wrong on this side. Messages name files and limits, never a key and never a reading. */
export class DeviceFault extends Error {
  override readonly name = 'DeviceFault'
  readonly code: DeviceFaultCode
  constructor(code: DeviceFaultCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
