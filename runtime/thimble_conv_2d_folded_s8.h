/* For kernels that leave their work to thimble_conv_2d_folded_s8. */
#ifndef THIMBLE_CONV_2D_FOLDED_S8_H
#define THIMBLE_CONV_2D_FOLDED_S8_H

#include "thimble_conv.h"

#endif
