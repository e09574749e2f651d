/* The part of <string.h> that compilers call by themselves and emitted C may use. Bare-metal firmware is
 * built with it, so that neither sizes nor counts depend on which C library is installed. */
#ifndef THIMBLE_STRING_H
#define THIMBLE_STRING_H
#include <stddef.h>
void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int value, size_t n);
int memcmp(const void *a, const void *b, size_t n);
#endif
