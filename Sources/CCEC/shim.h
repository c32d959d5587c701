#pragma once
#include <linux/cec.h>
