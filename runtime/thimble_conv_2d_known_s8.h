/* For kernels that leave their work to thimble_conv_2d_known_s8, which is declared with them. */
#ifndef THIMBLE_CONV_2D_KNOWN_S8_H
#define THIMBLE_CONV_2D_KNOWN_S8_H

#include "thimble_conv.h"

#endif
