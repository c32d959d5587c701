#include "CTouchPage.h"

// The assembler puts the files of `page` into the program as they are. The build doesn't see when one changes: after an
// edit this file has to be compiled anew (`touch`).
#define EMBED(symbol, file)                                                                                            \
  __asm__(".section .rodata\n.balign 16\n" #symbol ":\n.incbin \"" file "\"\n" #symbol "_end:\n.previous\n");          \
  extern const unsigned char symbol[], symbol##_end[];

#define FILES(each)                                                                                                    \
  each(index_html, "index.html")                                                                                       \
  each(panel_css, "panel.css")                                                                                         \
  each(icon_svg, "icon.svg")                                                                                           \
  each(panel_js, "panel.js")                                                                                           \
  each(connection_js, "connection.js")                                                                                 \
  each(room_js, "room.js")                                                                                             \
  each(texts_js, "texts.js")                                                                                           \
  each(elements_js, "elements.js")                                                                                     \
  each(icons_js, "icons.js")                                                                                           \
  each(idle_js, "idle.js")                                                                                             \
  each(meeting_js, "meeting.js")                                                                                       \
  each(service_js, "service.js")

FILES(EMBED)

#define ENTRY(symbol, file) {file, symbol, symbol##_end},

static const struct touch_page_file files[] = {FILES(ENTRY)};

const struct touch_page_file *touch_page_files_start(void) { return files; }
size_t touch_page_file_count(void) { return sizeof files / sizeof *files; }
