/* Feeds a network that was built for the host (with sanitizers); same files as qemu_host.c. The input file's
 * words are in the host's byte order. Usage: host_main INPUT OUTPUT. Exit codes: 0 good, 2 cannot read or
 * write, 3 NAME_run returned an error; sanitizers end the process themselves. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_RANGES 256
#define MAX_ARENAS 8

int THIMBLE_RUN(const void *arena);
#if THIMBLE_ARENAS > 1
extern unsigned char *const THIMBLE_ARENA[]; /* to be exact a struct of so many pointers */
#else
extern unsigned char THIMBLE_ARENA[];
#endif

static uint32_t header[4], sizes[MAX_ARENAS], ranges[3 * MAX_RANGES];

static void check(int good) {
  if (!good) exit(2);
}

int main(int argc, char **argv) {
  check(argc == 3);
  FILE *in = fopen(argv[1], "rb");
  FILE *out = fopen(argv[2], "wb");
  check(in != NULL && out != NULL && fread(header, sizeof header, 1, in) == 1);
  const size_t count = (size_t)header[2] + header[3];
  check(header[0] == THIMBLE_ARENAS && fread(sizes, 4, header[0], in) == header[0]);
  check(count <= MAX_RANGES && fread(ranges, 12, count, in) == count);
  /* Through volatile pointers: to the compiler the arrays' lengths are unknown here. */
  unsigned char *volatile arenas[THIMBLE_ARENAS];
#if THIMBLE_ARENAS > 1
  for (int i = 0; i < THIMBLE_ARENAS; i++) arenas[i] = THIMBLE_ARENA[i];
#else
  arenas[0] = THIMBLE_ARENA;
#endif
  for (int i = 0; i < THIMBLE_ARENAS; i++) memset(arenas[i], 0xA5, sizes[i]);
  for (uint32_t run = 0; run < header[1]; run++) {
    size_t i = 0;
    for (; i < header[2]; i++) {
      const uint32_t *const r = ranges + 3 * i;
      check(fread(arenas[r[0]] + r[1], 1, r[2], in) == r[2]);
    }
    if (THIMBLE_RUN(THIMBLE_ARENA) != 0) return 3;
    for (; i < count; i++) {
      const uint32_t *const r = ranges + 3 * i;
      check(fwrite(arenas[r[0]] + r[1], 1, r[2], out) == r[2]);
    }
  }
  check(fclose(out) == 0);
  fclose(in);
  return 0;
}
