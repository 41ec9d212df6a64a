import { compileFunction } from 'node:vm'

import { type Method, none, type Schema, type Service, update } from '@medguard/protocol'
import { transformSync } from 'esbuild'

import * as runtime from '@medguard/shared/candid'
import type { Codec, Endpoints, MethodCodecs } from '@medguard/shared/candid'

import { type CodecFile, printCodecs } from './print-codecs.ts'

/** What the build makes of a service, made here and now. */
function endpointsOf<C>(service: Service, configuration: Schema<C>): Endpoints<Service, C> {
  const file: CodecFile = {
    name: 'made',
    service,
    serviceType: { name: 'Made', from: './made.ts' },
    runtime: 'runtime',
    configuration,
  }
  const { code } = transformSync(printCodecs(file), { loader: 'ts', format: 'cjs' })
  const module: { exports: { madeEndpoints?: Endpoints<Service, C> } } = { exports: {} }
  const run = compileFunction(code, ['module', 'require']) as (made: typeof module, require: () => unknown) => void
  run(module, () => runtime)
  if (module.exports.madeEndpoints === undefined) throw new Error('the printed file exports its endpoints')
  return module.exports.madeEndpoints
}

export const codecOf = <T>(schema: Schema<T>): Codec<T> => endpointsOf({}, schema).configuration
export function methodCodecs(method: Method<unknown, unknown>): MethodCodecs<unknown, unknown> {
  const { methods } = endpointsOf({ made: method }, none)
  if (methods['made'] === undefined) throw new Error('a service has its methods')
  return methods['made']
}
/** Of no value: what methods without an argument take. */
export const noArgument = methodCodecs(update(none, none, 64)).arg
