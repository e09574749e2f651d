#include "sample.h"

#include <string.h>

#define NOINLINE __attribute__((noinline))

#if defined(SAMPLE_MARKS)
#define MARK(op) __asm__ volatile("1: .pushsection .thimble_marks, \"\"; .4byte 1b, " #op "; .popsection")
#else
#define MARK(op) ((void)0)
#endif

/* out[i] = -in[i] */
NOINLINE static void negate(int8_t *out, const int8_t *in) {
  for (int i = 0; i < SAMPLE_TENSOR_BYTES; i++) out[i] = (int8_t)-in[i];
}

#if defined(SAMPLE_STACK)
/* Touches SAMPLE_STACK bytes of stack, first to last. */
NOINLINE static int use_stack(void) {
  volatile uint8_t bytes[SAMPLE_STACK];
  for (int i = 0; i < SAMPLE_STACK; i++) bytes[i] = (uint8_t)i;
  return bytes[0];
}
#endif

#if defined(SAMPLE_MIXED)
/* Dot products, clamping (conditional instructions), division, a jump table, copies that are not aligned. */
NOINLINE static void integers(int8_t *out, const int8_t *in) {
  for (int i = 0; i < SAMPLE_TENSOR_BYTES; i++) {
    int32_t sum = 0;
    for (int k = 0; k < SAMPLE_TENSOR_BYTES; k++) {
      if (in[k] > out[i]) sum += in[k] * sample_weights[(i + k) % SAMPLE_TENSOR_BYTES];
    }
    switch (in[i] & 7) {
      case 0:
        sum /= 3;
        break;
      case 1:
        sum /= in[i];
        break;
      case 2:
        sum += 1000;
        break;
      case 3:
        sum -= 77;
        break;
      case 4:
        sum ^= 0x55;
        break;
      default:
        sum /= 16;
        break;
    }
    out[i] = (int8_t)(sum > 127 ? 127 : sum < -128 ? -128 : sum);
  }
  int8_t rotated[SAMPLE_TENSOR_BYTES];
  const unsigned shift = (unsigned)in[0] & 7u;
  memcpy(rotated, out + shift, SAMPLE_TENSOR_BYTES - shift);
  memcpy(rotated + SAMPLE_TENSOR_BYTES - shift, out, shift);
  memcpy(out, rotated, SAMPLE_TENSOR_BYTES);
}

/* Fixed-point scaling by 64-bit products, as requantisation does. */
NOINLINE static void wide(int8_t *out) {
  for (int i = 0; i < SAMPLE_TENSOR_BYTES; i++) {
    const int64_t product = (int64_t)(out[i] * 1000) * 1518500250 + (INT64_C(1) << 30);
    out[i] = (int8_t)((product >> 31) / 500);
  }
}

NOINLINE static void floats(int8_t *out) {
  float mean = 0.0f;
  for (int i = 0; i < SAMPLE_TENSOR_BYTES; i++) mean += (float)out[i];
  mean /= (float)SAMPLE_TENSOR_BYTES;
  for (int i = 0; i < SAMPLE_TENSOR_BYTES; i++) {
    const float scaled = ((float)out[i] - mean) * 0.7f + 0.25f;
    out[i] = (int8_t)(scaled < -128.0f ? -128.0f : scaled > 127.0f ? 127.0f : scaled);
  }
}
#endif

#if defined(SAMPLE_WRITE_PAST)
/* Through a volatile pointer: the compiler must not see what this does. */
NOINLINE static void stray_write(uint8_t *arena) {
  uint8_t *volatile past = arena + SAMPLE_ARENA_BYTES;
  *past = 1;
}
#endif

#if defined(SAMPLE_WRITE_CONSTANT)
NOINLINE static void constant_write(void) {
  int8_t *volatile weights = (int8_t *)(uintptr_t)sample_weights;
  weights[3] = 1;
}
#endif

#if defined(SAMPLE_READ_WILD)
NOINLINE static int wild_read(void) {
  const uint8_t *volatile nowhere = (const uint8_t *)(uintptr_t)0x50000123u;
  return *nowhere;
}
#endif

#if defined(SAMPLE_RECURSE)
NOINLINE static int recurse(volatile int *depth) {
  volatile int here[16];
  here[*depth & 15] = *depth + 1;
  return recurse(&here[*depth & 15]) + here[0];
}
#endif

#if defined(SAMPLE_LOOP)
NOINLINE static void endless(void) {
  for (volatile unsigned i = 0;; i++) {
  }
}
#endif

#if defined(SAMPLE_UNALIGNED)
NOINLINE static uint32_t unaligned_load(const uint8_t *arena) {
  const volatile uint32_t *volatile word = (const volatile uint32_t *)(const volatile void *)(arena + 1);
  return *word;
}
#endif

#if defined(SAMPLE_TRAP)
NOINLINE static void trap(void) {
  __builtin_trap();
}
#endif

#if defined(SAMPLE_JUMP)
NOINLINE static void jump(uint8_t *arena) {
  /* Bit 0 set: Thumb code, on cores that have it; arena + 4 on those that ignore it. */
  void (*volatile elsewhere)(void) = (void (*)(void))((uintptr_t)arena + 5u);
  elsewhere();
  arena[0] = 0; /* no tail call */
}
#endif

int sample_run(void *arena) {
  int8_t *out = sample_output(arena, 0);
  int8_t *in = sample_input(arena, 0);
  uint8_t *bytes = arena;
  MARK(7);
  negate(out, in);
  (void)bytes;
#if defined(SAMPLE_STACK)
  out[0] = (int8_t)(out[0] + use_stack());
#endif
#if defined(SAMPLE_MIXED)
  MARK(0);
  integers(out, in);
  MARK(12);
  wide(out);
  MARK(0);
  floats(out);
#endif
#if defined(SAMPLE_STATE)
  bytes[SAMPLE_RUNS_OFFSET]++;
  out[0] = (int8_t)bytes[SAMPLE_RUNS_OFFSET];
  out[1] = (int8_t)bytes[SAMPLE_UNWRITTEN_OFFSET];
#endif
#if defined(SAMPLE_WRITE_PAST)
  stray_write(bytes);
#endif
#if defined(SAMPLE_WRITE_CONSTANT)
  constant_write();
#endif
#if defined(SAMPLE_READ_WILD)
  out[0] = (int8_t)wild_read();
#endif
#if defined(SAMPLE_RECURSE)
  int depth = 0;
  out[0] = (int8_t)recurse(&depth);
#endif
#if defined(SAMPLE_LOOP)
  endless();
#endif
#if defined(SAMPLE_UNALIGNED)
  out[0] = (int8_t)unaligned_load(bytes);
#endif
#if defined(SAMPLE_TRAP)
  trap();
#endif
#if defined(SAMPLE_JUMP)
  jump(bytes);
#endif
#if defined(SAMPLE_BROKEN)
  out[0] = no_such_thing;
#endif
#if defined(SAMPLE_UNRESOLVED)
  extern int nowhere_defined(void);
  out[0] = (int8_t)nowhere_defined();
#endif
#if defined(SAMPLE_FAIL)
  return 7;
#else
  return 0;
#endif
}
