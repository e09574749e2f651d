/* A tiny program with the interface of an emitted network, made to be measured and to misbehave on request.
 */
#ifndef SAMPLE_H
#define SAMPLE_H
#include <stdint.h>

#define SAMPLE_ARENA_BYTES 256
#define SAMPLE_TENSOR_BYTES 64

/*  0..63 input 0 | 64..127 output 0 | 128..131 number of runs so far | 132..195 never written */
#define SAMPLE_INPUT_OFFSET 0
#define SAMPLE_OUTPUT_OFFSET 64
#define SAMPLE_RUNS_OFFSET 128
#define SAMPLE_UNWRITTEN_OFFSET 132

extern uint8_t sample_arena[SAMPLE_ARENA_BYTES];
extern const int8_t sample_weights[SAMPLE_TENSOR_BYTES];

static inline int8_t *sample_input(void *arena, int i) {
  (void)i;
  return (int8_t *)arena + SAMPLE_INPUT_OFFSET;
}
static inline int8_t *sample_output(void *arena, int i) {
  (void)i;
  return (int8_t *)arena + SAMPLE_OUTPUT_OFFSET;
}
int sample_run(void *arena);
#endif
