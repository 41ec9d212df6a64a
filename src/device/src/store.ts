/**
 * Where a device keeps what must outlive it: a folder, a browser's database, a chip's flash. What a method did is there for good when it resolves, also if the power goes in
 * the next instant. Names are letters, digits, `-` and `.`.
 */
export interface DeviceStore {
  read(name: string): Promise<Uint8Array | null>
  /** In place of what had the name, whole or not at all. */
  write(name: string, bytes: Uint8Array): Promise<void>
  /** Of what is not there too. */
  remove(name: string): Promise<void>
  names(): Promise<readonly string[]>
}
