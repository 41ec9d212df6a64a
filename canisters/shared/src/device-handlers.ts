import { type ArgOf, type deviceMethods, refuse, type RefusalArm, type RetOf } from '@medguard/protocol'
import type { VaultFacts } from './decision.ts'
import { addDevice, changeDevice, type DeviceHost, devices, removeDevice, rotateDevice } from './device-methods.ts'

type DeviceMethods = typeof deviceMethods
type DeviceHandlers = {
  readonly [M in keyof DeviceMethods]: (arg: ArgOf<DeviceMethods[M]>, caller: Uint8Array) => RetOf<DeviceMethods[M]>
}

/** The methods about devices that both canisters have. What lets something post waits for cycles and room, what ends it does not. */
export function createDeviceMethods<A extends VaultFacts>(
  host: DeviceHost<A>,
  { isReady, refuseBeginning }: { isReady: () => boolean; refuseBeginning: () => RefusalArm | null },
): DeviceHandlers {
  const always =
    <Arg, R>(handle: (host: DeviceHost<A>, arg: Arg, caller: Uint8Array) => R) =>
    (arg: Arg, caller: Uint8Array): R | { Err: RefusalArm } =>
      isReady() ? handle(host, arg, caller) : { Err: refuse.notReady }
  const whenRoom = <Arg, R>(handle: (host: DeviceHost<A>, arg: Arg, caller: Uint8Array) => R) =>
    always((own, arg: Arg, caller): R | { Err: RefusalArm } => {
      const refused = refuseBeginning()
      return refused === null ? handle(own, arg, caller) : { Err: refused }
    })
  return {
    addDevice: whenRoom(addDevice<A>),
    changeDevice: always(changeDevice<A>),
    rotateDevice: whenRoom(rotateDevice<A>),
    removeDevice: always(removeDevice<A>),
    devices: always(devices<A>),
  }
}
