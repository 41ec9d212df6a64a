/**
 * Master key of `dfx_test_key`. Its secret is published (dfinity/ic, rs/crypto/test_utils/vetkd), so anybody can derive
 * every key under it: for synthetic data on a local network only. In a file and function of its own, so that a
 * production build holds no trace of it.
 */
export function developmentMasterKey(): Uint8Array<ArrayBuffer> {
  const hex =
    'b181c14cf9d04ba45d782c0067a44b0aaa9fc2acf94f1a875f0dae801af4f80339a7e6bf8b09fcf993824c8df3080b3f' +
    '1409b688ca08cbd44d2cb28db9899f4aa3b5f06b9174240448e10be2f01f9f80079ea5431ce2d11d1c8d1c775333315f'
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16))
}
