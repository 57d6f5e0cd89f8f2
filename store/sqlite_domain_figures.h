/* SPDX-License-Identifier: MIT */
/*
 * sqlite_domain_figures.h - the own volume of a domain, which its sources are judged by.
 */
#ifndef STORE_SQLITE_DOMAIN_FIGURES_H
#define STORE_SQLITE_DOMAIN_FIGURES_H

#include <glib.h>

#include "core/facts.h"
#include "store/sqlite_handle.h"

/*
 * The domain's own volume: of the last 30 days, or of before where there is none in them. Of a
 * domain whose sources were never settled a guess, by the days of the whole domain: what is judged
 * by it is judged again where it was wrong, and mostly it is not.
 */
gboolean context_domain_figures(struct db *db, guint32 domain,
				struct domain_figures figures[N_SIDES], GError **error);

#endif
