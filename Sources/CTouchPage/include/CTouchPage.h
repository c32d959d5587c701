#ifndef CTOUCHPAGE_H
#define CTOUCHPAGE_H

#include <stddef.h>

/// A file of the touch panel's page.
struct touch_page_file {
  /// Its name, such as `panel.js`.
  const char *name;
  /// Its first byte.
  const unsigned char *start;
  /// The byte after its last.
  const unsigned char *end;
};

/// The first of the page's files.
const struct touch_page_file *touch_page_files_start(void);
/// How many there are.
size_t touch_page_file_count(void);

#endif
