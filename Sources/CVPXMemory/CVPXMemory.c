// libvpx's allocator, replaced when the program is linked with the static library.
//
// libvpx's own vpx_calloc writes zeroes over all that it gives out, and so makes even those tables resident that an
// encoder hardly uses: 29 MB for the coded tokens of three simulcast layers. The C library's calloc takes large blocks
// from the kernel, which are zero until they are written to, and costs memory only then.

#include <stdlib.h>

void *vpx_memalign(size_t alignment, size_t size) {
  void *memory = NULL;
  // Callers ask for powers of two, some of them below the least alignment that POSIX knows.
  if (alignment < sizeof(void *)) alignment = sizeof(void *);
  return posix_memalign(&memory, alignment, size) == 0 ? memory : NULL;
}

void *vpx_malloc(size_t size) { return malloc(size); }

void *vpx_calloc(size_t count, size_t size) { return calloc(count, size); }

void vpx_free(void *memory) { free(memory); }
