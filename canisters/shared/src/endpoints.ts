import type { ArgOf, Method, RetOf, Service } from '@medguard/protocol'
import type { Codec, Decoder, Encoder } from './candid-codec.ts'

/** A service as the canister that answers it needs it: made from the contract by `scripts/generate-codecs.ts`. */
export interface Endpoints<S extends Service, C> {
  readonly methods: { readonly [K in keyof S]: MethodCodecs<ArgOf<S[K]>, RetOf<S[K]>> }
  /** What the canister is configured with. */
  readonly configuration: Codec<C>
  /** The argument of an install or upgrade. */
  readonly argument: Decoder<[] | [C]>
}
export interface MethodCodecs<A, R> extends Pick<Method<A, R>, 'mode' | 'argBytesMax'> {
  readonly arg: Decoder<A>
  readonly ret: Encoder<R>
}

/** A method as those need it who call it. */
export interface Call<A, R> {
  readonly name: string
  readonly arg: Encoder<A>
  readonly ret: Decoder<R>
}
