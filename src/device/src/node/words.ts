import type { DeviceFaultCode } from '../fault.ts'

/** What it waits for, in words. The code stands behind, for whoever looks it up. */
const WAITING_FOR: Readonly<Record<string, string>> = {
  Unreachable: 'the network cannot be reached',
  Uncertain: 'no answer came',
  Busy: 'the service asks to come later',
  Paused: 'the patient has paused this device',
  NotPermitted: 'this device may not post: it was removed, has another key, or is not finished; ask the patient',
  LogUnavailable: 'the access log cannot be reached',
  Full: 'there is no room for more records',
  LowCycles: 'the service runs low',
  NotReady: 'the service is being set up',
  ClockWrong: 'the clock of this device is wrong',
  StaleEpoch: 'the service named a key that cannot be right',
  BadReply: 'the answer was not understood',
  BadCertificate: 'the answer is not signed by the network',
}
export const waitingWords = (why: string): string => `${WAITING_FOR[why] ?? 'the service refused the batch'} (${why})`

/** As of `medguard`: 2 used wrongly, 3 refused, 4 the network. */
export const EXIT = { done: 0, bug: 1, usage: 2, refused: 3, network: 4 } as const
export const FAULT_EXIT: Readonly<Record<DeviceFaultCode, number>> = {
  BadPairing: EXIT.usage,
  NotPaired: EXIT.usage,
  OtherDevice: EXIT.refused,
  InUse: EXIT.refused,
  Full: EXIT.refused,
  Damaged: EXIT.refused,
  Stopped: EXIT.refused,
}

export const USAGE = `medguard-device COMMAND [OPTIONS]

  pair CODE|-       keep the code that "medguard device add" printed; - reads it from standard input
  key               make a key that never leaves this device, and print its public part for
                    "medguard device add --public-key"
  post FILE|-       seal the readings of a file, a JSON object a line, and post them
  stream            the same for as long as lines come in
  status            what waits here, and how the service sees this device

  --state DIR       where keys and waiting readings are kept (.medguard-device)
  --https           post by plain HTTPS and not by canister call
  --gateway ORIGIN  where, if not at the network's own
  --source NAME     name of the measuring device, where a reading has none
  --every SECONDS   stream: seal what came in at least so often (60)
  --simulate SEED   stream: no standard input, but a sensor that is made up, with all that goes wrong; what
                    it really measured is printed as "truth"
  --count N         how often it measures (288)
  --pace MS         how long between two that come in (0)
  --no-wait         post: try once and leave here what was not taken
  --json            answers for programs

A reading:  {"code": "8867-4", "unit": "/min", "value": 62, "time": "2026-05-01T08:00:00+02:00"}
docs/readings.md has all that may stand in one.`
