/**
 * Asks the browser not to give up what this page keeps when the device runs short of room. It may say no; then what it gave up is simply not here any more, and
 * whole kinds are kept anew with the next list.
 */
export async function keepLasting(): Promise<void> {
  // Not in every browser, whatever the types say; and some ask the reader.
  const { storage }: { storage?: StorageManager } = navigator
  await storage?.persist?.().catch(() => false)
}
