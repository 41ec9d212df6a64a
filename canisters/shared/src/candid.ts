/** What generated codecs are made of. */
export type { Call, Endpoints, MethodCodecs } from './endpoints.ts'
export {
  acknowledger,
  codec,
  type Codec,
  type Decoded,
  decoder,
  type Decoder,
  encoder,
  type Encoder,
  nothing,
  bodyCodec,
  type BodyCodec,
} from './candid-codec.ts'
export * from './candid-read.ts'
export * from './candid-write.ts'
