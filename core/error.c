/* SPDX-License-Identifier: MIT */
#include "core/error.h"

#include <sysexits.h>

G_DEFINE_QUARK(dmarcd - error, dmarcd_error)

static const int exit_codes[] = {
	[DMARCD_ERROR_INVALID] = EX_DATAERR, [DMARCD_ERROR_LIMIT] = EX_DATAERR,
	[DMARCD_ERROR_AGAIN] = EX_TEMPFAIL,  [DMARCD_ERROR_DENIED] = EX_NOPERM,
	[DMARCD_ERROR_FATAL] = EX_SOFTWARE,
};

int
dmarcd_error_exit_code(const GError *error)
{
	if (!error)
		return EX_OK;
	if (error->domain != DMARCD_ERROR || error->code < 0 ||
	    error->code >= (int)G_N_ELEMENTS(exit_codes))
		return EX_SOFTWARE;
	return exit_codes[error->code];
}
