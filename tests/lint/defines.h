/* SPDX-License-Identifier: MIT */
/* What the Makefile defines on the command line, for tools that do not read the Makefile. */
#define DMARCD_VERSION "0"
#define G_LOG_DOMAIN   "dmarcd"
