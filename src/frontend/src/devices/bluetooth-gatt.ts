import {
  askForAllRecords,
  BATTERY,
  decodeBattery,
  decodeRecordsAnswer,
  decodeSensorSession,
  HEALTH_SERVICES,
  PacketFault,
  RECORD_ACCESS,
  type RecordsAnswer,
  SENSOR_SESSION,
  type SensorSession,
} from '@medguard/readings'

// The browser's Bluetooth (https://webbluetoothcg.github.io/web-bluetooth), as far as it is used: a device is chosen in the browser's own window, and listened to.

export interface GattCharacteristic extends EventTarget {
  readonly value?: DataView | null | undefined
  startNotifications(): Promise<unknown>
  readValue(): Promise<DataView>
  writeValueWithResponse(value: Uint8Array<ArrayBuffer>): Promise<void>
}
interface GattService {
  getCharacteristic(number: number): Promise<GattCharacteristic>
}
interface GattServer {
  connect(): Promise<GattServer>
  disconnect(): void
  getPrimaryService(number: number): Promise<GattService>
}
export interface GattDevice extends EventTarget {
  readonly name?: string | null | undefined
  readonly gatt?: GattServer | undefined
}
export interface BluetoothHere {
  getAvailability(): Promise<boolean>
  requestDevice(wanted: {
    filters: readonly { services: readonly number[] }[]
    optionalServices: readonly number[]
  }): Promise<GattDevice>
}

/** Null where the browser has none. */
export const bluetoothHere = (): BluetoothHere | null =>
  'bluetooth' in navigator ? (navigator.bluetooth as BluetoothHere) : null

export type HealthService = keyof typeof HEALTH_SERVICES
export const HEALTH_SERVICE_NAMES = Object.keys(HEALTH_SERVICES) as readonly HealthService[]

export type BluetoothTrouble =
  /** Bluetooth is off, or there is none in this computer. */
  | 'off'
  | 'noneChosen'
  /** The browser, its owner or the page's settings do not allow it. */
  | 'forbidden'
  /** Out of reach, asleep, in use by another app, or not paired. */
  | 'unreachable'
  | 'noReadings'

export function troubleOf(error: unknown): BluetoothTrouble {
  const name = error instanceof Error ? error.name : ''
  if (name === 'NotFoundError') return 'noneChosen'
  return name === 'SecurityError' || name === 'NotAllowedError' ? 'forbidden' : 'unreachable'
}

/** Opens the browser's window with the health devices around. @throws what `troubleOf` reads. */
export const chooseDevice = (bluetooth: BluetoothHere): Promise<GattDevice> =>
  bluetooth.requestDevice({
    filters: HEALTH_SERVICE_NAMES.map((name) => ({ services: [HEALTH_SERVICES[name].service] })),
    optionalServices: [BATTERY.service],
  })

export interface Told {
  readonly value: (characteristic: number, view: DataView, session: SensorSession | null) => void
  readonly battery: (percent: number) => void
  readonly stored: (how: RecordsAnswer | 'asked') => void
}

/** Connects and listens until the line ends, and asks for what the device has stored. @returns what it measures; empty for nothing that we know. */
export async function listen({ gatt }: GattDevice, told: Told): Promise<readonly HealthService[]> {
  if (gatt === undefined) return []
  const server = await gatt.connect()
  const found: HealthService[] = []
  // One after the other: a device answers one question at a time.
  for (const name of HEALTH_SERVICE_NAMES) {
    const service = await ifThere(server.getPrimaryService(HEALTH_SERVICES[name].service))
    if (service === null) continue
    found.push(name)
    const session = name === 'continuousGlucose' ? await sessionOf(service) : null
    for (const number of HEALTH_SERVICES[name].characteristics) {
      const characteristic = await ifThere(service.getCharacteristic(number))
      if (characteristic !== null) await hear(characteristic, (view) => told.value(number, view, session))
    }
    await askForStored(service, told)
  }
  const battery = await ifThere(server.getPrimaryService(BATTERY.service))
  const level = battery === null ? null : await ifThere(battery.getCharacteristic(BATTERY.characteristic))
  if (level !== null) told.battery(decodeBattery(await level.readValue()))
  return found
}

async function hear(characteristic: GattCharacteristic, told: (view: DataView) => void): Promise<void> {
  characteristic.addEventListener('characteristicvaluechanged', () => {
    if (characteristic.value) told(characteristic.value)
  })
  await characteristic.startNotifications()
}

async function askForStored(service: GattService, told: Told): Promise<void> {
  const access = await ifThere(service.getCharacteristic(RECORD_ACCESS))
  if (access === null) return
  await hear(access, (view) => {
    const answer = ifReadable(() => decodeRecordsAnswer(view))
    if (answer !== null) told.stored(answer)
  })
  told.stored('asked')
  await access.writeValueWithResponse(askForAllRecords())
}

async function sessionOf(service: GattService): Promise<SensorSession | null> {
  const start = await ifThere(service.getCharacteristic(SENSOR_SESSION))
  if (start === null) return null
  const view = await start.readValue()
  return ifReadable(() => decodeSensorSession(view))
}

/** Null where the device has no such thing. */
async function ifThere<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof Error && error.name === 'NotFoundError') return null
    throw error
  }
}

function ifReadable<T>(read: () => T): T | null {
  try {
    return read()
  } catch (fault) {
    if (fault instanceof PacketFault) return null
    throw fault
  }
}
