import { Principal } from '@dfinity/principal'

const idOf = (text: string): Uint8Array => new Uint8Array(Principal.fromText(text).toUint8Array())

// The same on every network; tools know them by heart.
export const ICP_LEDGER_ID = idOf('ryjl3-tyaaa-aaaaa-aaaba-cai')
export const CYCLES_MINTING_ID = idOf('rkp4c-7iaaa-aaaaa-aaaca-cai')
export const CYCLES_LEDGER_ID = idOf('um5iw-rqaaa-aaaaq-qaaba-cai')
