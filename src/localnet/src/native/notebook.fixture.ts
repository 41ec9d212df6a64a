// A native canister for tests: a notebook whose lines anybody writes. Arguments and replies are text, not Candid.
import { type NativeCall, type NativeCanister, NativeTrap } from './index.ts'

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text))
const text = (given: Uint8Array | null): string => (given === null ? '' : Buffer.from(given).toString())

/** `key=value` */
function write({ arg, store, setCertifiedData }: NativeCall): Uint8Array {
  const [key = '', value = ''] = text(arg).split('=')
  store.put(key, bytes(value))
  setCertifiedData(bytes(value).slice(0, 32))
  return bytes(store.keys('').join())
}

export const NOTEBOOK: NativeCanister = {
  init: ({ store, arg }) => store.put('first', arg),
  methods: {
    write: { kind: 'update', run: write },
    erase: {
      kind: 'update',
      run({ arg, store }) {
        store.delete(text(arg))
        return bytes(store.keys('').join())
      },
    },
    writeAndTrap: {
      kind: 'update',
      run(call) {
        write(call)
        throw new NativeTrap('no')
      },
    },
    writeAndBreak: {
      kind: 'update',
      run(call) {
        write(call)
        throw new RangeError('the argument is none')
      },
    },
    writeWithoutEnd: {
      kind: 'update',
      run({ store }) {
        for (;;) store.put('more', new Uint8Array(1_000_000))
      },
    },
    certifyTooMuch: {
      kind: 'update',
      run({ setCertifiedData }) {
        setCertifiedData(new Uint8Array(33))
        return bytes('')
      },
    },
    answerTooMuch: { kind: 'update', run: () => new Uint8Array(2 * 1024 * 1024 + 1) },
    read: { kind: 'query', run: ({ arg, store }) => bytes(text(store.get(text(arg)))) },
    readAndWrite: {
      kind: 'query',
      run({ arg, store }) {
        store.put(text(arg), bytes('written by a query'))
        return bytes(text(store.get(text(arg))))
      },
    },
    certifyInQuery: {
      kind: 'query',
      run({ setCertifiedData }) {
        setCertifiedData(bytes('by a query'))
        return bytes('')
      },
    },
    certificate: { kind: 'query', run: ({ certificate }) => certificate() ?? bytes('') },
    who: {
      kind: 'query',
      run: ({ caller, isController, isReplicated, environment }) =>
        bytes(JSON.stringify({ caller: [...caller], mine: isController(caller), isReplicated, environment })),
    },
  },
}
