#error "main.c is an example for users and no part of the firmware that Thimble builds"
