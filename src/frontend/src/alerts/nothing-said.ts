import { alertStateOf } from '@medguard/readings'
import type { KindAlerts } from './look.ts'

/** Where no device has sent anything yet and nobody has said anything: readings go here unless their owner chooses otherwise. */
export const NOTHING_SAID: KindAlerts = {
  category: 'vitals',
  state: alertStateOf([], 0),
  through: new Map(),
  alerts: [],
  unread: [],
  devices: [],
}
