#pragma once
// Nothing to call: the target replaces functions inside of libvpx when the program is linked.
