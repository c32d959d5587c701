#pragma once
#include <netinet/in.h>
#include <stddef.h>
#include <usrsctp.h>

// Swift doesn't see functions that take a pointer to a variadic function. Nothing is printed.
static inline void salle_usrsctp_initialize(
    int (*output)(void *address, void *packet, size_t length, uint8_t tos, uint8_t set_df)) {
  usrsctp_init_nothreads(0, output, NULL);
}
