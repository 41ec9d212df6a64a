import type { MeasureId } from '../measures.ts'

// Apple's HealthKit identifiers (developer.apple.com/documentation/healthkit) that are readings here.

const QUANTITY = 'HKQuantityTypeIdentifier'
export const APPLE_SYSTOLIC = `${QUANTITY}BloodPressureSystolic`
export const APPLE_DIASTOLIC = `${QUANTITY}BloodPressureDiastolic`
export const APPLE_PRESSURE = 'HKCorrelationTypeIdentifierBloodPressure'
export const APPLE_SLEEP = 'HKCategoryTypeIdentifierSleepAnalysis'

export const APPLE_QUANTITIES: ReadonlyMap<string, MeasureId> = new Map<string, MeasureId>([
  [`${QUANTITY}HeartRate`, 'pulse'],
  [`${QUANTITY}RestingHeartRate`, 'restingPulse'],
  [`${QUANTITY}HeartRateVariabilitySDNN`, 'pulseVariation'],
  [`${QUANTITY}OxygenSaturation`, 'oxygen'],
  [`${QUANTITY}PeripheralPerfusionIndex`, 'perfusion'],
  [`${QUANTITY}RespiratoryRate`, 'breathing'],
  [`${QUANTITY}BodyMass`, 'weight'],
  [`${QUANTITY}BodyFatPercentage`, 'bodyFat'],
  [`${QUANTITY}BodyMassIndex`, 'bmi'],
  [`${QUANTITY}Height`, 'height'],
  [`${QUANTITY}BodyTemperature`, 'temperature'],
  [`${QUANTITY}BloodGlucose`, 'bloodGlucose'],
  [`${QUANTITY}StepCount`, 'steps'],
  [`${QUANTITY}DistanceWalkingRunning`, 'distance'],
  [`${QUANTITY}ActiveEnergyBurned`, 'energy'],
])

const ASLEEP = 'HKCategoryValueSleepAnalysisAsleep'
/** Being in bed and lying awake have no code of their own. */
export const APPLE_SLEEPS: ReadonlyMap<string, MeasureId> = new Map<string, MeasureId>([
  [ASLEEP, 'sleep'],
  [`${ASLEEP}Unspecified`, 'sleep'],
  [`${ASLEEP}Core`, 'sleepLight'],
  [`${ASLEEP}Deep`, 'sleepDeep'],
  [`${ASLEEP}REM`, 'sleepRem'],
])
/** Percentages are fractions of one in the file, whatever the unit there says. */
export const APPLE_FRACTIONS: ReadonlySet<MeasureId> = new Set(['oxygen', 'perfusion', 'bodyFat'])
