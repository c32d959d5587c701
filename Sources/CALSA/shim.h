#pragma once
// First: without the C library's macros ALSA's headers declare struct timespec and timeval a second time, and the
// compiler takes them for ALSA's.
#include <features.h>
#include <sys/time.h>
#include <time.h>

#include <alsa/asoundlib.h>

static inline void salle_alsa_discard(
    const char *file, int line, const char *function, int error, const char *format, ...) {
  (void)file, (void)line, (void)function, (void)error, (void)format;
}

/// Keeps ALSA's library from writing to the standard error stream what its functions return as well.
static inline void salle_alsa_be_quiet(void) { snd_lib_error_set_handler(salle_alsa_discard); }
