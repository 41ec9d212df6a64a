import { CryptoFault, type CryptoFaultCode } from '@medguard/crypto'
import { Fault, type FaultCode } from './api.ts'

const CODES: { readonly [code in CryptoFaultCode]?: FaultCode } = { WrongKey: 'WrongKey', UnknownEncoding: 'TooNew' }

/** Runs work on sealed bytes; what fails a check there is a fault here, and never shown. */
export async function cryptoWork<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof CryptoFault)) throw error
    throw new Fault(CODES[error.code] ?? 'Tampered', error.message, { cause: error })
  }
}
