/** Readings of devices: what one is, its codes and units, how many of them are stored and told. Plain functions: pages, workers, Node and canister-free tools alike. */
export {
  BLOOD_PRESSURE,
  DEVICE_MEASURES,
  DIASTOLIC,
  type KnownMeasure,
  LABS,
  type Measure,
  type MeasureId,
  type MeasureUnit,
  SYSTOLIC,
  VITALS,
  measureCalled,
  measureOfCode,
} from './measures.ts'
export { converted, tidied, ucumOf, unitOf } from './units.ts'
export {
  type Component,
  FLAGS,
  type Flag,
  MEALS,
  type Meal,
  type Reading,
  ReadingFault,
  type ReadingInput,
  type ReadingProblem,
  type Source,
  isLoinc,
  partsOf,
  problemOf,
  readingOf,
  withFlags,
} from './reading.ts'
export { type Placed, type WallClock, momentText, placed, readMoment } from './clocks.ts'
export { type Duplicate, type Merged, merged, readingKey, tellsTheSame } from './duplicates.ts'
export { type Gap, gapsOf, usualStepMs } from './gaps.ts'
export { SegmentFault } from './bytes.ts'
export { readingsAsFhir, readingsSummary } from './fhir/content.ts'
export { SEGMENT_MEDIA_TYPE, SEGMENT_READINGS_MAX, decodeSegment, encodeSegment, inOrder } from './segment.ts'
export { type CodeSummary, type SegmentSummary, summaryFromJson, summaryOf, summaryToJson } from './summary.ts'
export {
  type CompositionMeasurement,
  type OximeterMeasurement,
  type TemperatureMeasurement,
  type WeightMeasurement,
  decodeComposition,
  decodeOximeterSpot,
  decodeOximeterStream,
  decodeTemperature,
  decodeWeight,
} from './bluetooth/body.ts'
export {
  type GlucoseContext,
  type GlucoseMeasurement,
  type SensorMeasurement,
  type SensorSession,
  decodeGlucose,
  decodeGlucoseContext,
  decodeSensor,
  decodeSensorSession,
} from './bluetooth/glucose.ts'
export {
  type HeartRateMeasurement,
  type PressureMeasurement,
  decodeHeartRate,
  decodePressure,
} from './bluetooth/heart-and-pressure.ts'
export {
  type Arrival,
  type Arrived,
  HEALTH_SERVICES,
  readingsOfValue,
  withGlucoseContext,
} from './bluetooth/health-profiles.ts'
export { type MedicalFloat, PacketFault, type Special } from './bluetooth/packet.ts'
export {
  BATTERY,
  RECORD_ACCESS,
  type RecordsAnswer,
  SENSOR_SESSION,
  askForAllRecords,
  decodeBattery,
  decodeRecordsAnswer,
} from './bluetooth/stored-records.ts'
export { type FromObservation, type NoReading, readingsOfObservation } from './fhir/from-observation.ts'
export { type Observation, type ObservationOptions, observationOf } from './fhir/observation.ts'
export { createSieve, type Sieve, type Sifted } from './sieve.ts'
export { ALERTS_KEPT_MS, type Alert, type AlertReport, alertsOf, isOpen, seenOf } from './alerts/alerts.ts'
export type { Crossing, Piece } from './alerts/crossings.ts'
export {
  type AlertEvent,
  EXPECT_MINUTES_MAX,
  type Matter,
  SNOOZE_MAX_MS,
  type ThresholdEvent,
  type ThresholdProblem,
  thresholdProblem,
} from './alerts/events.ts'
export {
  type Acknowledged,
  type AlertState,
  alertStateOf,
  type Duty,
  type Said,
  type Snoozed,
  type Threshold,
} from './alerts/state.ts'
export { silenceOf, wronglyTimed } from './alerts/devices.ts'
