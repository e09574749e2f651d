/* Feeds a network that was built for the host (with sanitizers); same files as qemu_host.c. The input file's
 * words are in the host's byte order. Usage: host_main INPUT OUTPUT. Exit codes: 0 good, 2 cannot read or
 * write, 3 NAME_run returned an error; sanitizers end the process themselves. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_RANGES 256

int THIMBLE_RUN(void *arena);
extern unsigned char THIMBLE_ARENA[];

static uint32_t header[4], ranges[2 * MAX_RANGES];

static void check(int good) {
  if (!good) exit(2);
}

int main(int argc, char **argv) {
  check(argc == 3);
  FILE *in = fopen(argv[1], "rb");
  FILE *out = fopen(argv[2], "wb");
  check(in != NULL && out != NULL && fread(header, sizeof header, 1, in) == 1);
  const size_t count = (size_t)header[2] + header[3];
  check(count <= MAX_RANGES && fread(ranges, 8, count, in) == count);
  /* Through a volatile pointer: to the compiler the array's length is unknown here. */
  unsigned char *volatile arena = THIMBLE_ARENA;
  memset(arena, 0xA5, header[0]);
  for (uint32_t run = 0; run < header[1]; run++) {
    size_t i = 0;
    for (; i < header[2]; i++) {
      check(fread(arena + ranges[2 * i], 1, ranges[2 * i + 1], in) == ranges[2 * i + 1]);
    }
    if (THIMBLE_RUN(arena) != 0) return 3;
    for (; i < count; i++) {
      check(fwrite(arena + ranges[2 * i], 1, ranges[2 * i + 1], out) == ranges[2 * i + 1]);
    }
  }
  check(fclose(out) == 0);
  fclose(in);
  return 0;
}
