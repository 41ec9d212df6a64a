import { nativeLayout } from '@medguard/shared'

const {
  BUCKETS_AT,
  CHILDREN_AT,
  CURSOR_AT,
  KEY_AT,
  MEMORY_AT,
  NODE_AT,
  SIZE_AT,
  SPARE_AT,
  TABLE_AT,
  VALUE_AT,
  VALUE_BYTES_MAX,
} = nativeLayout

/**
 * Looking up in the stable maps of Azle's template (ic-stable-structures 0.6.9), past the host: one read of stable memory for each node on the way, where the
 * host reads each length and key by itself. Nothing here allocates a page or adds a key: a value may be written over where its node has room for that.
 *
 * The memory manager gives memories buckets of 8 MiB; byte `2080 + n` of stable memory says whose bucket `n` is, and buckets begin at the second page. The header
 * of a map has its root at 12. A node is a page of 1,024 bytes and more of them where it overflows:
 *
 *     "BTN" 2 || is internal u8 || count u16 || next page u64 || children, count + 1 of u64 || keys || values
 *     "NOF" || next page u64 || what did not fit
 *
 * Keys and values are each `length u32 || bytes`; numbers are little endian.
 */
const PAGE_BYTES = 1_024
const BUCKET_BITS = 23
const BUCKETS_BEGIN = 65_536
const BUCKET_TABLE_AT = 2_080
const TABLE_BYTES = 1_024
const BUCKETS_MAX = 32_768
const ROOT_AT = 12
const NODE_MAGIC = 0x024e5442
const INTERNAL_AT = 4
const COUNT_AT = 5
const NEXT_AT = 7
const NODE_HEADER_BYTES = 15
const OVERFLOW_NEXT_AT = 3
const OVERFLOW_HEADER_BYTES = 11
const OVERFLOW_DATA_BYTES = PAGE_BYTES - OVERFLOW_HEADER_BYTES
/** Of the cursor: where in the page is read next, which page that is, and which comes behind it. */
const AT = CURSOR_AT
const PAGE = CURSOR_AT + 8
const NEXT = CURSOR_AT + 16
const CURSOR_BYTES = 24
/** The cursor as it was before the length of the value that was found, and how many values come behind that one. */
const KEPT_CURSOR = CURSOR_AT + 24
const BEHIND = CURSOR_AT + 48
const WORD = CURSOR_AT + 56

const BUCKET_MASK = (1 << BUCKET_BITS) - 1

/** Where byte `v` of the memory lies in stable memory. What was found is kept: a bucket never changes hands. */
const place = () => `
(func $medguard_place (param $at i32) (param $v i64) (result i64)
  (local $wanted i32) (local $slot i32) (local $left i32) (local $bucket i32)
  (local.set $left (i32.wrap_i64 (i64.shr_u (local.get $v) (i64.const ${BUCKET_BITS}))))
  (local.set $wanted (i32.add (i32.const 1) (i32.or (i32.shl (local.get $left) (i32.const 8)) (i32.load8_u offset=${MEMORY_AT} (local.get $at)))))
  (local.set $slot (i32.add (local.get $at) (i32.shl (i32.and (i32.xor (local.get $left)
    (i32.shl (i32.load8_u offset=${MEMORY_AT} (local.get $at)) (i32.const 6))) (i32.const 255)) (i32.const 3))))
  (if (i32.ne (i32.load offset=${BUCKETS_AT} align=1 (local.get $slot)) (local.get $wanted)) (then
    (block $found
      (loop $next
        (if (i32.ge_u (local.get $bucket) (i32.const ${BUCKETS_MAX})) (then (unreachable)))
        (if (i32.eqz (i32.and (local.get $bucket) (i32.const ${TABLE_BYTES - 1}))) (then
          (call $medguard_stable_read (i64.extend_i32_u (i32.add (local.get $at) (i32.const ${TABLE_AT})))
            (i64.extend_i32_u (i32.add (local.get $bucket) (i32.const ${BUCKET_TABLE_AT}))) (i64.const ${TABLE_BYTES}))))
        (if (i32.eq (i32.load8_u offset=${TABLE_AT} (i32.add (local.get $at) (i32.and (local.get $bucket) (i32.const ${TABLE_BYTES - 1}))))
                    (i32.load8_u offset=${MEMORY_AT} (local.get $at))) (then
          (br_if $found (i32.eqz (local.get $left)))
          (local.set $left (i32.sub (local.get $left) (i32.const 1)))))
        (local.set $bucket (i32.add (local.get $bucket) (i32.const 1)))
        (br $next)))
    (i32.store offset=${BUCKETS_AT} align=1 (local.get $slot) (local.get $wanted))
    (i32.store offset=${BUCKETS_AT + 4} align=1 (local.get $slot) (local.get $bucket))))
  (i64.add (i64.add (i64.const ${BUCKETS_BEGIN})
    (i64.shl (i64.load32_u offset=${BUCKETS_AT + 4} align=1 (local.get $slot)) (i64.const ${BUCKET_BITS})))
    (i64.and (local.get $v) (i64.const ${BUCKET_MASK}))))`

/** Calls `each` for the parts of `size` bytes from `v` on that lie in one bucket. */
const moving = (name: string, each: string) => `
(func ${name} (param $at i32) (param $v i64) (param $heap i32) (param $size i32) (local $part i32)
  (loop $next
    (local.set $part (i32.sub (i32.const ${BUCKET_MASK + 1}) (i32.and (i32.wrap_i64 (local.get $v)) (i32.const ${BUCKET_MASK}))))
    (if (i32.gt_u (local.get $part) (local.get $size)) (then (local.set $part (local.get $size))))
    ${each}
    (local.set $v (i64.add (local.get $v) (i64.extend_i32_u (local.get $part))))
    (local.set $heap (i32.add (local.get $heap) (local.get $part)))
    (br_if $next (local.tee $size (i32.sub (local.get $size) (local.get $part))))))`
const fetch = () =>
  moving(
    '$medguard_fetch',
    `(call $medguard_stable_read (i64.extend_i32_u (local.get $heap))
      (call $medguard_place (local.get $at) (local.get $v)) (i64.extend_i32_u (local.get $part)))`,
  )
const put = () =>
  moving(
    '$medguard_put',
    `(call $medguard_stable_write (call $medguard_place (local.get $at) (local.get $v))
      (i64.extend_i32_u (local.get $heap)) (i64.extend_i32_u (local.get $part)))`,
  )

/** Moves the cursor on by `size` bytes of a node, and copies them to `heap` unless that is zero. */
const take = () => `
(func $medguard_take (param $at i32) (param $heap i32) (param $size i32) (local $part i32) (local $here i32)
  (loop $next
    (local.set $here (i32.load offset=${AT} align=1 (local.get $at)))
    (local.set $part (i32.sub (i32.const ${PAGE_BYTES}) (local.get $here)))
    (if (i32.gt_u (local.get $part) (local.get $size)) (then (local.set $part (local.get $size))))
    (if (local.get $heap) (then
      (memory.copy (local.get $heap) (i32.add (local.get $at) (i32.add (i32.const ${NODE_AT}) (local.get $here))) (local.get $part))
      (local.set $heap (i32.add (local.get $heap) (local.get $part)))))
    (i32.store offset=${AT} align=1 (local.get $at) (i32.add (local.get $here) (local.get $part)))
    (if (i32.eqz (local.tee $size (i32.sub (local.get $size) (local.get $part)))) (then (return)))
    (local.set $part (i32.ge_u (local.get $size) (i32.const ${OVERFLOW_DATA_BYTES})))
    (call $medguard_turn (local.get $at) (local.get $part))
    (if (i32.and (local.get $part) (i32.ne (local.get $heap) (i32.const 0))) (then
      (call $medguard_fetch (local.get $at)
        (i64.add (i64.load offset=${PAGE} align=1 (local.get $at)) (i64.const ${OVERFLOW_HEADER_BYTES}))
        (local.get $heap) (i32.const ${OVERFLOW_DATA_BYTES}))
      (i32.store offset=${AT} align=1 (local.get $at) (i32.const ${PAGE_BYTES}))
      (local.set $heap (i32.add (local.get $heap) (i32.const ${OVERFLOW_DATA_BYTES})))
      (br_if $next (local.tee $size (i32.sub (local.get $size) (i32.const ${OVERFLOW_DATA_BYTES}))))
      (return)))
    (br $next)))`

/** Goes to the node's next page; of one that is only passed by, the header is enough. */
const turn = () => `
(func $medguard_turn (param $at i32) (param $isPassed i32)
  (if (i64.eqz (i64.load offset=${NEXT} align=1 (local.get $at))) (then (unreachable)))
  (i64.store offset=${PAGE} align=1 (local.get $at) (i64.load offset=${NEXT} align=1 (local.get $at)))
  (call $medguard_fetch (local.get $at) (i64.load offset=${PAGE} align=1 (local.get $at))
    (i32.add (local.get $at) (i32.const ${NODE_AT}))
    (select (i32.const ${OVERFLOW_HEADER_BYTES}) (i32.const ${PAGE_BYTES}) (local.get $isPassed)))
  (i64.store offset=${NEXT} align=1 (local.get $at) (i64.load offset=${NODE_AT + OVERFLOW_NEXT_AT} align=1 (local.get $at)))
  (i32.store offset=${AT} align=1 (local.get $at) (i32.const ${OVERFLOW_HEADER_BYTES})))`

const length = () => `
(func $medguard_length (param $at i32) (result i32) (local $here i32)
  (local.set $here (i32.load offset=${AT} align=1 (local.get $at)))
  (if (i32.le_u (local.get $here) (i32.const ${PAGE_BYTES - 4})) (then
    (i32.store offset=${AT} align=1 (local.get $at) (i32.add (local.get $here) (i32.const 4)))
    (return (i32.load offset=${NODE_AT} align=1 (i32.add (local.get $at) (local.get $here))))))
  (call $medguard_take (local.get $at) (i32.add (local.get $at) (i32.const ${WORD})) (i32.const 4))
  (i32.load offset=${WORD} align=1 (local.get $at)))`

/** How the key at the cursor, `own` bytes, stands to the one that is looked for: below zero before it, zero the same, above behind it. */
const compare = () => `
(func $medguard_compare (param $at i32) (param $own i32) (param $size i32) (result i32)
  (local $left i32) (local $right i32) (local $end i32) (local $difference i32)
  (local.set $left (i32.add (local.get $at) (i32.add (i32.const ${NODE_AT}) (i32.load offset=${AT} align=1 (local.get $at)))))
  (if (i32.gt_u (i32.add (local.get $own) (i32.load offset=${AT} align=1 (local.get $at))) (i32.const ${PAGE_BYTES}))
    (then
      (local.set $left (i32.add (local.get $at) (i32.const ${SPARE_AT})))
      (call $medguard_take (local.get $at) (local.get $left) (local.get $own)))
    (else (i32.store offset=${AT} align=1 (local.get $at) (i32.add (local.get $own) (i32.load offset=${AT} align=1 (local.get $at))))))
  (local.set $right (i32.add (local.get $at) (i32.const ${KEY_AT})))
  (local.set $end (i32.add (local.get $left) (select (local.get $own) (local.get $size) (i32.lt_u (local.get $own) (local.get $size)))))
  (loop $next
    (if (i32.ge_u (local.get $left) (local.get $end)) (then (return (i32.sub (local.get $own) (local.get $size)))))
    (if (local.tee $difference (i32.sub (i32.load8_u (local.get $left)) (i32.load8_u (local.get $right)))) (then (return (local.get $difference))))
    (local.set $left (i32.add (local.get $left) (i32.const 1)))
    (local.set $right (i32.add (local.get $right) (i32.const 1)))
    (br $next))
  (unreachable))`

/** The length of a key's value, with the cursor where it begins; -1 where there is none, -2 where a key or node is none of those described above. */
const find = () => `
(func $medguard_find (param $at i32) (param $size i32) (result i32)
  (local $node i64) (local $count i32) (local $isInternal i32) (local $i i32) (local $own i32) (local $order i32)
  (call $medguard_fetch (local.get $at) (i64.const ${ROOT_AT}) (i32.add (local.get $at) (i32.const ${WORD})) (i32.const 8))
  (local.set $node (i64.load offset=${WORD} align=1 (local.get $at)))
  (if (i64.eqz (local.get $node)) (then (return (i32.const -1))))
  (loop $deeper
    (i64.store offset=${PAGE} align=1 (local.get $at) (local.get $node))
    (call $medguard_fetch (local.get $at) (local.get $node) (i32.add (local.get $at) (i32.const ${NODE_AT})) (i32.const ${PAGE_BYTES}))
    (if (i32.ne (i32.load offset=${NODE_AT} align=1 (local.get $at)) (i32.const ${NODE_MAGIC})) (then (return (i32.const -2))))
    (local.set $isInternal (i32.load8_u offset=${NODE_AT + INTERNAL_AT} (local.get $at)))
    (local.set $count (i32.load16_u offset=${NODE_AT + COUNT_AT} align=1 (local.get $at)))
    (if (i32.gt_u (local.get $count) (i32.const 11)) (then (return (i32.const -2))))
    (i64.store offset=${NEXT} align=1 (local.get $at) (i64.load offset=${NODE_AT + NEXT_AT} align=1 (local.get $at)))
    (i32.store offset=${AT} align=1 (local.get $at) (i32.const ${NODE_HEADER_BYTES}))
    (if (local.get $isInternal) (then
      (call $medguard_take (local.get $at) (i32.add (local.get $at) (i32.const ${CHILDREN_AT}))
        (i32.shl (i32.add (local.get $count) (i32.const 1)) (i32.const 3)))))
    (local.set $i (i32.const 0))
    (block $behind
      (loop $key
        (br_if $behind (i32.ge_u (local.get $i) (local.get $count)))
        (local.set $own (call $medguard_length (local.get $at)))
        (if (i32.gt_u (local.get $own) (i32.const ${PAGE_BYTES})) (then (return (i32.const -2))))
        (local.set $order (call $medguard_compare (local.get $at) (local.get $own) (local.get $size)))
        (br_if $behind (i32.gt_s (local.get $order) (i32.const 0)))
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $key (local.get $order))
        (local.set $own (i32.sub (local.get $count) (local.get $i)))
        (i32.store offset=${BEHIND} align=1 (local.get $at) (local.get $own))
        (loop $skip
          (if (local.get $own) (then
            (call $medguard_take (local.get $at) (i32.const 0) (call $medguard_length (local.get $at)))
            (local.set $own (i32.sub (local.get $own) (i32.const 1)))
            (br $skip))))
        (loop $skip
          (if (local.tee $i (i32.sub (local.get $i) (i32.const 1))) (then
            (call $medguard_take (local.get $at) (i32.const 0) (call $medguard_length (local.get $at)))
            (br $skip))))
        (memory.copy (i32.add (local.get $at) (i32.const ${KEPT_CURSOR})) (i32.add (local.get $at) (i32.const ${CURSOR_AT})) (i32.const ${CURSOR_BYTES}))
        (return (call $medguard_length (local.get $at)))))
    (if (i32.eqz (local.get $isInternal)) (then (return (i32.const -1))))
    (local.set $node (i64.load offset=${CHILDREN_AT} align=1 (i32.add (local.get $at) (i32.shl (local.get $i) (i32.const 3)))))
    (br $deeper))
  (unreachable))`

/** Leaves the value's length at the scratch's beginning, as `find` says it, and the value itself, if it is not too long. */
const lookUp = () => `
(func $medguard_look_up (param $at i32) (param $count i32) (local $size i32)
  (local.set $size (call $medguard_find (local.get $at) (local.get $count)))
  (if (i32.gt_s (local.get $size) (i32.const ${VALUE_BYTES_MAX})) (then (local.set $size (i32.const -2))))
  (if (i32.gt_s (local.get $size) (i32.const 0)) (then
    (call $medguard_take (local.get $at) (i32.add (local.get $at) (i32.const ${VALUE_AT})) (local.get $size))))
  (i32.store align=1 (local.get $at) (local.get $size)))`

/**
 * Puts the value that lies ready in the place of the one that is there, and moves those behind it in their node; zeros fill what becomes free. Where they do not fit into its last
 * page, there is nothing, or more than the scratch takes would move, nothing happens, and the answer is -1.
 */
const overwrite = () => `
(func $medguard_overwrite (param $at i32) (param $count i32)
  (local $size i32) (local $before i32) (local $heap i32) (local $here i32) (local $part i32)
  (local.set $size (i32.load offset=${SIZE_AT} align=1 (local.get $at)))
  (local.set $before (call $medguard_find (local.get $at) (local.get $count)))
  (i32.store align=1 (local.get $at) (i32.const -1))
  (if (i32.lt_s (local.get $before) (i32.const 0)) (then (return)))
  (i32.store offset=${VALUE_AT} align=1 (local.get $at) (local.get $size))
  (local.set $heap (i32.add (local.get $at) (i32.add (i32.const ${VALUE_AT + 4}) (local.get $size))))
  (if (i32.ne (local.get $before) (local.get $size)) (then
    (call $medguard_take (local.get $at) (i32.const 0) (local.get $before))
    (block $last
      (loop $value
        (br_if $last (i32.eqz (local.tee $count (i32.load offset=${BEHIND} align=1 (local.get $at)))))
        (i32.store offset=${BEHIND} align=1 (local.get $at) (i32.sub (local.get $count) (i32.const 1)))
        (local.set $part (call $medguard_length (local.get $at)))
        (if (i32.gt_u (i32.add (i32.sub (local.get $heap) (local.get $at)) (local.get $part)) (i32.const ${VALUE_AT + VALUE_BYTES_MAX - 4}))
          (then (return)))
        (i32.store align=1 (local.get $heap) (local.get $part))
        (call $medguard_take (local.get $at) (i32.add (local.get $heap) (i32.const 4)) (local.get $part))
        (local.set $heap (i32.add (local.get $heap) (i32.add (i32.const 4) (local.get $part))))
        (br $value)))
    (if (i32.gt_s (i32.sub (local.get $size) (local.get $before))
        (i32.sub (i32.const ${PAGE_BYTES}) (i32.load offset=${AT} align=1 (local.get $at)))) (then (return)))
    (local.set $part (i32.sub (local.get $before) (local.get $size)))
    (if (i32.gt_s (local.get $part) (i32.const 0)) (then
      (if (i32.gt_u (i32.add (i32.sub (local.get $heap) (local.get $at)) (local.get $part)) (i32.const ${VALUE_AT + VALUE_BYTES_MAX}))
        (then (return)))
      (memory.fill (local.get $heap) (i32.const 0) (local.get $part))
      (local.set $heap (i32.add (local.get $heap) (local.get $part)))))))
  (i32.store align=1 (local.get $at) (local.get $size))
  (memory.copy (i32.add (local.get $at) (i32.const ${CURSOR_AT})) (i32.add (local.get $at) (i32.const ${KEPT_CURSOR})) (i32.const ${CURSOR_BYTES}))
  (local.set $size (i32.sub (local.get $heap) (i32.add (local.get $at) (i32.const ${VALUE_AT}))))
  (local.set $heap (i32.add (local.get $at) (i32.const ${VALUE_AT})))
  (loop $next
    (local.set $here (i32.load offset=${AT} align=1 (local.get $at)))
    (local.set $part (i32.sub (i32.const ${PAGE_BYTES}) (local.get $here)))
    (if (i32.gt_u (local.get $part) (local.get $size)) (then (local.set $part (local.get $size))))
    (if (local.get $part) (then
      (call $medguard_put (local.get $at)
        (i64.add (i64.load offset=${PAGE} align=1 (local.get $at)) (i64.extend_i32_u (local.get $here)))
        (local.get $heap) (local.get $part))))
    (if (i32.eqz (local.tee $size (i32.sub (local.get $size) (local.get $part)))) (then (return)))
    (local.set $heap (i32.add (local.get $heap) (local.get $part)))
    (call $medguard_turn (local.get $at) (i32.const 1))
    (br $next)))`

export const mapFunctions = (): string[] => [
  place(),
  fetch(),
  put(),
  take(),
  turn(),
  length(),
  compare(),
  find(),
  lookUp(),
  overwrite(),
]
