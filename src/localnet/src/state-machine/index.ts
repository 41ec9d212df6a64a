export { createMachine } from './machine.ts'
export type { MachineOptions } from './world.ts'
export { principalText } from './rejects.ts'
