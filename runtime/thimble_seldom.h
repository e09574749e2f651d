/* Functions that run seldom, or for long: small code matters more than their calls. */
#ifndef THIMBLE_SELDOM_H
#define THIMBLE_SELDOM_H

#ifdef __GNUC__
#define THIMBLE_SELDOM __attribute__((noinline))
#else
#define THIMBLE_SELDOM
#endif

#endif
