/* Feeds a network under QEMU through semihosting: reads inputs from a file of the host, runs, writes outputs.
 * Arm, "Semihosting for AArch32 and AArch64": operation in r0, parameter block in r1, BKPT 0xAB.
 *
 * thimble_input.bin:  words { arenas, inferences, inputs, outputs, size of each arena, (arena, offset, size) of
 * each input and output }, then the input bytes, inference after inference. thimble_output.bin: the output bytes, inference
 * after inference. thimble_fault.bin:  after a fault { address of the instruction, whether the next word is
 * known, address accessed }. Exit codes: 0 good, 1 fault, 2 cannot read or write, 3 NAME_run returned an
 * error. */
#include <stdint.h>

#define HOST_TEXT __attribute__((section(".host_text"), noinline, used))
/* The linker script moves these apart: the network's own sections hold nothing of ours. */
#define HOST_BSS __attribute__((section(".bss.thimble_host")))
#define HOST_CONST __attribute__((section(".rodata.thimble_host")))
#define MAX_RANGES 256
#define MAX_ARENAS 8

enum { SYS_OPEN = 0x01, SYS_CLOSE = 0x02, SYS_WRITE = 0x05, SYS_READ = 0x06, SYS_EXIT_EXTENDED = 0x20 };
enum { MODE_READ_BINARY = 1, MODE_WRITE_BINARY = 5 };

#if THIMBLE_ARENAS > 1
extern unsigned char *const THIMBLE_ARENA[]; /* to be exact a struct of so many pointers */
#else
extern unsigned char THIMBLE_ARENA[];
#endif
extern unsigned char thimble_stack_begin[], thimble_stack_end[];
int thimble_call(const void *arena);
void thimble_host_exit(int code);

static uint32_t header[4] HOST_BSS;
static uint32_t sizes[MAX_ARENAS] HOST_BSS;
static uint32_t ranges[3 * MAX_RANGES] HOST_BSS;

static const char input_name[] HOST_CONST = "thimble_input.bin";
static const char output_name[] HOST_CONST = "thimble_output.bin";
static const char fault_name[] HOST_CONST = "thimble_fault.bin";

HOST_TEXT static uint32_t semihost(uint32_t operation, const void *block) {
  register uint32_t r0 __asm("r0") = operation;
  register const void *r1 __asm("r1") = block;
  __asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

HOST_TEXT void thimble_host_exit(int code) {
  const uint32_t block[2] = {0x20026u, (uint32_t)code}; /* ADP_Stopped_ApplicationExit */
  semihost(SYS_EXIT_EXTENDED, block);
  for (;;) {
  }
}

HOST_TEXT static uint32_t open_file(const char *name, uint32_t length, uint32_t mode) {
  const uint32_t block[3] = {(uint32_t)name, mode, length};
  const uint32_t handle = semihost(SYS_OPEN, block);
  if (handle == 0xFFFFFFFFu) thimble_host_exit(2);
  return handle;
}

/* SYS_READ and SYS_WRITE return the number of bytes that were NOT transferred. */
HOST_TEXT static void transfer(uint32_t operation, uint32_t handle, void *bytes, uint32_t size) {
  const uint32_t block[3] = {handle, (uint32_t)bytes, size};
  if (size != 0u && semihost(operation, block) != 0u) thimble_host_exit(2);
}

HOST_TEXT static void poison(unsigned char *begin, uint32_t size) {
  for (uint32_t i = 0; i < size; i++) ((volatile unsigned char *)begin)[i] = 0xA5u;
}

/* Armv7-M Architecture Reference Manual, B3.2: fault status and address registers. Armv6-M reads them as
 * zero. */
HOST_TEXT void thimble_host_fault(const uint32_t *frame) {
  const uint32_t status = *(volatile uint32_t *)0xE000ED28u; /* CFSR; bits 7 and 15: an address is known */
  uint32_t record[3] = {0u, status & 0x8080u, 0u};
  const uint32_t out = open_file(fault_name, sizeof fault_name - 1u, MODE_WRITE_BINARY);
  if ((status & 0x8000u) != 0u) record[2] = *(volatile uint32_t *)0xE000ED38u; /* BFAR */
  if ((status & 0x0080u) != 0u) record[2] = *(volatile uint32_t *)0xE000ED34u; /* MMFAR */
  /* The frame only where it lies on the network's stack: elsewhere reading it might fault again. */
  if (frame >= (uint32_t *)thimble_stack_begin && frame + 8 <= (uint32_t *)thimble_stack_end)
    record[0] = frame[6];
  transfer(SYS_WRITE, out, record, sizeof record);
  const uint32_t close_block[1] = {out};
  semihost(SYS_CLOSE, close_block);
  thimble_host_exit(1);
}

HOST_TEXT static unsigned char *arena_at(uint32_t index) {
#if THIMBLE_ARENAS > 1
  return THIMBLE_ARENA[index];
#else
  return THIMBLE_ARENA + 0 * index;
#endif
}

HOST_TEXT void thimble_host(void) {
  const uint32_t in = open_file(input_name, sizeof input_name - 1u, MODE_READ_BINARY);
  transfer(SYS_READ, in, header, sizeof header);
  const uint32_t count = header[2] + header[3];
  if (count > MAX_RANGES || header[0] != THIMBLE_ARENAS) thimble_host_exit(2);
  transfer(SYS_READ, in, sizes, header[0] * 4u);
  transfer(SYS_READ, in, ranges, count * 12u);
  const uint32_t out = open_file(output_name, sizeof output_name - 1u, MODE_WRITE_BINARY);
  for (uint32_t i = 0; i < header[0]; i++) poison(arena_at(i), sizes[i]);
  poison(thimble_stack_begin, (uint32_t)(thimble_stack_end - thimble_stack_begin));
  for (uint32_t run = 0; run < header[1]; run++) {
    uint32_t i = 0;
    const uint32_t *r = ranges;
    for (; i < header[2]; i++, r += 3) transfer(SYS_READ, in, arena_at(r[0]) + r[1], r[2]);
    if (thimble_call(THIMBLE_ARENA) != 0) thimble_host_exit(3);
    for (; i < count; i++, r += 3) transfer(SYS_WRITE, out, arena_at(r[0]) + r[1], r[2]);
  }
  const uint32_t close_block[1] = {out};
  semihost(SYS_CLOSE, close_block);
  thimble_host_exit(0);
}
