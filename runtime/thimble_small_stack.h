/* Included first by kernels that keep more values than a core has registers: left to itself GCC moves all that it can
 * out of their loops, and what does not fit into registers then lies on the stack. */
#ifndef THIMBLE_SMALL_STACK_H
#define THIMBLE_SMALL_STACK_H

#if defined(__GNUC__) && !defined(__clang__)
#ifdef __ARM_ARCH_6M__
/* There even what stays in loops is spilled, and the loops that count are in assembler (thimble_v6m.c). */
#pragma GCC optimize("Os")
#endif
#pragma GCC optimize("no-tree-pre", "no-gcse", "no-tree-loop-im", "no-schedule-insns", "no-tree-ch", "no-ivopts")
#endif

#endif
