import type { DeviceInfo, MedGuardClient, PairedDevice } from '@medguard/client'
import type { CommandGroup } from '../command.ts'
import { UsageError, valueOf } from '../exit-code.ts'
import { table, toTime } from '../format.ts'
import { byPrefix, categoriesOf, expectPrefix, short } from './lookup.ts'

export const deviceCommands: CommandGroup = {
  usage: `\
  device add NAME --kind KIND [--type WHAT] [--public-key HEX]
                                    let a device post readings of that kind, and print its pairing code: it
                                    holds the device's key, and is shown this once
  device list                       your devices, and when each posted last
  device rename DEVICE --name NAME  call it something else
  device pause DEVICE               let it wait
  device resume DEVICE              let it go on
  device remove DEVICE              end it for good; what it posted stays
  device rotate DEVICE [--public-key HEX]
                                    give it another key, and print its new pairing code`,
  commands: {
    'device add': {
      args: 1,
      options: ['kind', 'type', 'public-key', 'for-patient'],
      async run({ client, args: { subject, options } }) {
        const [category, ...others] = categoriesOf(options.kind)
        if (category === undefined || others.length > 0) throw new UsageError('device add NAME --kind KIND')
        const publicKey = keyOf(options['public-key'])
        valueOf(await client.enrol())
        const kind = options.type === undefined ? {} : { kind: options.type }
        return paired(valueOf(await client.addDevice({ name: subject, category, ...kind, ...publicKey })))
      },
    },
    'device list': {
      args: 0,
      options: ['for-patient'],
      onlyAsks: true,
      async run({ client }) {
        const devices = valueOf(await client.devices())
        return { value: devices, words: devices.length === 0 ? 'You have no devices.' : deviceTable(devices) }
      },
    },
    'device rename': {
      args: 1,
      options: ['name', 'for-patient'],
      async run({ client, args: { subject, options } }) {
        if (options.name === undefined) throw new UsageError('device rename DEVICE --name NAME')
        const { deviceId } = await deviceOf(client, subject)
        valueOf(await client.renameDevice(deviceId, options.name))
        return { value: { deviceId, name: options.name }, words: `device ${short(deviceId)} has another name` }
      },
    },
    'device pause': ending('pauseDevice', 'posts nothing until it is let go on'),
    'device resume': ending('resumeDevice', 'posts again'),
    'device remove': ending('removeDevice', 'posts nothing more; what it posted stays'),
    'device rotate': {
      args: 1,
      options: ['public-key', 'for-patient'],
      async run({ client, args: { subject, options } }) {
        const publicKey = keyOf(options['public-key'])
        const { deviceId } = await deviceOf(client, subject)
        return paired(valueOf(await client.rotateDevice(deviceId, publicKey.publicKey)))
      },
    },
  },
}

function ending(
  method: 'pauseDevice' | 'resumeDevice' | 'removeDevice',
  words: string,
): CommandGroup['commands'][string] {
  return {
    args: 1,
    options: ['for-patient'],
    async run({ client, args: { subject } }) {
      const { deviceId } = await deviceOf(client, subject)
      valueOf(await client[method](deviceId))
      return { value: { deviceId }, words: `device ${short(deviceId)} ${words}` }
    },
  }
}

async function deviceOf(client: MedGuardClient, prefix: string): Promise<DeviceInfo> {
  expectPrefix(prefix, 'device')
  return byPrefix(valueOf(await client.devices()), prefix, (each) => each.deviceId, 'device')
}

function keyOf(hex: string | undefined): { readonly publicKey?: Uint8Array } {
  if (hex === undefined) return {}
  if (!/^([0-9a-f]{64}|04[0-9a-f]{128})$/i.test(hex))
    throw new UsageError('--public-key is a raw Ed25519 key of 32 bytes or a P-256 key of 65, in hexadecimal')
  return { publicKey: new Uint8Array(Buffer.from(hex, 'hex')) }
}

const paired = (value: PairedDevice) => ({
  value,
  words: `device ${short(value.device.deviceId)} may post. Its pairing code, for nobody else:\n${value.code}`,
})

function deviceTable(devices: readonly DeviceInfo[]): string {
  return table(
    devices.map(({ deviceId, name, kind, category, state, lastSeenNs }) => [
      short(deviceId),
      name ?? '',
      kind ?? '',
      category,
      state,
      lastSeenNs === null ? 'never seen' : `last seen ${toTime(lastSeenNs)}`,
    ]),
  )
}
