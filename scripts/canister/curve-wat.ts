import { curveLayout, nativeLayout } from '@medguard/shared'

const { DATA_AT } = nativeLayout
const {
  INVERSE_AT,
  MODULUS_AT,
  OPERATIONS_AT,
  OPERATIONS_MAX,
  REGISTERS,
  REGISTERS_AT,
  RUN,
  SCALARS_AT,
  STEP,
  STEPS_AT,
} = curveLayout

/**
 * Arithmetic modulo a number of 256 bits as WebAssembly text: products by Montgomery's method, sums, differences, and a machine that runs short
 * programs of these over registers, once for each bit of two scalars. What a curve is stands in the programs alone (canisters/shared/src/curves).
 * The time it takes depends on what it is given: for public values only.
 */
const LIMBS = 8
const LIMB = '(i64.const 0xffffffff)'
const limbs = Array.from({ length: LIMBS }, (_, i) => i)
const get = (name: string) => `(local.get $${name})`
const set = (name: string, value: string) => `(local.set $${name} ${value})`
const add = (a: string, b: string) => `(i64.add ${a} ${b})`
const mul = (a: string, b: string) => `(i64.mul ${a} ${b})`
const low = (value: string) => `(i64.and ${value} ${LIMB})`
const high = '(i64.shr_u (local.get $x) (i64.const 32))'
const limbOf = (at: string, i: number) => `(i64.load32_u offset=${4 * i} align=1 ${get(at)})`
const locals = (names: readonly string[]) => names.map((name) => `(local $${name} i64)`).join(' ')
/** Puts a sum into `x`, its low half into a limb and its high half into `c`. */
const carried = (limb: string, sum: string) => `${set('x', sum)} ${set(limb, low(get('x')))} ${set('c', high)}`

/** Stores `t`, which is below twice the modulus, less the modulus where it is not below that. */
const reduced = () => `
  ${set('c', '(i64.const 0)')}
  ${limbs
    .map(
      (i) => `${set('x', add(`(i64.sub ${get(`t${i}`)} ${get(`m${i}`)})`, get('c')))}
  ${set(`d${i}`, low(get('x')))} ${set('c', '(i64.shr_s (local.get $x) (i64.const 32))')}`,
    )
    .join('\n')}
  (local.set $isBelow (i64.lt_s ${add(get('t8'), get('c'))} (i64.const 0)))
  ${limbs
    .map(
      (i) =>
        `(i64.store32 offset=${4 * i} align=1 ${get('out')} (select ${get(`t${i}`)} ${get(`d${i}`)} ${get('isBelow')}))`,
    )
    .join('\n')}`
const T = limbs.map((i) => `t${i}`)
const M = limbs.map((i) => `m${i}`)
const D = limbs.map((i) => `d${i}`)
const loaded = (names: readonly string[], at: string) => names.map((name, i) => set(name, limbOf(at, i))).join('\n')

/** `a × b / 2^256` modulo `m`, which is odd and has minus its inverse modulo 2^32 behind it; one of the two is below `m`. */
const multiply = () => `
(func $medguard_multiply (param $out i32) (param $a i32) (param $b i32) (param $m i32)
  ${locals([...T, 't8', ...M, ...D, ...limbs.map((i) => `b${i}`), 'x', 'c', 'factor', 'inverse'])} (local $isBelow i32)
  ${loaded(M, 'm')}
  ${loaded(
    limbs.map((i) => `b${i}`),
    'b',
  )}
  ${set('inverse', `(i64.load32_u offset=${INVERSE_AT - MODULUS_AT} align=1 ${get('m')})`)}
  ${limbs
    .map(
      (i) => `
  ${set('factor', limbOf('a', i))}
  ${set('c', '(i64.const 0)')}
  ${limbs.map((j) => carried(`t${j}`, add(add(get(`t${j}`), mul(get('factor'), get(`b${j}`))), get('c')))).join('\n')}
  ${set('t8', add(get('t8'), get('c')))}
  ${set('factor', low(mul(get('t0'), get('inverse'))))}
  ${set('x', add(get('t0'), mul(get('factor'), get('m0'))))}
  ${set('c', high)}
  ${limbs
    .slice(1)
    .map((j) => carried(`t${j - 1}`, add(add(get(`t${j}`), mul(get('factor'), get(`m${j}`))), get('c'))))
    .join('\n')}
  ${set('x', add(get('t8'), get('c')))}
  ${set('t7', low(get('x')))}
  ${set('t8', high)}`,
    )
    .join('\n')}
  ${reduced()})`

/** `a + b`, both below `m`. */
const sum = () => `
(func $medguard_sum (param $out i32) (param $a i32) (param $b i32) (param $m i32)
  ${locals([...T, 't8', ...M, ...D, 'x', 'c'])} (local $isBelow i32)
  ${loaded(M, 'm')}
  ${limbs.map((i) => carried(`t${i}`, add(add(limbOf('a', i), limbOf('b', i)), get('c')))).join('\n')}
  ${set('t8', get('c'))}
  ${reduced()})`

/** `a - b`, both below `m`: where that is negative, `m` is added. */
const difference = () => `
(func $medguard_difference (param $out i32) (param $a i32) (param $b i32) (param $m i32)
  ${locals([...T, 'x', 'c', 'mask'])}
  ${limbs
    .map(
      (i) => `${set('x', add(`(i64.sub ${limbOf('a', i)} ${limbOf('b', i)})`, get('c')))}
  ${set(`t${i}`, low(get('x')))} ${set('c', '(i64.shr_s (local.get $x) (i64.const 32))')}`,
    )
    .join('\n')}
  ${set('mask', low(get('c')))}
  ${set('c', '(i64.const 0)')}
  ${limbs
    .map(
      (i) => `${set('x', add(add(get(`t${i}`), `(i64.and ${limbOf('m', i)} ${get('mask')})`), get('c')))}
  (i64.store32 offset=${4 * i} align=1 ${get('out')} ${get('x')}) ${set('c', high)}`,
    )
    .join('\n')})`

const register = (byte: number) => `(i32.add (i32.add ${get('at')} (i32.const ${DATA_AT + REGISTERS_AT}))
  (i32.mul (i32.and (i32.shr_u ${get('step')} (i32.const ${8 * byte})) (i32.const ${REGISTERS - 1})) (i32.const 32)))`
const operands = `${register(1)} ${register(2)} ${register(3)} (i32.add ${get('at')} (i32.const ${DATA_AT + MODULUS_AT}))`

/** The steps of one program. Its bounds are two numbers of 16 bits; none reaches beyond where steps are kept. */
const program = () => `
(func $medguard_program (param $at i32) (param $which i32) (local $next i32) (local $end i32) (local $step i32)
  (local.set $which (i32.add ${get('at')} (i32.shl ${get('which')} (i32.const 2))))
  (local.set $next (i32.load16_u offset=${DATA_AT + STEPS_AT} align=1 ${get('which')}))
  (local.set $end (i32.load16_u offset=${DATA_AT + STEPS_AT + 2} align=1 ${get('which')}))
  (if (i32.gt_u ${get('end')} (i32.const ${OPERATIONS_MAX})) (then (unreachable)))
  (block $done (loop $more
    (br_if $done (i32.ge_u ${get('next')} ${get('end')}))
    (local.set $step (i32.load offset=${DATA_AT + OPERATIONS_AT} align=1 (i32.add ${get('at')} (i32.shl ${get('next')} (i32.const 2)))))
    (local.set $next (i32.add ${get('next')} (i32.const 1)))
    (if (i32.eq (i32.and ${get('step')} (i32.const 255)) (i32.const ${STEP.multiply})) (then (call $medguard_multiply ${operands}) (br $more)))
    (if (i32.eq (i32.and ${get('step')} (i32.const 255)) (i32.const ${STEP.add})) (then (call $medguard_sum ${operands}) (br $more)))
    (call $medguard_difference ${operands})
    (br $more))))`

const bitOf = (scalar: number) =>
  `(i32.and (i32.shr_u (i32.load8_u offset=${DATA_AT + SCALARS_AT + 32 * scalar} (i32.add ${get('at')} (i32.shr_u ${get('bits')} (i32.const 3)))) (i32.and ${get('bits')} (i32.const 7))) (i32.const 1))`

/** Before, then for each of the lowest `bits` bits from the highest down: one program, and one by what bits the two scalars have there; then after. */
const ladder = () => `
(func $medguard_ladder (param $at i32) (param $bits i32) (local $pair i32)
  (call $medguard_program ${get('at')} (i32.const ${RUN.before}))
  (block $done (loop $more
    (br_if $done (i32.eqz ${get('bits')}))
    (local.set $bits (i32.sub ${get('bits')} (i32.const 1)))
    (call $medguard_program ${get('at')} (i32.const ${RUN.each}))
    (local.set $pair (i32.or ${bitOf(0)} (i32.shl ${bitOf(1)} (i32.const 1))))
    (if ${get('pair')} (then (call $medguard_program ${get('at')} (i32.add ${get('pair')} (i32.const ${RUN.first - 1})))))
    (br $more)))
  (call $medguard_program ${get('at')} (i32.const ${RUN.after})))`

export const curveFunctions = (): string[] => [multiply(), sum(), difference(), program(), ladder()]
