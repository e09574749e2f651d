/* QEMU plugin (TCG plugin API, version 1): counts what a network executes from the entry to the return of
 * NAME_run and stops the machine at the first access outside its memory.
 *
 * No distribution packages qemu-plugin.h, so the few functions used are declared here, from QEMU's manual
 * "QEMU TCG Plugins". Built for the host at run time. Argument: config=FILE, lines of
 *   begin ADDRESS          first instruction of NAME_run
 *   end ADDRESS            where it returns to
 *   fault ADDRESS          the fault handler
 *   text BEGIN END         the network's code; nothing else may be executed meanwhile
 *   limit N                instructions per inference
 *   aligned 0|1            1: unaligned accesses are errors
 *   range BEGIN END REGION WRITABLE STACK
 *   mark ADDRESS SLOT      an instruction from which on is counted for a slot; before the first for slot 0
 * (numbers in C notation), and result=FILE, which receives lines for each inference,
 *   slot INSTRUCTIONS LOADS STORES [LOADS STORES ...]   for each slot in turn, pairs by region
 *   run LOWEST_STACK_ADDRESS
 * and possibly a last line
 *   stop KIND ADDRESS SIZE INSTRUCTION_ADDRESS      KIND: read, write, unaligned, fault, limit, jump */
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
enum qemu_plugin_mem_rw { QEMU_PLUGIN_MEM_R = 1, QEMU_PLUGIN_MEM_W, QEMU_PLUGIN_MEM_RW };
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t,
                                           void (*)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, void (*)(unsigned, void *),
                                          enum qemu_plugin_cb_flags, void *);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *,
                                      void (*)(unsigned, qemu_plugin_meminfo_t, uint64_t, void *),
                                      enum qemu_plugin_cb_flags, enum qemu_plugin_mem_rw, void *);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *),
                                            enum qemu_plugin_cb_flags, void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t);
unsigned qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t);

EXPORT int qemu_plugin_version = 1;

#define MAX_RANGES 16
#define MAX_REGIONS 16
#define MAX_SLOTS 4096

struct range {
  uint64_t begin, end;
  int region, writable, stack;
};
struct tally {
  uint64_t instructions, loads[MAX_REGIONS], stores[MAX_REGIONS];
};
struct mark {
  uint64_t address;
  struct tally *tally;
  struct mark *next;
};
struct mark_in_block { /* with the instructions of the block from the mark on */
  struct tally *tally;
  uint64_t rest;
};
struct block { /* a translated block; kept for the life of the process, as its callbacks may fire until the
                  end */
  uint64_t address, last, instructions;
};

static struct range ranges[MAX_RANGES];
static int range_count, region_count, aligned, active;
static uint64_t begin_address, end_address, fault_address, text_begin, text_end;
static uint64_t limit = UINT64_MAX;
static uint64_t instructions, lowest;
static struct tally tallies[MAX_SLOTS], *now;
static int slot_count = 1;
static struct mark *marks;
static const struct block *current;
static FILE *result;

static void stop(const char *kind, uint64_t address, uint64_t size, uint64_t instruction) {
  fprintf(result, "stop %s %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", kind, address, size, instruction);
  fclose(result);
  _Exit(0);
}

static void on_memory(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t address, void *instruction) {
  (void)vcpu;
  if (!active) return;
  const uint64_t size = (uint64_t)1 << qemu_plugin_mem_size_shift(info);
  const int is_store = qemu_plugin_mem_is_store(info);
  for (int i = 0; i < range_count; i++) {
    const struct range *range = &ranges[i];
    if (address < range->begin || address + size > range->end) continue;
    if (is_store && !range->writable) break;
    /* Accesses of more than a word are Helium's or two words; a word is what must be aligned. */
    if (aligned && (address & ((size < 4 ? size : 4) - 1)) != 0) {
      stop("unaligned", address, size, (uint64_t)(uintptr_t)instruction);
    }
    if (range->stack && address < lowest) lowest = address;
    if (is_store) {
      now->stores[range->region]++;
    } else {
      now->loads[range->region]++;
    }
    return;
  }
  stop(is_store ? "write" : "read", address, size, (uint64_t)(uintptr_t)instruction);
}

static void finish_run(void) {
  active = 0;
  for (int s = 0; s < slot_count; s++) {
    const struct tally *tally = &tallies[s];
    fprintf(result, "slot %" PRIu64, tally->instructions);
    for (int i = 0; i < region_count; i++)
      fprintf(result, " %" PRIu64 " %" PRIu64, tally->loads[i], tally->stores[i]);
    fputc('\n', result);
  }
  fprintf(result, "run %" PRIu64 "\n", lowest);
  fflush(result);
}

static void on_block(unsigned vcpu, void *data) {
  const struct block *block = data;
  (void)vcpu;
  if (!active && block->address == begin_address) {
    active = 1;
    instructions = 0;
    lowest = UINT64_MAX;
    memset(tallies, 0, sizeof tallies[0] * (size_t)slot_count);
    now = tallies;
  }
  if (!active) return;
  if (block->address == end_address) {
    finish_run();
    return;
  }
  if (block->address == fault_address) { /* the handler writes down what it knows and ends the machine */
    active = 0;
    fprintf(result, "stop fault 0 0 %" PRIu64 "\n", current != NULL ? current->last : 0);
    fflush(result);
    return;
  }
  if (block->address < text_begin || block->address >= text_end) {
    stop("jump", block->address, 0, current != NULL ? current->last : 0);
  }
  current = block;
  instructions += block->instructions;
  now->instructions += block->instructions;
  if (instructions > limit) stop("limit", 0, 0, block->address);
}

/* Behind on_block, which has counted the whole block for what came before. */
static void on_mark(unsigned vcpu, void *data) {
  const struct mark_in_block *mark = data;
  (void)vcpu;
  if (!active) return;
  now->instructions -= mark->rest;
  now = mark->tally;
  now->instructions += mark->rest;
}

static void watch_marks(struct qemu_plugin_insn *instruction, uint64_t rest) {
  const uint64_t address = qemu_plugin_insn_vaddr(instruction);
  for (const struct mark *mark = marks; mark != NULL; mark = mark->next) {
    if (mark->address != address) continue;
    struct mark_in_block *here = malloc(sizeof *here); /* for the life of the process, as blocks are */
    if (here == NULL) exit(1);
    here->tally = mark->tally;
    here->rest = rest;
    qemu_plugin_register_vcpu_insn_exec_cb(instruction, on_mark, QEMU_PLUGIN_CB_NO_REGS, here);
  }
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb) {
  const size_t count = qemu_plugin_tb_n_insns(tb);
  struct block *block = malloc(sizeof *block);
  (void)id;
  if (block == NULL) exit(1);
  block->instructions = count;
  for (size_t i = 0; i < count; i++) {
    struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(tb, i);
    block->last = qemu_plugin_insn_vaddr(instruction);
    if (i == 0) block->address = block->last;
    qemu_plugin_register_vcpu_mem_cb(instruction, on_memory, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW,
                                     (void *)(uintptr_t)block->last);
    watch_marks(instruction, count - i);
  }
  qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, QEMU_PLUGIN_CB_NO_REGS, block);
}

static int read_config(const char *path) {
  FILE *file = fopen(path, "r");
  char line[256];
  if (file == NULL) return 0;
  while (fgets(line, sizeof line, file) != NULL) {
    char *value = strchr(line, ' ');
    if (value == NULL) return 0;
    *value++ = 0;
    const uint64_t number = strtoull(value, &value, 0);
    if (strcmp(line, "begin") == 0) begin_address = number;
    if (strcmp(line, "end") == 0) end_address = number;
    if (strcmp(line, "fault") == 0) fault_address = number;
    if (strcmp(line, "text") == 0) {
      text_begin = number;
      text_end = strtoull(value, &value, 0);
    }
    if (strcmp(line, "limit") == 0) limit = number;
    if (strcmp(line, "aligned") == 0) aligned = (int)number;
    if (strcmp(line, "mark") == 0) {
      const int slot = (int)strtoull(value, &value, 0);
      struct mark *mark = malloc(sizeof *mark);
      if (mark == NULL || slot < 0 || slot >= MAX_SLOTS) return 0;
      mark->address = number;
      mark->tally = &tallies[slot];
      mark->next = marks;
      marks = mark;
      if (slot >= slot_count) slot_count = slot + 1;
    }
    if (strcmp(line, "range") == 0) {
      if (range_count == MAX_RANGES) return 0;
      struct range *range = &ranges[range_count++];
      range->begin = number;
      range->end = strtoull(value, &value, 0);
      range->region = (int)strtoull(value, &value, 0);
      range->writable = (int)strtoull(value, &value, 0);
      range->stack = (int)strtoull(value, &value, 0);
      if (range->region < 0 || range->region >= MAX_REGIONS) return 0;
      if (range->region >= region_count) region_count = range->region + 1;
    }
  }
  fclose(file);
  return 1;
}

EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv) {
  const char *config = NULL;
  (void)info;
  for (int i = 0; i < argc; i++) {
    if (strncmp(argv[i], "config=", 7) == 0) config = argv[i] + 7;
    if (strncmp(argv[i], "result=", 7) == 0) result = fopen(argv[i] + 7, "w");
  }
  if (config == NULL || result == NULL || !read_config(config)) return 1;
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
  return 0;
}
