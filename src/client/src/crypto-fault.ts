import { CryptoFault } from '@medguard/crypto'
import { Fault } from './api.ts'

/** Runs work on sealed bytes; what fails a check there is a fault here, and never shown. */
export async function cryptoWork<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof CryptoFault)) throw error
    throw new Fault(error.code === 'WrongKey' ? 'WrongKey' : 'Tampered', error.message, { cause: error })
  }
}
