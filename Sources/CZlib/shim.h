#pragma once
#include <zlib.h>

// Swift doesn't see macros with arguments: this stands for inflateInit2, for a stream with gzip's header (RFC 1952).

static inline int czlib_inflate_gzip_init(z_stream *stream) {
  return inflateInit2(stream, 15 + 16);
}
