/* SPDX-License-Identifier: MIT */
/*
 * banned.h - functions that must not be called. Force-included into every file of ours.
 *
 * Each has a safe relation in GLib: g_strlcpy, g_strdup_printf, g_strsplit, GDateTime,
 * g_ascii_string_to_signed. A use is a compile error, not a matter of taste.
 */
#ifndef CORE_BANNED_H
#define CORE_BANNED_H

/* The declarations come first: poisoned names may not even be declared. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok gets
#pragma GCC poison gmtime localtime ctime asctime atoi atol atoll atof

#endif
