import type { DeviceInfo, NewDevice, PairedDevice } from '@medguard/client'
import type { Services } from '../app/services.ts'
import { createTask } from '../app/task.ts'

/** As many letters as the client takes for a name or a kind. */
export const DEVICE_NAME_CHARS_MAX = 80

export const isDeviceText = (text: string): boolean => Array.from(text).length <= DEVICE_NAME_CHARS_MAX

/** What the patient does with devices. Nothing of it shows before both canisters confirmed it; the list is then right without asking anew, which would be logged. */
export function createDeviceChanges({ client, devices }: Pick<Services, 'client' | 'devices'>) {
  const put = (deviceId: string, change: Partial<DeviceInfo>) => {
    const { view, put: set } = devices.getState()
    if (view.status !== 'ready') return
    set(view.value.map((each) => (each.deviceId === deviceId ? { ...each, ...change } : each)))
  }
  return {
    adding: createTask<NewDevice, PairedDevice>(async (device) => {
      const outcome = await client.addDevice(device)
      const { view, put: set, load } = devices.getState()
      // Where it failed, one canister may have it: then it is listed as not finished.
      if (outcome.kind === 'done' && view.status === 'ready') set([...view.value, outcome.value.device])
      else if (view.status === 'ready') void load()
      return outcome
    }),
    renaming: createTask<{ deviceId: string; name: string }, null>(async ({ deviceId, name }) => {
      const outcome = await client.renameDevice(deviceId, name)
      if (outcome.kind === 'done') put(deviceId, { name })
      return outcome
    }),
    switching: createTask<{ deviceId: string; to: 'paused' | 'active' | 'removed' }, null>(async ({ deviceId, to }) => {
      const method = ({ paused: 'pauseDevice', active: 'resumeDevice', removed: 'removeDevice' } as const)[to]
      const outcome = await client[method](deviceId)
      if (outcome.kind === 'done') put(deviceId, { state: to })
      return outcome
    }),
    rotating: createTask<string, PairedDevice>(async (deviceId) => {
      const outcome = await client.rotateDevice(deviceId)
      if (outcome.kind === 'done') put(deviceId, outcome.value.device)
      return outcome
    }),
  }
}
export type DeviceChanges = ReturnType<typeof createDeviceChanges>
