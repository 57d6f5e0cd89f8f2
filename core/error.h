/* SPDX-License-Identifier: MIT */
/*
 * error.h - one error domain whose code tells the caller what to do; the text tells a human why.
 *
 *   INVALID  the input is not what it claims to be: quarantine it
 *   LIMIT    the input is over a limit, named in the text: quarantine it
 *   AGAIN    trouble that passes (store busy, disk full, network): leave the mail, back off, retry
 *   DENIED   a person has to change something (permission, password, configuration): say so
 *   FATAL    going on would do harm: stop
 *
 * Text starts without a capital, names the thing, the cause and, where one exists, the cure. Add
 * context on the way up with g_prefix_error(). Errors of GLib and GIO are mapped here at the border
 * where they enter.
 */
#ifndef CORE_ERROR_H
#define CORE_ERROR_H

#include <glib.h>

enum dmarcd_error {
	DMARCD_ERROR_INVALID,
	DMARCD_ERROR_LIMIT,
	DMARCD_ERROR_AGAIN,
	DMARCD_ERROR_DENIED,
	DMARCD_ERROR_FATAL,
};

#define DMARCD_ERROR dmarcd_error_quark()

GQuark dmarcd_error_quark(void);

/* The <sysexits.h> code for error: 65 data, 75 try later, 77 permission, 70 software. */
int dmarcd_error_exit_code(const GError *error);

#endif
